import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownFolder } from '../../testkit/servers/child.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { checkFile, clean } from './check-file.ts'

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
  expect(await checkFile(path)).toEqual(clean(most + 1))
})

test.skipIf(!needs('readpst'))('lspst finds each of them, in its folder', async () => {
  const { stdout } = await run('lspst', [path], { maxBuffer: 256 * 1024 * 1024 })
  const found = new Map<string, Set<string>>()
  let folderName = ''
  for (const [, kind, text] of stdout.matchAll(/^(Folder|Email)\t+(.*)$/gm)) {
    if (kind === 'Folder') folderName = text!.replace(/^"|"$/g, '')
    else found.set(folderName, (found.get(folderName) ?? new Set()).add(/Subject: (.*)$/.exec(text!)?.[1] ?? ''))
  }
  expect([...found].map(([name, subjects]) => [name, subjects.size])).toEqual([
    ['Many', most],
    ['Many (2)', 1],
  ])
  expect(found.get('Many (2)')).toEqual(new Set([`Number ${most + 1}`]))
})
