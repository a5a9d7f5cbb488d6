import { Buffer } from 'node:buffer'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type msgreader from '@kenjiuno/msgreader'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  aMessage,
  aRecipient,
  fileAttachment,
  messageAttachment,
  patternBytes,
} from '../../../test/doubles/mapi-messages.ts'
import { needs } from '../../../testkit/servers/needs.ts'
import type { MapiMessage } from '../mapi/message.ts'
import * as m from '../mapi/properties-message.ts'
import { createPropertyBag, named, type PropertyBag, propertySets } from '../mapi/property.ts'
import { verifyMsg } from '../msg-check/verify-msg.ts'
import { msgBytes } from './msg-bytes.ts'

const run = promisify(execFile)
const { default: MsgReader } = createRequire(import.meta.url)('@kenjiuno/msgreader') as typeof msgreader

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stillbox-msg-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const written = async (message: MapiMessage): Promise<Uint8Array> =>
  (await msgBytes(message, 64 * 1024 * 1024, new AbortController().signal))!

const sender = (properties: PropertyBag, name: string, address: string): PropertyBag =>
  properties
    .set(m.PidTagSentRepresentingName, name)
    .set(m.PidTagSentRepresentingAddressType, 'SMTP')
    .set(m.PidTagSentRepresentingEmailAddress, address)
    .set(m.PidTagSenderName, name)
    .set(m.PidTagSenderAddressType, 'SMTP')
    .set(m.PidTagSenderEmailAddress, address)
    .set(m.PidTagSenderSmtpAddress, address)

const sentAt = Date.UTC(2026, 10, 22, 4, 5, 6)
const html = '<html><body><p>Grüße, 日本 \u{1F600}</p></body></html>'
const files = [0, 1, 5, 4095, 4096, 4097, 50_000, 1_000_000].map((size) => ({
  name: `f${size}.bin`,
  bytes: patternBytes(size),
}))

const mail = (subject: string, body: string): MapiMessage => ({
  properties: sender(
    createPropertyBag()
      .set(m.PidTagMessageClass, 'IPM.Note')
      .set(m.PidTagSubject, subject)
      .set(m.PidTagBody, body)
      .set(m.PidTagMessageFlags, m.messageFlags.read)
      .set(m.PidTagClientSubmitTime, sentAt)
      .set(m.PidTagInternetMessageId, '<1@example.org>')
      .set(m.PidNameKeywords, ['Rot', 'Grün']),
    'Ann Example',
    'ann@example.org',
  ),
  recipients: [aRecipient('Bob Example'), aRecipient('Cy Example', 2)],
  attachments: files.map(({ name, bytes }) => fileAttachment(name, bytes)),
})

describe('msgreader', () => {
  const read = (bytes: Uint8Array) => new MsgReader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))

  test('reads all fields, attachments and the inner message', async () => {
    const subject = 'RE: Grüße \u{1F600} שלום'
    const outer = mail(subject, 'Hällo\r\n'.repeat(2000))
    outer.properties.set(m.PidTagSubjectPrefix, 'RE: ').set(m.PidTagHtml, Buffer.from(html))
    const inner = aMessage({ attachments: [fileAttachment('inner.bin', patternBytes(6000))] })
    const reader = read(await written({ ...outer, attachments: [...outer.attachments, messageAttachment(inner)] }))
    reader.parserConfig = { includeRawProps: true }
    const fields = reader.getFileData()
    expect(fields.error).toBeUndefined()
    expect(fields).toMatchObject({
      messageClass: 'IPM.Note',
      subject,
      normalizedSubject: subject.slice(4),
      body: 'Hällo\r\n'.repeat(2000),
      senderName: 'Ann Example',
      senderEmail: 'ann@example.org',
      senderSmtpAddress: 'ann@example.org',
      messageId: '<1@example.org>',
      clientSubmitTime: new Date(sentAt).toUTCString(),
      messageFlags: m.messageFlags.read | m.messageFlags.hasAttachment,
      internetCodepage: 65001,
    })
    expect(Buffer.from(fields.html!).toString()).toBe(html)
    expect(fields.recipients?.map(({ name, smtpAddress, recipType }) => ({ name, smtpAddress, recipType }))).toEqual([
      { name: 'Bob Example', smtpAddress: 'bob.example@example.org', recipType: 'to' },
      { name: 'Cy Example', smtpAddress: 'cy.example@example.org', recipType: 'cc' },
    ])
    for (const [index, { name, bytes }] of files.entries()) {
      const { fileName, content } = reader.getAttachment(index)
      expect(fileName).toBe(name)
      expect(bytes.equals(content), name).toBe(true)
    }
    const attached = fields.attachments!.at(-1)!
    expect(attached).toMatchObject({ innerMsgContent: true, name: 'A message' })
    expect(attached.innerMsgContentFields).toMatchObject({ subject: 'A message', body: 'Good morning' })
    const again = read(reader.getAttachment(attached).content).getFileData()
    expect(again).toMatchObject({ subject: 'A message', recipients: [{ name: 'Bob Example' }] })
  })

  test('reads names of an appointment', async () => {
    const start = Date.UTC(2026, 11, 1, 9)
    const reader = read(
      await written({
        properties: createPropertyBag()
          .set(m.PidTagMessageClass, 'IPM.Appointment')
          .set(m.PidTagSubject, 'Meeting')
          .set(named('Start', propertySets.appointment, 0x820d, 'time'), start)
          .set(named('End', propertySets.appointment, 0x820e, 'time'), start + 3_600_000)
          .set(named('Location', propertySets.appointment, 0x8208, 'string'), 'Zürich'),
        recipients: [],
        attachments: [],
      }),
    )
    expect(reader.getFileData()).toMatchObject({
      apptStartWhole: new Date(start).toUTCString(),
      apptEndWhole: new Date(start + 3_600_000).toUTCString(),
      apptLocation: 'Zürich',
    })
  })

  /** A message as far as this reader tells of it. */
  type Model = {
    readonly subject: string
    readonly body: string
    readonly html: string
    readonly to: readonly string[]
    readonly files: readonly { readonly name: string; readonly size: number }[]
    readonly inner: readonly Model[]
  }
  // This reader ends a text at the first NUL, and such a one cannot be in a MAPI string anyway.
  const text = fc.string({ unit: 'grapheme-composite', maxLength: 200 }).map((value) => value.replaceAll('\0', ''))
  const name = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 30 }).map((value) => `n${value}`)
  const size = fc.oneof(fc.constantFrom(0, 1, 63, 64, 65, 511, 512, 513, 4095, 4096, 4097), fc.nat(20_000))
  const { model } = fc.letrec<{ model: Model }>((tie) => ({
    model: fc.record({
      subject: text,
      body: text,
      html: text,
      to: fc.array(name, { maxLength: 4 }),
      files: fc.array(fc.record({ name, size }), { maxLength: 4 }),
      inner: fc.oneof(
        { maxDepth: 3, depthIdentifier: 'inner' },
        fc.constant([]),
        fc.array(tie('model'), { maxLength: 2 }),
      ),
    }),
  }))
  const messageOf = ({ subject, body, html, to, files, inner }: Model): MapiMessage => ({
    properties: createPropertyBag()
      .set(m.PidTagMessageClass, 'IPM.Note')
      .set(m.PidTagSubject, subject)
      .set(m.PidTagBody, body)
      .set(m.PidTagHtml, Buffer.from(html)),
    recipients: to.map((recipient) => aRecipient(recipient)),
    attachments: [
      ...files.map((file) => fileAttachment(file.name, patternBytes(file.size))),
      ...inner.map((message) => messageAttachment(messageOf(message))),
    ],
  })
  const modelOf = (bytes: Uint8Array): Model => {
    const reader = read(bytes)
    const { error, subject = '', body = '', html = [], recipients = [], attachments = [] } = reader.getFileData()
    expect(error).toBeUndefined()
    const files = attachments.filter((attachment) => !attachment.innerMsgContent)
    return {
      subject,
      body,
      html: Buffer.from(html).toString(),
      to: recipients.map((recipient) => recipient.name ?? ''),
      files: files.map((file) => {
        const { fileName, content } = reader.getAttachment(file)
        expect(patternBytes(content.length).equals(content)).toBe(true)
        return { name: fileName, size: content.length }
      }),
      inner: attachments
        .filter((attachment) => attachment.innerMsgContent)
        .map((attachment) => modelOf(reader.getAttachment(attachment).content)),
    }
  }

  test('reads any message as it was', async () => {
    await fc.assert(
      fc.asyncProperty(model, async (expected) => {
        expect(modelOf(await written(messageOf(expected)))).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })

  test('reads 2,000 recipients', async () => {
    const recipients = Array.from({ length: 2000 }, (_, index) => aRecipient(`Person ${index}`))
    const fields = read(await written(aMessage({ recipients }))).getFileData()
    expect(fields.recipients?.map(({ name }) => name)).toEqual(recipients.map((_, index) => `Person ${index}`))
  })
})

/** Python's parser of MIME, so that no code of ours reads what came out. */
const parser = `
import email, email.policy, hashlib, json, sys
message = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
def part(p):
    inner = p.get_payload(0) if p.get_content_type() == 'message/rfc822' else None
    content = p.get_payload(decode=True) or b''
    return {'type': p.get_content_type(), 'name': p.get_filename(), 'bytes': len(content), 'sha256': hashlib.sha256(content).hexdigest(),
            'text': content.decode() if p.get_content_maintype() == 'text' else None, 'subject': inner and str(inner['Subject'])}
def leaves(p):
    if p.get_content_type() != 'message/rfc822' and p.is_multipart():
        return [leaf for q in p.iter_parts() for leaf in leaves(q)]
    return [part(p)]
print(json.dumps({'headers': {k.lower(): str(v) for k, v in message.items()}, 'parts': leaves(message)}))
`
type Parsed = {
  readonly headers: Readonly<Record<string, string>>
  readonly parts: readonly {
    readonly type: string
    readonly name: string | null
    readonly bytes: number
    readonly sha256: string
    readonly text: string | null
    readonly subject: string | null
  }[]
}

describe.skipIf(!needs('msgconvert') || !needs('python3'))('msgconvert', () => {
  const convert = async (message: MapiMessage): Promise<Parsed> => {
    const file = join(folder, 'a.msg')
    await writeFile(file, await written(message))
    await run('/usr/bin/msgconvert', ['--outfile', join(folder, 'a.eml'), file])
    const { stdout } = await run('/usr/bin/python3', ['-c', parser, join(folder, 'a.eml')])
    return JSON.parse(stdout) as Parsed
  }

  test('makes the mail of it again', async () => {
    const outer = mail('Lunch today', 'Grüße, שלום, 日本')
    outer.properties.set(m.PidTagHtml, Buffer.from(html))
    const { headers, parts } = await convert({
      ...outer,
      attachments: [...outer.attachments, messageAttachment(aMessage())],
    })
    expect(headers).toMatchObject({
      subject: 'Lunch today',
      from: 'Ann Example <ann@example.org>',
      to: 'Bob Example <bob.example@example.org>',
      cc: 'Cy Example <cy.example@example.org>',
      date: 'Sun, 22 Nov 2026 04:05:06 +0000',
      'message-id': '<1@example.org>',
    })
    expect(parts[0]).toMatchObject({ type: 'text/plain', text: 'Grüße, שלום, 日本' })
    expect(parts[1]).toMatchObject({ type: 'text/html', text: html })
    for (const { name, bytes } of files) {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      expect(parts.find((part) => part.name === name)).toMatchObject({ bytes: bytes.length, sha256 })
    }
    expect(parts.at(-1)).toMatchObject({ type: 'message/rfc822', subject: 'A message' })
  })

  test('keeps a subject beyond Latin', async () => {
    // Such a subject makes msgconvert encode the bodies twice, so they are no part of this.
    const { headers } = await convert({ ...mail('Grüße \u{1F600} שלום', ''), attachments: [] })
    expect(headers.subject).toBe('Grüße \u{1F600} שלום')
  })
})

describe('a large attachment', () => {
  test('of 300 MB passes through a heap of 48 MB, and leaves nothing else', async () => {
    const script = fileURLToPath(new URL('../../../test/doubles/write-large-msg.ts', import.meta.url))
    const own = await mkdtemp(join(folder, 'large-'))
    const file = join(own, 'large.msg')
    const sizeBytes = 300 * 1024 * 1024
    const { stdout } = await run(process.execPath, ['--max-old-space-size=48', script, file, String(sizeBytes)])
    const { writtenBytes, peakRssBytes } = JSON.parse(stdout) as { writtenBytes: number; peakRssBytes: number }
    expect((await stat(file)).size).toBe(writtenBytes)
    expect(writtenBytes).toBeLessThan(sizeBytes + 8 * 1024 * 1024)
    expect(peakRssBytes).toBeLessThan(200 * 1024 * 1024)

    await using handle = await open(file)
    const read = async (offset: number, lengthBytes: number): Promise<Uint8Array> => {
      const bytes = Buffer.alloc(lengthBytes)
      const { bytesRead } = await handle.read(bytes, 0, lengthBytes, offset)
      return bytes.subarray(0, bytesRead)
    }
    const { signal } = new AbortController()
    const report = await verifyMsg({ sizeBytes: writtenBytes, read }, { signal })
    expect([...report.faults, ...report.warnings]).toEqual([])
    expect(report).toMatchObject({ messages: 1, recipients: 2000, attachments: 1 })
    // The stream is contiguous: its bytes lie in the file one after the other.
    const probe = await read(200 * 1024 * 1024, 1024 * 1024)
    expect(Buffer.alloc(probe.length, 0x5a).equals(probe)).toBe(true)
    expect(await readdir(own)).toEqual(['large.msg'])
    await rm(own, { recursive: true })
  })
})
