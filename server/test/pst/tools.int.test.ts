import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readpst } from '../../testkit/readpst.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { hashOf, type Mail, type MailFolder } from './mail-model.ts'
import { patternBytes, plainMail, sampleMailbox } from './sample-mailbox.ts'
import { writeMailbox } from './write-mailbox.ts'

const run = promisify(execFile)
const timeout = 60_000

let folder: string
let path: string
// libpff mistakes characters beyond the BMP in whatever file; the other readers are asked for them.
const mailbox = (): readonly MailFolder[] =>
  sampleMailbox().map((one) => ({
    ...one,
    mails: one.mails.map((mail) => ({ ...mail, subject: mail.subject.replace(' 🎉', '') })),
  }))
const manyAttachments = plainMail('700 attachments', {
  attachments: Array.from({ length: 700 }, (_, index) => ({
    name: `${index}.txt`,
    bytes: patternBytes(1 + (index % 9), index),
  })),
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pst-tools-'))
  path = join(folder, 'mailbox.pst')
  await writeMailbox(path, [
    ...mailbox(),
    { path: ['Attachments'], containerClass: 'IPF.Note', mails: [manyAttachments] },
  ])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const filesBelow = async (root: string): Promise<readonly string[]> =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const hashesOf = async (files: readonly string[]): Promise<readonly string[]> =>
  (await Promise.all(files.map(async (file) => hashOf(await readFile(file))))).sort()

const attachmentHashes = (mails: readonly Mail[]): readonly string[] =>
  mails
    .flatMap(({ attachments }) => attachments)
    .flatMap((attached) => ('bytes' in attached && attached.bytes.length > 0 ? [hashOf(attached.bytes)] : []))
    .sort()

describe.skipIf(!needs('pffexport'))('libpff', () => {
  test('pffinfo knows the kind of file and its encoding', async () => {
    const { stdout } = await run('pffinfo', [path], { timeout })
    expect(stdout).toMatch(/Personal Storage Tables \(PST\)/)
    expect(stdout).toMatch(/64-bit/)
    expect(stdout).toMatch(/compressible/)
  })

  test('pffexport gives each field and attachment back', async () => {
    const target = join(folder, 'pff')
    const { stdout, stderr } = await run(
      'pffexport',
      ['-m', 'items', '-f', 'all', '-l', join(folder, 'pff.log'), '-t', target, path],
      {
        timeout,
        maxBuffer: 64 * 1024 * 1024,
      },
    )
    expect(`${stdout}${stderr}`).not.toMatch(/error|unable/i)
    const top = join(`${target}.export`, 'Top of Outlook data file')
    for (const { path: folderPath, mails } of mailbox()) {
      for (const [index, mail] of mails.slice(0, 10).entries()) {
        const place = join(top, ...folderPath, `Message${String(index + 1).padStart(5, '0')}`)
        const headers = await readFile(join(place, 'OutlookHeaders.txt'), 'utf8')
        const field = (name: string) => new RegExp(`^${name}:\\t+(.*)$`, 'm').exec(headers)?.[1] ?? ''
        expect(field('Subject')).toBe(mail.subject)
        expect(field('Sender name')).toBe(mail.sender.name)
        expect(field('Sender email address')).toBe(mail.sender.address)
        expect(field('Client submit time')).toBe('Feb 29, 2024 08:30:15.000000000 UTC')
        expect(field('Flags')).toMatch(mail.isRead ? /Read/ : /Unread/)
        const recipients = await readFile(join(place, 'Recipients.txt'), 'utf8')
        expect([...recipients.matchAll(/^Email address:\t+(.*)$/gm)].map(([, address]) => address)).toEqual(
          mail.recipients.map(({ address }) => address),
        )
        if (mail.html) expect(await readFile(join(place, 'Message.html'), 'utf8')).toContain(mail.html)
        else expect((await readFile(join(place, 'Message.txt'), 'utf8')).trim()).toBe(mail.body?.trim())
        const expected = attachmentHashes([mail])
        if (expected.length > 0) {
          const found = await hashesOf(await filesBelow(join(place, 'Attachments')))
          expect(found.filter((hash) => hash !== hashOf(Buffer.alloc(0)))).toEqual(expected)
        }
      }
    }
    const many = await filesBelow(join(top, 'Attachments', 'Message00001', 'Attachments'))
    expect(await hashesOf(many)).toEqual(attachmentHashes([manyAttachments]))
    const inner = join(top, 'Inbox', 'Message00004', 'Attachments', 'Attachment00001', 'Message00001')
    expect(await readFile(join(inner, 'Attachments', '1_deep.txt'), 'utf8')).toBe('deep')
  })
})

describe.skipIf(!needs('readpst'))('libpst', () => {
  test('lspst lists every subject', async () => {
    const { stdout } = await run('lspst', [path], { timeout, maxBuffer: 16 * 1024 * 1024 })
    const listed = [...stdout.matchAll(/^Email\t+.*?Subject: (.*)$/gm)].map(([, subject]) => subject)
    const expected = [...mailbox().flatMap(({ mails }) => mails), manyAttachments].map(({ subject }) => subject)
    expect(listed.sort()).toEqual(expected.sort())
  })

  test('readpst gives each mail and attachment back', async () => {
    const target = await mkdtemp(join(folder, 'readpst-'))
    await readpst(['-S', '-q', '-o', target, path], timeout)
    const root = join(target, 'Mailbox of the test')
    for (const { path: folderPath, mails } of mailbox()) {
      if (mails.length === 0) continue
      const entries = (await readdir(join(root, ...folderPath), { withFileTypes: true })).filter((one) => one.isFile())
      const names = entries.map(({ name }) => name)
      expect(names.filter((name) => /^\d+$/.test(name)).length).toBe(mails.length)
      const attachments = names.filter((name) => /^\d+-/.test(name)).map((name) => join(root, ...folderPath, name))
      const found = (await hashesOf(attachments)).filter((hash) => hash !== hashOf(Buffer.alloc(0)))
      expect(found).toEqual(attachmentHashes(mails))
    }
  })
})
