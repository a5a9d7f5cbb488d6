import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownFolder } from '../../testkit/servers/child.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { stillbox } from '../export/measured-command.ts'

const run = promisify(execFile)
const most = 500_000

let folder: Awaited<ReturnType<typeof ownFolder>>
let path: string
beforeAll(async () => {
  folder = await ownFolder('many-pst')
  path = join(folder.path, 'many.pst')
})
afterAll(() => folder.remove())

test('a folder takes 500,000 messages, and one more goes on in a second folder', async () => {
  const startedAtMs = performance.now()
  const { stdout } = await run(process.execPath, [
    // As the product starts its work processes.
    ...['--disable-warning=ExperimentalWarning', '--max-semi-space-size=1', '--max-old-space-size=128'],
    join(import.meta.dirname, '../doubles/write-many-messages.ts'),
    ...[path, `${most + 1}`],
  ])
  const written = JSON.parse(stdout) as { sizeBytes: number; messages: number; peakRssBytes: number }
  console.log(`${stdout.trim()} in ${Math.round((performance.now() - startedAtMs) / 1000)} s`)
  expect(written.messages).toBe(most + 1)
  expect(written.peakRssBytes).toBeLessThan(300e6)
  const checked = await stillbox('verify-pst', path)
  console.log(`verify-pst: ${Math.round(checked.peakRssBytes / 1e6)} MB resident`)
  expect(checked.stdout).toMatch(/^sound: .*\n {2}folders {5}6\n {2}messages {4}500,001\n.*\n.*\n {2}warnings {4}0$/m)
  expect(checked.peakRssBytes).toBeLessThan(300e6)
})

test.skipIf(!needs('readpst'))('lspst finds each of them, in its folder', async () => {
  const { stdout } = await run('lspst', [path], { maxBuffer: 256 * 1024 * 1024 })
  const found = new Map<string, Set<string>>()
  let folderName = ''
  for (const [, name, subject = ''] of stdout.matchAll(/^(?:Folder "(.*)"|Email\t.*Subject: (.*))$/gm)) {
    if (name !== undefined) folderName = name
    else found.set(folderName, (found.get(folderName) ?? new Set()).add(subject))
  }
  expect([...found].map(([name, subjects]) => [name, subjects.size])).toEqual([
    ['Many', most],
    ['Many (2)', 1],
  ])
  expect(found.get('Many (2)')).toEqual(new Set([`Number ${most + 1}`]))
})
