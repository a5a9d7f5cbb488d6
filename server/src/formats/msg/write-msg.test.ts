import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aMessage,
  aRecipient,
  fileAttachment,
  messageAttachment,
  patternBytes,
} from '../../../test/doubles/mapi-messages.ts'
import { type ReadObject, readMsg, readStreams } from '../../../testkit/read-msg.ts'
import type { MapiMessage } from '../mapi/message.ts'
import { PidTagAttachMimeTag, PidTagAttachmentHidden } from '../mapi/properties-attachment.ts'
import {
  messageFlags,
  PidNameKeywords,
  PidTagBody,
  PidTagClientSubmitTime,
  PidTagHtml,
  PidTagImportance,
  PidTagMessageClass,
  PidTagMessageFlags,
  PidTagSubject,
  PidTagSubjectPrefix,
} from '../mapi/properties-message.ts'
import {
  createPropertyBag,
  named,
  type Property,
  type PropertyBag,
  type PropertyEntry,
  propertySets,
  propertyTypes,
  tagged,
} from '../mapi/property.ts'
import { verifyMsg } from '../msg-check/verify-msg.ts'
import { createMemoryFile } from './memory-file.ts'
import { msgBytes } from './msg-bytes.ts'
import { writeMsg } from './write-msg.ts'

const { signal } = new AbortController()

const written = async (message: MapiMessage): Promise<Uint8Array> => {
  const bytes = await msgBytes(message, 256 * 1024 * 1024, signal)
  if (!bytes) throw new Error('larger than the limit')
  const read = async (offset: number, lengthBytes: number) => bytes.subarray(offset, offset + lengthBytes)
  const { faults, warnings } = await verifyMsg({ sizeBytes: bytes.length, read }, { signal })
  expect([...faults, ...warnings]).toEqual([])
  return bytes
}

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(4, '0')
const keyOf = ({ key }: Property): string => {
  if ('id' in key) return hex(key.id)
  return `{${key.set}} ${'name' in key ? JSON.stringify(key.name) : hex(key.lid)}`
}

const plain = (value: unknown): unknown => (value instanceof Uint8Array ? Buffer.from(value) : value)
const asStored = ({ property, value }: PropertyEntry): unknown => {
  if (property.type === 'time') return BigInt(value as number) * 10_000n + 116_444_736_000_000_000n
  if (property.type === 'string') return (value as string).toWellFormed().replaceAll('\0', '')
  return Array.isArray(value) ? value.map(plain) : plain(value)
}

/** Each property of the bag is there with its type and value. */
const expectHeld = (read: ReadObject | undefined, bag: PropertyBag): void => {
  for (const entry of bag.entries()) {
    const key = keyOf(entry.property)
    expect(read?.properties.get(key), key).toEqual({
      type: hex(propertyTypes[entry.property.type]),
      value: asStored(entry),
    })
  }
}

const held = (read: ReadObject | undefined, key: string): unknown => read?.properties.get(key)?.value

/** One property of each type, by id and by name, beside what is in the bag. */
const everyType = (bag = createPropertyBag()): PropertyBag =>
  bag
    .set(PidTagMessageClass, 'IPM.Note')
    .set(tagged('Int16', 0x6801, 'int16'), -2)
    .set(tagged('Int32', 0x6802, 'int32'), -70_000)
    .set(tagged('Unsigned', 0x6803, 'int32'), 0x7fffffff)
    .set(tagged('Float64', 0x6804, 'float64'), 0.1)
    .set(tagged('True', 0x6805, 'boolean'), true)
    .set(tagged('False', 0x6806, 'boolean'), false)
    .set(tagged('Int64', 0x6807, 'int64'), -(2n ** 62n))
    .set(tagged('Text', 0x6808, 'string'), 'Grüße, 日本 \u{1F600}, שלום')
    .set(tagged('EmptyText', 0x6809, 'string'), '')
    .set(tagged('Time', 0x680a, 'time'), Date.UTC(2026, 10, 22, 4, 5, 6, 789))
    .set(tagged('EarlyTime', 0x680b, 'time'), Date.UTC(1601, 0, 1))
    .set(tagged('Guid', 0x680c, 'guid'), patternBytes(16, 9))
    .set(tagged('Bytes', 0x680d, 'binary'), patternBytes(5000))
    .set(tagged('NoBytes', 0x680e, 'binary'), new Uint8Array(0))
    .set(tagged('Numbers', 0x680f, 'int32s'), [0, -1, 2 ** 31 - 1])
    .set(tagged('Texts', 0x6810, 'strings'), ['Rot', '', 'Grün'])
    .set(tagged('ByteLists', 0x6811, 'binaries'), [patternBytes(3), new Uint8Array(0), patternBytes(5000)])
    .set(named('Lid', propertySets.appointment, 0x820d, 'time'), Date.UTC(2026, 1, 1))
    .set(named('KnownSet', propertySets.publicStrings, 'Keywords', 'strings'), ['a'])
    .set(named('OddName', propertySets.internetHeaders, 'x-odd', 'string'), 'odd')

describe('an MSG file', () => {
  test('holds every type of property, on all its objects', async () => {
    const attachment = { ...fileAttachment('a.bin', patternBytes(10)), properties: everyType() }
    const read = readMsg(
      await written({ properties: everyType(), recipients: [everyType(aRecipient('Bob'))], attachments: [attachment] }),
    )
    for (const object of [read, read.recipients[0], read.attachments[0]]) expectHeld(object, everyType())
  })

  test('leaves out a list without values', async () => {
    const list = tagged('Texts', 0x6810, 'strings')
    const read = readMsg(await written(aMessage({ properties: everyType().set(list, []) })))
    expect(read.properties.has('6810')).toBe(false)
  })

  test('holds what Outlook expects of every message', async () => {
    const sentAt = Date.UTC(2026, 1, 2)
    const read = readMsg(
      await written(
        aMessage({
          properties: createPropertyBag()
            .set(PidTagMessageClass, 'IPM.Note')
            .set(PidTagSubject, 'RE: Lunch')
            .set(PidTagSubjectPrefix, 'RE: ')
            .set(PidTagClientSubmitTime, sentAt),
          recipients: [aRecipient('Ann'), aRecipient('Bob'), aRecipient('Cy', 2)],
        }),
      ),
    )
    const sentTicks = BigInt(sentAt) * 10_000n + 116_444_736_000_000_000n
    const expected = {
      '0017': 1,
      '0037': 'RE: Lunch',
      '003D': 'RE: ',
      '0070': 'Lunch',
      '0E1D': 'Lunch',
      '0E02': '',
      '0E03': 'Cy',
      '0E04': 'Ann; Bob',
      '0E06': sentTicks,
      '0E07': messageFlags.read,
      '0E1B': false,
      '3007': sentTicks,
      '3008': sentTicks,
      '340D': 0x00040e79,
      '3FDE': 65001,
      '3FF1': 1033,
      '3FFD': 65001,
    }
    for (const [key, value] of Object.entries(expected)) expect(held(read, key), key).toEqual(value)
    expect(held(read, '300B')).toHaveLength(16)
  })

  test('prefers what the message says itself, but counts its attachments', async () => {
    const flags = messageFlags.unsent | messageFlags.hasAttachment
    const properties = createPropertyBag()
      .set(PidTagMessageClass, 'IPM.Note')
      .set(PidTagImportance, 2)
      .set(PidTagMessageFlags, flags)
    const hidden = fileAttachment('logo.png', patternBytes(3))
    hidden.properties.set(PidTagAttachmentHidden, true)
    const draft = readMsg(await written(aMessage({ properties, attachments: [hidden] })))
    expect(held(draft, '0017')).toBe(2)
    expect(held(draft, '0E07')).toBe(messageFlags.unsent)
    expect(held(draft, '0E1B')).toBe(false)
    const visible = readMsg(
      await written(aMessage({ properties, attachments: [hidden, fileAttachment('b', patternBytes(1))] })),
    )
    expect(held(visible, '0E07')).toBe(flags)
    expect(held(visible, '0E1B')).toBe(true)
  })

  test('numbers its recipients and attachments', async () => {
    const recipients = Array.from({ length: 3 }, (_, index) => aRecipient(`Person ${index}`))
    const attachments = Array.from({ length: 3 }, (_, index) =>
      fileAttachment(`${index}.txt`, patternBytes(index * 3000)),
    )
    const read = readMsg(await written(aMessage({ recipients, attachments })))
    for (const [index, recipient] of read.recipients.entries()) {
      expectHeld(recipient, recipients[index]!)
      expect(held(recipient, '3000')).toBe(index)
      expect(held(recipient, '0FF6')).toEqual(Buffer.from([index, 0, 0, 0]))
      expect(held(recipient, '0FFE')).toBe(6)
    }
    for (const [index, attachment] of read.attachments.entries()) {
      expectHeld(attachment, attachments[index]!.properties)
      const expected = { '0E21': index, '3705': 1, '370B': -1, '0FFE': 7, '340D': 0x00040e79, '7FFE': false }
      for (const [key, value] of Object.entries(expected)) expect(held(attachment, key), key).toEqual(value)
      expect(held(attachment, '0FF9')).toEqual(Buffer.from([index, 0, 0, 0]))
      expect(held(attachment, '3701')).toEqual(patternBytes(index * 3000))
      expect(held(attachment, '7FFB')).toBe(0x0cb34557a3dd4000n)
    }
    // What the content has more, the size has more.
    const sizeOf = (index: number) => held(read.attachments[index], '0E20') as number
    expect(sizeOf(2) - sizeOf(1)).toBe(3000)
  })

  test('holds messages in messages, with one map of names for all', async () => {
    const level = (depth: number): MapiMessage => ({
      properties: createPropertyBag()
        .set(PidTagMessageClass, 'IPM.Note')
        .set(PidTagSubject, `Level ${depth}`)
        .set(named(`Own${depth}`, propertySets.common, 0x8500 + depth, 'int32'), depth),
      recipients: [aRecipient(`Person ${depth}`)],
      attachments: [
        fileAttachment(`${depth}.bin`, patternBytes(4000 + depth * 50)),
        ...(depth < 5 ? [messageAttachment(level(depth + 1))] : []),
      ],
    })
    const bytes = await written(level(0))
    expect([...readStreams(bytes).keys()].filter((path) => path.includes('/__nameid'))).toEqual([])
    let read: ReadObject | undefined = readMsg(bytes)
    for (let depth = 0; depth <= 5; depth++) {
      expectHeld(read, level(depth).properties)
      expect(held(read?.attachments[0], '3701')).toEqual(patternBytes(4000 + depth * 50))
      if (depth < 5) {
        expect(held(read?.attachments[1], '3705')).toBe(5)
        expect(held(read?.attachments[1], '3001')).toBe(`Level ${depth + 1}`)
      }
      read = read?.attachments[1]?.message
    }
    expect(read).toBeUndefined()
  })

  test.each([0, 1, 2000])('holds %i recipients', async (count) => {
    const recipients = Array.from({ length: count }, (_, index) => aRecipient(`Person ${index}`))
    const read = readMsg(await written(aMessage({ recipients })))
    expect(read.recipients.length).toBe(count)
    for (const [index, recipient] of read.recipients.entries()) expectHeld(recipient, recipients[index]!)
  })

  test('holds 500 attachments', async () => {
    const attachments = Array.from({ length: 500 }, (_, index) =>
      fileAttachment(`${index}`, patternBytes(index * 20, index)),
    )
    const read = readMsg(await written(aMessage({ attachments })))
    expect(read.attachments.length).toBe(500)
    for (const [index, attachment] of read.attachments.entries())
      expect((held(attachment, '3701') as Buffer).equals(patternBytes(index * 20, index))).toBe(true)
  })

  test('maps 40 names, several of them to one bucket', async () => {
    const properties = createPropertyBag().set(PidTagMessageClass, 'IPM.Appointment').set(PidNameKeywords, ['Rot'])
    for (let index = 0; index < 39; index++)
      properties.set(named(`n${index}`, propertySets.common, 0x8500 + index, 'int32'), index)
    const bytes = await written(aMessage({ properties }))
    expectHeld(readMsg(bytes), properties)
    const streams = readStreams(bytes)
    const bucket = (id: number) => streams.get(`__nameid_version1.0/__substg1.0_${hex(0x1000 + id)}0102`)
    // The bucket of “Keywords” is known from files that Outlook wrote.
    const keywords = bucket(0x15)!
    expect(Array.from({ length: keywords.length / 8 }, (_, at) => keywords.readUInt16LE(at * 8 + 4))).toContain(5)
    const filled = Array.from({ length: 31 }, (_, id) => (bucket(id)?.length ?? 0) / 8)
    expect(filled.reduce((sum, count) => sum + count, 0)).toBe(40)
    expect(Math.max(...filled)).toBeGreaterThan(1)
  })

  test('has an empty map where nothing is named', async () => {
    const streams = readStreams(await written(aMessage()))
    for (const id of ['0002', '0003', '0004'])
      expect(streams.get(`__nameid_version1.0/__substg1.0_${id}0102`)?.length).toBe(0)
  })

  test('holds any texts', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 })
    const anyText = fc.oneof(
      text,
      fc.constantFrom('', 'a\0b', '\ud800', 'x\udc00y', '\u{1F600}', 'שלום‏', 'é'.repeat(255)),
    )
    // One that begins with U+0001 would be that of a PST; the projection leaves control characters out.
    const anySubject = anyText.filter((value) => value.replaceAll('\0', '').charCodeAt(0) !== 1)
    await fc.assert(
      fc.asyncProperty(anySubject, anyText, fc.array(anyText, { maxLength: 4 }), async (subject, body, keywords) => {
        const properties = createPropertyBag()
          .set(PidTagMessageClass, 'IPM.Note')
          .set(PidTagSubject, subject)
          .set(PidTagBody, body)
        const listed = createPropertyBag().set(PidNameKeywords, keywords.length === 0 ? undefined : keywords)
        const all = createPropertyBag()
        for (const { property, value } of [...properties.entries(), ...listed.entries()]) all.set(property, value)
        const read = readMsg(await written(aMessage({ properties: all })))
        expectHeld(read, properties)
        const wellFormed = keywords.map((word) => word.toWellFormed().replaceAll('\0', ''))
        expect(held(read, keyOf(PidNameKeywords))).toEqual(keywords.length === 0 ? undefined : wellFormed)
      }),
      { numRuns: 60 },
    )
  })

  test('is the same for the same message, through memory and through a file', async () => {
    const message = aMessage({
      properties: everyType().set(PidTagHtml, patternBytes(9000)),
      attachments: [fileAttachment('a', patternBytes(70_000)), messageAttachment(aMessage())],
    })
    const first = await written(message)
    expect(Buffer.from(await written(message)).equals(first)).toBe(true)
    const file = createMemoryFile()
    expect(await writeMsg(message, { file, signal })).toEqual({ sizeBytes: first.length })
    expect(Buffer.from(file.bytes()).equals(first)).toBe(true)
  })

  test('starts with the class of MSG', async () => {
    const bytes = Buffer.from(await written(aMessage()))
    const root = (bytes.readUInt32LE(48) + 1) * 512
    expect(bytes.toString('utf16le', root, root + 20)).toBe('Root Entry')
    expect(bytes.toString('hex', root + 80, root + 96)).toBe('0b0d020000000000c000000000000046')
  })
})

describe('what MSG cannot hold', () => {
  test('is refused before 2 GB are passed', async () => {
    const zeros = new Uint8Array(1024 * 1024)
    let writtenBytes = 0
    const file = {
      write: async (_: number, bytes: Uint8Array) => {
        writtenBytes += bytes.length
      },
    }
    async function* endless() {
      for (;;) yield zeros
    }
    const attachment = { properties: createPropertyBag(), content: { kind: 'bytes' as const, open: endless } }
    const refused = writeMsg(aMessage({ attachments: [attachment] }), { file, signal })
    await expect(refused).rejects.toMatchObject({ code: 'export_too_large', details: { format: 'MSG' } })
    expect(writtenBytes).toBeLessThan(2 ** 31)
    expect(writtenBytes).toBeGreaterThan(2 ** 31 - 32 * 1024 * 1024)
  })

  test('has no bytes above the limit of memory', async () => {
    const message = aMessage({ attachments: [fileAttachment('a', patternBytes(100_000))] })
    const { length } = await written(message)
    expect((await msgBytes(message, length, signal))?.length).toBe(length)
    expect(await msgBytes(message, length - 1, signal)).toBeUndefined()
  })
})

describe('the end of a write', () => {
  test('an abort ends it between two chunks', async () => {
    const ending = new AbortController()
    async function* chunks() {
      yield patternBytes(5000)
      ending.abort(new Error('enough'))
      yield patternBytes(5000)
    }
    const attachment = {
      properties: createPropertyBag().set(PidTagAttachMimeTag, 'a/b'),
      content: { kind: 'bytes' as const, open: chunks },
    }
    await expect(msgBytes(aMessage({ attachments: [attachment] }), 1e6, ending.signal)).rejects.toThrow('enough')
  })

  test('the failure of a source or a file is passed on', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield patternBytes(10)
      throw new Error('source')
    }
    const attachment = { properties: createPropertyBag(), content: { kind: 'bytes' as const, open: broken } }
    await expect(msgBytes(aMessage({ attachments: [attachment] }), 1e6, signal)).rejects.toThrow('source')
    const file = { write: () => Promise.reject(new Error('disk')) }
    await expect(writeMsg(aMessage(), { file, signal })).rejects.toThrow('disk')
  })
})
