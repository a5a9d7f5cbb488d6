import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownFolder } from '../../testkit/servers/child.ts'
import { captureArchive } from '../doubles/scripted-archive.ts'
import { type ScriptedItem, scriptedFolder } from '../doubles/scripted-readers.ts'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../../..')
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

/** Runs the command as `pnpm stillbox` does, and answers the most memory that was resident. */
const stillbox = async (...args: readonly string[]): Promise<number> => {
  const { scripts } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  const [, ...given] = scripts.stillbox!.split(' ')
  const tell = 'process.on("exit", () => console.error("peak", process.resourceUsage().maxRSS))'
  const { stderr } = await run(process.execPath, ['--import', `data:text/javascript,${tell}`, ...given, ...args], {
    cwd: repository,
  })
  const peakRssBytes = Number(/^peak (\d+)$/m.exec(stderr)![1]) * 1024
  console.log(`${args.slice(0, 3).join(' ')}: ${Math.round(peakRssBytes / 1e6)} MB resident`)
  return peakRssBytes
}

test.each(['pst', 'msg', 'zip-eml'])('an export of 1.2 GB as %s stays below 300 MB of memory', async (format) => {
  const out = join(folder.path, format)
  expect(await stillbox('export', '--format', format, '--out', out, archivePath)).toBeLessThan(mostBytes)
  const [name] = (await readdir(out)).filter((one) => one.endsWith('.pst'))
  if (name !== undefined) expect(await stillbox('verify-pst', join(out, name))).toBeLessThan(mostBytes)
})
