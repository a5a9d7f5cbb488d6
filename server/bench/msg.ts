import { Buffer } from 'node:buffer'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MapiMessage } from '../src/formats/mapi/message.ts'
import * as m from '../src/formats/mapi/properties-message.ts'
import * as r from '../src/formats/mapi/properties-recipient.ts'
import { createPropertyBag, type PropertyBag } from '../src/formats/mapi/property.ts'
import { msgBytes } from '../src/formats/msg/msg-bytes.ts'
import { writeMsg } from '../src/formats/msg/write-msg.ts'

/** Medians of all runs. */
export type MsgRow = {
  readonly name: 'msg'
  /** Small messages made in memory, as for a ZIP of them. */
  readonly messagesPerSecond: number
  readonly smallMessageBytes: number
  /** One message with one large attachment, written to a file. */
  readonly megabytesPerSecond: number
  readonly largeBytes: number
}

const { signal } = new AbortController()
const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!

const recipient = (index: number, type: number): PropertyBag => {
  const address = `person${index}@example.org`
  return createPropertyBag()
    .set(r.PidTagRecipientType, type)
    .set(r.PidTagDisplayName, `Person ${index}`)
    .set(r.PidTagAddressType, 'SMTP')
    .set(r.PidTagEmailAddress, address)
    .set(r.PidTagSmtpAddress, address)
    .set(r.PidTagEntryId, Buffer.alloc(120, index))
    .set(m.PidTagSearchKey, Buffer.from(`SMTP:${address.toUpperCase()}\0`))
}

/** A message as mail is on average: some 40 properties, 2 kB of header, 2 kB of text, 4 kB of HTML. */
const smallMessage = (index: number): MapiMessage => ({
  properties: createPropertyBag()
    .set(m.PidTagMessageClass, 'IPM.Note')
    .set(m.PidTagSubject, `RE: Report number ${index}`)
    .set(m.PidTagSubjectPrefix, 'RE: ')
    .set(m.PidTagMessageFlags, m.messageFlags.read)
    .set(m.PidTagClientSubmitTime, Date.UTC(2026, 0, 1) + index * 60_000)
    .set(m.PidTagMessageDeliveryTime, Date.UTC(2026, 0, 1) + index * 60_000)
    .set(m.PidTagSentRepresentingName, 'Ann Example')
    .set(m.PidTagSentRepresentingAddressType, 'SMTP')
    .set(m.PidTagSentRepresentingEmailAddress, 'ann@example.org')
    .set(m.PidTagSentRepresentingEntryId, Buffer.alloc(120, 1))
    .set(m.PidTagSenderName, 'Ann Example')
    .set(m.PidTagSenderAddressType, 'SMTP')
    .set(m.PidTagSenderEmailAddress, 'ann@example.org')
    .set(m.PidTagSenderEntryId, Buffer.alloc(120, 1))
    .set(m.PidTagTransportMessageHeaders, `Received: from a.example.org by b.example.org; ${index}\r\n`.repeat(36))
    .set(m.PidTagInternetMessageId, `<${index}@example.org>`)
    .set(m.PidTagConversationIndex, Buffer.alloc(22, index))
    .set(m.PidTagBody, `The report with the number ${index} is ready.\r\n`.repeat(44))
    .set(m.PidTagHtml, Buffer.from(`<p>The report with the number ${index} is ready.</p>`.repeat(80)))
    .set(m.PidNameKeywords, ['Reports']),
  recipients: [recipient(index, 1), recipient(index + 1, 2)],
  attachments: [],
})

const smallRun = async (messages: number): Promise<{ seconds: number; bytes: number }> => {
  let bytes = 0
  const startedAt = performance.now()
  for (let index = 0; index < messages; index++)
    bytes += (await msgBytes(smallMessage(index), 1024 * 1024, signal))?.length ?? 0
  return { seconds: (performance.now() - startedAt) / 1000, bytes }
}

const largeRun = async (path: string, contentBytes: number): Promise<{ seconds: number; bytes: number }> => {
  const chunk = Buffer.alloc(64 * 1024, 0x5a)
  async function* content() {
    for (let left = contentBytes; left > 0; left -= chunk.length) yield chunk.subarray(0, Math.min(left, chunk.length))
  }
  const attachments = [{ properties: createPropertyBag(), content: { kind: 'bytes' as const, open: content } }]
  await using handle = await open(path, 'w')
  const file = {
    write: async (offset: number, bytes: Uint8Array) => {
      await handle.write(bytes, 0, bytes.length, offset)
    },
  }
  const startedAt = performance.now()
  const { sizeBytes } = await writeMsg({ ...smallMessage(1), attachments }, { file, signal })
  await handle.sync()
  return { seconds: (performance.now() - startedAt) / 1000, bytes: sizeBytes }
}

/** MSG files of `messages` small messages, and of one whose attachment has `largeBytes`. A short run before them warms up. */
export const msgRow = async (needs: {
  readonly messages: number
  readonly largeBytes: number
  readonly runs: number
}): Promise<MsgRow> => {
  const folder = await mkdtemp(join(tmpdir(), 'stillbox-msg-'))
  try {
    await smallRun(Math.ceil(needs.messages / 10))
    const path = join(folder, 'large.msg')
    const small: Awaited<ReturnType<typeof smallRun>>[] = []
    const large: Awaited<ReturnType<typeof largeRun>>[] = []
    for (let run = 0; run < needs.runs; run++) {
      small.push(await smallRun(needs.messages))
      large.push(await largeRun(path, needs.largeBytes))
    }
    return {
      name: 'msg',
      messagesPerSecond: needs.messages / median(small.map(({ seconds }) => seconds)),
      smallMessageBytes: Math.round(small[0]!.bytes / needs.messages),
      megabytesPerSecond: large[0]!.bytes / 1e6 / median(large.map(({ seconds }) => seconds)),
      largeBytes: large[0]!.bytes,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export const describeMsg = (row: MsgRow): string =>
  `msg: ${Math.round(row.messagesPerSecond)} messages/s of ${(row.smallMessageBytes / 1e3).toFixed(1)} kB in memory, ` +
  `${Math.round(row.megabytesPerSecond)} MB/s of one with ${Math.round(row.largeBytes / 1e6)} MB to a file with fsync`
