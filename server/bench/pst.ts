import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { MapiMessage } from '../src/formats/mapi/message.ts'
import * as a from '../src/formats/mapi/properties-attachment.ts'
import * as m from '../src/formats/mapi/properties-message.ts'
import * as r from '../src/formats/mapi/properties-recipient.ts'
import { createPropertyBag } from '../src/formats/mapi/property.ts'
import { createPst } from '../src/formats/pst/create-pst.ts'

/** One run of the PST writer: `node server/bench/pst.ts [--messages n] [--attachments mb]` prints it as a line of JSON. */
export type PstRow = {
  readonly name: 'pst'
  readonly messages: number
  readonly messagesPerSecond: number
  readonly attachmentMegabytes: number
  readonly megabytesPerSecond: number
  readonly fileBytes: number
  /** Of the whole process. */
  readonly peakRssBytes: number
}

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '50000' }, attachments: { type: 'string', default: '1000' } },
})
const { signal } = new AbortController()
const pieceBytes = 1024 * 1024
const attachmentPieces = 100

/** A message as mail is on average: 2 kB of header, 2 kB of text, 4 kB of HTML, two recipients. */
const smallMessage = (index: number): MapiMessage => ({
  properties: createPropertyBag()
    .set(m.PidTagMessageClass, 'IPM.Note')
    .set(m.PidTagSubject, `Re: message number ${index}`)
    .set(m.PidTagMessageFlags, index & 1)
    .set(m.PidTagClientSubmitTime, 1_700_000_000_000 + index)
    .set(m.PidTagMessageDeliveryTime, 1_700_000_000_000 + index)
    .set(m.PidTagSenderName, `Person ${index % 100}`)
    .set(m.PidTagSenderEmailAddress, `person${index % 100}@example.org`)
    .set(m.PidTagTransportMessageHeaders, `Received: from a by b; ${index}\r\n`.repeat(70))
    .set(m.PidTagBody, 'Some words of a message, and more. '.repeat(60))
    .set(m.PidTagHtml, Buffer.from('<p>Some words of a message, and more.</p>'.repeat(100))),
  recipients: [1, 2].map((type) =>
    createPropertyBag()
      .set(r.PidTagRecipientType, type)
      .set(r.PidTagDisplayName, `Person ${type}`)
      .set(r.PidTagEmailAddress, `person${type}@example.org`),
  ),
  attachments: [],
})

const largeMessage = (pieces: number): MapiMessage => ({
  properties: createPropertyBag().set(m.PidTagSubject, 'large'),
  recipients: [],
  attachments: [
    {
      properties: createPropertyBag().set(a.PidTagAttachLongFilename, 'large.bin'),
      content: {
        kind: 'bytes',
        open: async function* () {
          const piece = randomBytes(pieceBytes)
          for (let count = 0; count < pieces; count++) yield piece
        },
      },
    },
  ],
})

const folder = await mkdtemp(join(tmpdir(), 'bench-pst-'))
try {
  const handle = await open(join(folder, 'bench.pst'), 'w')
  const pst = createPst({
    file: {
      write: async (offset, bytes) => {
        await handle.write(bytes, 0, bytes.length, offset)
      },
    },
    displayName: 'Bench',
    now: Date.now,
    randomBytes,
  })
  const inbox = pst.addFolder(['Inbox'], 'IPF.Note')
  const messages = Number(values.messages)
  const attachmentMegabytes = Number(values.attachments)
  const smallFrom = performance.now()
  for (let index = 0; index < messages; index++) await pst.add(inbox, smallMessage(index), signal)
  const largeFrom = performance.now()
  for (let left = attachmentMegabytes; left > 0; left -= attachmentPieces)
    await pst.add(inbox, largeMessage(Math.min(left, attachmentPieces)), signal)
  const largeTo = performance.now()
  const { sizeBytes } = await pst.finish()
  await handle.close()
  const row: PstRow = {
    name: 'pst',
    messages,
    messagesPerSecond: Math.round((messages / (largeFrom - smallFrom)) * 1000),
    attachmentMegabytes,
    megabytesPerSecond: Math.round((attachmentMegabytes / (largeTo - largeFrom)) * 1000),
    fileBytes: sizeBytes,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
  console.log(JSON.stringify(row))
} finally {
  await rm(folder, { recursive: true, force: true })
}
