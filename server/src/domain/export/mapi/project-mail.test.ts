import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { mail, multi, project, receivedAtMs } from '../../../../test/export/projected-mail.ts'
import * as p from '../../../formats/mapi/properties-message.ts'
import { rawItemOf } from '../raw-item.ts'
import { projectMail } from './project-mail.ts'

const head = ['From: Ada <ada@x.example>', 'To: Bob <bob@x.example>', 'Date: Wed, 4 Mar 2026 01:02:03 +0100']
const simple = (...lines: string[]) => mail(...head, ...lines, '', 'text', '')

it('makes a note of a plain text message', async () => {
  const { get, codes, message } = await project(simple('Subject: RE: Grüße'.replace('ü', '=?utf-8?q?=C3=BC?=')))
  expect(codes).toEqual([])
  expect(message.attachments).toEqual([])
  expect(get(p.PidTagMessageClass)).toBe('IPM.Note')
  expect(get(p.PidTagBody)).toBe('text\r\n')
  expect(get(p.PidTagNativeBody)).toBe(1)
  expect(get(p.PidTagHtml)).toBeUndefined()
  expect(get(p.PidTagMessageDeliveryTime)).toBe(receivedAtMs)
  expect(get(p.PidTagClientSubmitTime)).toBe(Date.UTC(2026, 2, 4, 0, 2, 3))
  expect(get(p.PidTagSearchKey)).toHaveLength(16)
  expect(get(p.PidTagHasAttachments)).toBe(false)
  expect(get(p.PidTagTransportMessageHeaders)).toBe(`${mail(...head, 'Subject: RE: Gr=?utf-8?q?=C3=BC?=\xdfe')}\r\n`)
})

describe('the subject', () => {
  it.each([
    ['Subject: RE: a', 'RE: ', 'a'],
    ['Subject: Fw:  a', 'Fw: ', 'a'],
    ['Subject: AW: RE: a', 'AW: ', 'RE: a'],
    ['Subject: Antw: a', '', 'Antw: a'],
    ['Subject: R2: a', '', 'R2: a'],
    ['Subject: re:a', '', 're:a'],
    ['Subject: RE:', '', 'RE:'],
    ['Subject:', '', ''],
    ['X-Other: no subject', '', ''],
    ['Subject: =?utf-8?b?VsOhOiDEhQ==?=', 'Vá: ', 'ą'],
    ['Subject: two\r\n\tlines\x01', '', 'two lines'],
  ])('%j', async (line, prefix, normalized) => {
    const { get } = await project(simple(line))
    expect([get(p.PidTagSubjectPrefix), get(p.PidTagNormalizedSubject)]).toEqual([prefix, normalized])
    expect(get(p.PidTagSubject)).toBe(prefix + normalized)
    expect(get(p.PidTagConversationTopic)).toBe(normalized)
  })

  it('is cut where MAPI ends, and told', async () => {
    const { get, codes } = await project(simple(`Subject: ${'x'.repeat(400)}`))
    expect(get(p.PidTagSubject)).toHaveLength(253)
    expect(codes).toEqual(['subject_cut_off'])
  })

  it('leads to the index of the conversation', async () => {
    const [one, two] = [await project(simple('Subject: plan')), await project(simple('Subject: AW: Plan'))]
    const index = Buffer.from(one.get(p.PidTagConversationIndex)!)
    expect(index.subarray(6)).toEqual(createHash('md5').update(Buffer.from('PLAN', 'utf16le')).digest())
    expect(Buffer.from(two.get(p.PidTagConversationIndex)!).subarray(6)).toEqual(index.subarray(6))
    expect(index[0]).toBe(1)
    // 2026-03-04T05:06:07Z in 100 ns steps since 1601, its upper 40 bits.
    const fileTime = BigInt(receivedAtMs) * 10_000n + 116_444_736_000_000_000n
    expect(index.readUIntBE(1, 5)).toBe(Number(fileTime >> 24n))
  })
})

describe('fields', () => {
  it.each([
    ['X-Priority: 1 (Highest)', 2],
    ['X-Priority: 5', 0],
    ['X-Priority: 3', 1],
    ['Importance: High', 2],
    ['Importance: low\r\nX-Priority: 1', 0],
    ['X-MSMail-Priority: High', 2],
    ['Priority: non-urgent', 0],
    ['X-Priority: none', 1],
  ])('%j is of importance %i', async (lines, importance) => {
    const { get } = await project(simple(lines))
    expect([get(p.PidTagImportance), get(p.PidTagPriority)]).toEqual([importance, importance - 1])
  })

  it.each([
    ['Sensitivity: Personal', 1],
    ['Sensitivity: private', 2],
    ['Sensitivity: Company-Confidential', 3],
    ['Sensitivity: other', 0],
  ])('%j', async (line, sensitivity) => {
    expect((await project(simple(line))).get(p.PidTagSensitivity)).toBe(sensitivity)
  })

  it('identify the message and what it answers', async () => {
    const { get } = await project(simple('Message-ID: <1@x>', 'In-Reply-To: <0@x>', 'References: <a@x>', '\t<0@x>'))
    expect(get(p.PidTagInternetMessageId)).toBe('<1@x>')
    expect(get(p.PidTagInReplyToId)).toBe('<0@x>')
    expect(get(p.PidTagInternetReferences)).toBe('<a@x> <0@x>')
  })

  it('ask for receipts', async () => {
    const { get } = await project(simple('Disposition-Notification-To: a@x.example', 'Return-Receipt-To: a@x.example'))
    expect([get(p.PidTagReadReceiptRequested), get(p.PidTagOriginatorDeliveryReportRequested)]).toEqual([true, true])
    const without = await project(simple('Subject: s'))
    expect(without.get(p.PidTagReadReceiptRequested)).toBe(false)
  })

  it('say nothing where the date is none', async () => {
    for (const date of ['Date: never', 'Date: Mon, 1 Jan 1500 00:00:00 +0000', 'X: y'])
      expect((await project(mail(date, '', ''))).get(p.PidTagClientSubmitTime)).toBe(receivedAtMs)
  })
})

describe('what does not come from the content', () => {
  const bytes = Buffer.from(
    multi('mixed', '--b', '', 'text', '--b', 'Content-Type: image/png', '', 'x'.repeat(600_000)),
  )
  const facts = { flags: [], receivedAtMs }

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    stop.abort(new Error('enough'))
    await expect(projectMail(rawItemOf(bytes), facts, stop.signal)).rejects.toThrow('enough')
  })

  it('stops in the middle of an attachment', async () => {
    const stop = new AbortController()
    const { message } = await projectMail(rawItemOf(bytes), facts, stop.signal)
    const [attachment] = message.attachments
    if (attachment?.content.kind !== 'bytes') throw new Error('no file')
    const read = async (content: AsyncIterable<Uint8Array>) => {
      for await (const _ of content) stop.abort(new Error('enough'))
    }
    await expect(read(attachment.content.open(stop.signal))).rejects.toThrow('enough')
  })

  it('tells when the bytes cannot be read', async () => {
    const gone = { sizeBytes: 10, read: () => Promise.reject(new Error('the file is gone')) }
    await expect(projectMail(gone, facts, new AbortController().signal)).rejects.toThrow('the file is gone')
  })

  it('takes a file that is shorter than it was', async () => {
    for (const end of [20, bytes.length - 10, bytes.length - 100_000, bytes.length]) {
      const short = { ...rawItemOf(bytes.subarray(0, end)), sizeBytes: bytes.length + 1_000_000 }
      const { message } = await projectMail(short, facts, new AbortController().signal)
      expect(message.properties.get(p.PidTagMessageClass)).toBe('IPM.Note')
    }
  })
})
