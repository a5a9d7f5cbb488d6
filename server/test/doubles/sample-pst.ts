import { Buffer } from 'node:buffer'
import { PidNameKeywords, PidTagMessageFlags } from '../../src/formats/mapi/properties-message.ts'
import { named, propertySets } from '../../src/formats/mapi/property.ts'
import { createPst } from '../../src/formats/pst/create-pst.ts'
import { aMessage, fileAttachment, messageAttachment, patternBytes } from './mapi-messages.ts'

const recurrence = named('PidLidAppointmentRecur', propertySets.appointment, 0x8216, 'binary')

/** Every day from 2026-01-05 on, ten times, without exceptions ([MS-OXOCAL] 2.2.1.44). */
const daily = (): Buffer => {
  const blob = Buffer.alloc(76)
  const start = Math.round((Date.UTC(2026, 0, 5) - Date.UTC(1601, 0, 1)) / 60_000)
  for (const [at, value] of [
    [0, 0x3004],
    [2, 0x3004],
    [4, 0x200a],
  ] as const)
    blob.writeUInt16LE(value, at)
  const longs = [start % 1440, 1440, 0, 0x2022, 10, 0, 0, 0, start, start + 9 * 1440, 0x3006, 0x3009, 540, 600]
  for (const [index, value] of longs.entries()) blob.writeUInt32LE(value, 10 + 4 * index)
  return blob.subarray(0, 10 + 4 * longs.length + 2 + 4 + 4)
}

export type SampleSize = {
  /** Small messages in one folder. */
  readonly messages: number
  readonly attachmentsOfOne: number
  readonly largestBytes: number
  readonly cryptMethod: 'none' | 'permute'
}

/** A store with a bit of everything, made by the writer of the product. */
export const samplePst = async ({
  messages,
  attachmentsOfOne,
  largestBytes,
  cryptMethod,
}: SampleSize): Promise<Uint8Array> => {
  let bytes = new Uint8Array(271_360)
  let sizeBytes = 0
  let seed = 1
  const signal = new AbortController().signal
  const writer = createPst({
    file: {
      write: async (offset, part) => {
        sizeBytes = Math.max(sizeBytes, offset + part.length)
        if (sizeBytes > bytes.length) {
          const larger = new Uint8Array(sizeBytes * 2)
          larger.set(bytes)
          bytes = larger
        }
        bytes.set(part, offset)
      },
    },
    displayName: 'Sample',
    now: () => Date.UTC(2026, 0, 1),
    randomBytes: (count) => {
      seed++
      return patternBytes(count, seed)
    },
    cryptMethod,
  })
  const inbox = writer.addFolder(['Inbox'], 'IPF.Note')
  const below = writer.addFolder(['Inbox', 'Süden'], 'IPF.Note')
  const calendar = writer.addFolder(['Calendar'], 'IPF.Appointment')
  for (let number = 0; number < messages; number++) {
    const message = aMessage()
    message.properties.set(PidTagMessageFlags, number % 2)
    if (number % 10 === 0) message.properties.set(PidNameKeywords, ['red', 'grün'])
    await writer.add(inbox, message, signal)
  }
  const inner = aMessage({ attachments: [fileAttachment('inner.bin', patternBytes(4000))] })
  const attachments = [
    fileAttachment(
      'large.bin',
      ...Array.from({ length: Math.ceil(largestBytes / 65_536) }, (_, part) => patternBytes(65_536, part)),
    ),
    messageAttachment(inner),
    ...Array.from({ length: attachmentsOfOne }, (_, number) =>
      fileAttachment(`${number}.txt`, patternBytes(10, number)),
    ),
  ]
  await writer.add(below, aMessage({ attachments }), signal)
  const event = aMessage()
  event.properties.set(recurrence, daily())
  await writer.add(calendar, event, signal)
  await writer.finish()
  return bytes.slice(0, sizeBytes)
}
