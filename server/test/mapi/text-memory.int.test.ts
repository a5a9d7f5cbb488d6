import { execFile } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownFolder } from '../../testkit/servers/child.ts'
import { captureArchive } from '../doubles/scripted-archive.ts'
import { type ScriptedItem, scriptedFolder } from '../doubles/scripted-readers.ts'
import { checkFile, clean } from '../pst/check-file.ts'

const run = promisify(execFile)
const mebibyte = 1_048_576

/** Runs one export in a process with the heap that exports have, and says what memory it took at most. */
const program = `
import { readFileSync } from 'node:fs'
import { composeExport } from ${JSON.stringify(fileURLToPath(new URL('../../src/compose-export.ts', import.meta.url)))}

const [archivePath, workFolder, format] = process.argv.slice(2)
const order = { format, folder: null, words: null, maxGb: null }
const { counts, reasons } = await composeExport(
  { order, archivePath, fullTextPath: null, workFolder },
  () => {},
  new AbortController().signal,
)
const peakKb = Number(/^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
console.log(JSON.stringify({ peakBytes: peakKb * 1024, counts, reasons: reasons.map(({ code }) => code) }))
`

const filled = (line: string, bytes: number): string => line.repeat(Math.floor(bytes / Buffer.byteLength(line)))

/** A message with a text and an HTML of so many bytes each. */
const textMail = (no: number, line: string, bytes: number): ScriptedItem => ({
  ref: no,
  text: [
    'Subject: long\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n',
    '--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n',
    filled(line, bytes),
    '--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n',
    filled(`<p>${line}`, bytes),
    '--b--\r\n',
  ].join('\r\n'),
})
const htmlMail = (no: number, line: string, bytes: number): ScriptedItem => ({
  ref: no,
  text: `Subject: long\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${filled(line, bytes)}`,
})
const german = 'Übermäßig schöne Größe für alle — wirklich.\r\n'
const fit = 7.9 * mebibyte

const mails = [
  textMail(1, german, fit),
  // Each becomes two characters of two bytes.
  textMail(2, '\n', fit),
  // Of which a plain text is made.
  htmlMail(3, '<p>x\n', mebibyte),
  htmlMail(4, '<p>\n', fit),
  textMail(5, 'too long\r\n', 15.9 * mebibyte),
]

describe('texts of 8 MB', () => {
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let archivePath: string
  beforeAll(async () => {
    folder = await ownFolder('texts')
    ;({ archivePath } = await captureArchive(folder.path, 'archive', [scriptedFolder('mail', ['INBOX'], mails)]))
  })
  afterAll(() => folder.remove())

  test.each(['pst', 'msg'])('need less than 300 MB in an export as %s', async (format) => {
    const workFolder = join(folder.path, format)
    await mkdir(workFolder)
    const script = join(folder.path, 'export.mjs')
    await writeFile(script, program)
    const flags = ['--max-old-space-size=128', '--max-semi-space-size=1', '--expose-gc']
    const { stdout } = await run(process.execPath, [...flags, script, archivePath, workFolder, format])
    const { peakBytes, counts, reasons } = JSON.parse(stdout) as {
      readonly peakBytes: number
      readonly counts: unknown
      readonly reasons: readonly string[]
    }
    expect(counts).toMatchObject({ written: mails.length, degraded: 1, skipped: 0 })
    expect(reasons).toEqual(['body_too_large'])

    expect(peakBytes).toBeLessThan(300e6)
    const name = (await readdir(join(workFolder, 'out'))).find((one) => one.endsWith('.pst'))
    if (name !== undefined) expect(await checkFile(join(workFolder, 'out', name))).toEqual(clean(mails.length))
  })
})
