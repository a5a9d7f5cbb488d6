import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownFolder } from '../../testkit/servers/child.ts'
import { captureArchive } from '../doubles/scripted-archive.ts'
import { type ScriptedItem, scriptedFolder } from '../doubles/scripted-readers.ts'
import { stillbox } from './measured-command.ts'

const mostBytes = 300e6

const head = (subject: string): string =>
  `From: sender@mail.example\r\nTo: anna@mail.example\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\n`
/** Does not deflate: the window of deflate is shorter than a block. */
const block = randomBytes(57 * 2_000)
  .toString('base64')
  .replace(/.{76}/g, '$&\r\n')
const large = (no: number): ScriptedItem => ({
  ref: no + 1,
  get text() {
    return `${head(`large ${no}`)}Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="${no}.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n${block.repeat(1_000)}`
  },
})
const small = (no: number): ScriptedItem => ({
  ref: no + 1,
  text: `${head(`small ${no}`)}Content-Type: text/plain\r\n\r\n${`words of message ${no}. `.repeat(200)}\r\n`,
})

let folder: Awaited<ReturnType<typeof ownFolder>>
let archivePath: string
beforeAll(async () => {
  folder = await ownFolder('command-memory')
  ;({ archivePath } = await captureArchive(folder.path, 'archive', [
    scriptedFolder(
      'mail',
      ['INBOX'],
      Array.from({ length: 10_000 }, (_, no) => small(no)),
    ),
    scriptedFolder(
      'mail',
      ['Large'],
      Array.from({ length: 8 }, (_, no) => large(no)),
    ),
  ]))
}, 600_000)
afterAll(() => folder.remove())

test.each(['pst', 'msg', 'zip-eml'])('an export of 1.2 GB as %s stays below 300 MB of memory', async (format) => {
  const out = join(folder.path, format)
  const written = await stillbox('export', '--format', format, '--out', out, archivePath)
  console.log(`export as ${format}: ${Math.round(written.peakRssBytes / 1e6)} MB resident`)
  expect(written.peakRssBytes).toBeLessThan(mostBytes)
  const [name] = (await readdir(out)).filter((one) => one.endsWith('.pst'))
  if (name === undefined) return
  const { stdout, peakRssBytes } = await stillbox('verify-pst', join(out, name))
  console.log(`verify-pst: ${Math.round(peakRssBytes / 1e6)} MB resident`)
  expect(stdout).toMatch(/^sound: /)
  expect(peakRssBytes).toBeLessThan(mostBytes)
})
