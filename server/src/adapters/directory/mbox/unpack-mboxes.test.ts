import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ForeignZipFile, foreignZip } from '../../../../testkit/builders/foreign-zip.ts'
import { unpackMboxes } from './unpack-mboxes.ts'

const { signal } = new AbortController()
const mbox = (subject: string) => Buffer.from(`From a@b Tue Feb  3 03:05:06 2026\nSubject: ${subject}\n\nx\n\n`)
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stillbox-unpack-'))
  mkdirSync(join(root, 'into'))
})
afterEach(() => rmSync(root, { recursive: true }))
const unpack = (files: readonly ForeignZipFile[], given = signal) => {
  writeFileSync(join(root, 'a.zip'), foreignZip(files))
  return unpackMboxes(join(root, 'a.zip'), join(root, 'into'), given)
}
const found = () =>
  readdirSync(join(root, 'into'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 6))
    .sort()

test('takes what begins as an mbox, under names that stay in the folder, and counts the rest', async () => {
  const large = Buffer.concat(Array.from({ length: 50_000 }, (_, n) => mbox(`${n}`)))
  const others = await unpack([
    { name: 'Takeout/Mail/All mail.mbox', bytes: large, flags: 8 },
    { name: '../../up.mbox', bytes: mbox('up') },
    { name: '/root', bytes: mbox('root') },
    { name: 'Büro\\Sub', bytes: mbox('sub') },
    { name: 'twice', bytes: mbox('1') },
    { name: 'twice', bytes: mbox('2') },
    { name: `${'x'.repeat(300)}.mbox`, bytes: mbox('long') },
    { name: '__MACOSX/._twice', bytes: mbox('of the system') },
    { name: 'archive_browser.html', bytes: Buffer.from('<html>') },
    { name: 'empty.mbox', bytes: Buffer.alloc(0) },
    { name: 'secret.pdf', bytes: Buffer.from('x'), flags: 1 },
  ])
  expect(others).toBe(3)
  expect(found()).toEqual(
    ['2 twice', 'Büro/Sub', 'Takeout/Mail/All mail.mbox', '_/_/up.mbox', 'root', 'twice', 'x'.repeat(200)].sort(),
  )
  expect(readFileSync(join(root, 'into', 'Takeout/Mail/All mail.mbox')).equals(large)).toBe(true)
})

test.each([
  ['is encrypted', [{ name: 'a.mbox', bytes: mbox('1'), flags: 1 }]],
  ['its CRC-32 is another', [{ name: 'a.mbox', bytes: mbox('1'), crc32: 1 }]],
  [
    'stands where another file is',
    [
      { name: 'a', bytes: mbox('1') },
      { name: 'a/b', bytes: mbox('2') },
    ],
  ],
  ['more than 100 times its size', [{ name: 'a.mbox', bytes: mbox('1'), sizeBytes: 0xffff_fff0 }]],
])('is refused when what is in it %s', async (reason, files) => {
  await expect(unpack(files)).rejects.toMatchObject({
    code: 'archive_invalid',
    details: { reason: expect.stringContaining(reason) },
  })
})

test('ends at the signal', async () => {
  const reason = new Error('enough')
  await expect(unpack([{ name: 'a.mbox', bytes: mbox('1') }], AbortSignal.abort(reason))).rejects.toBe(reason)
})
