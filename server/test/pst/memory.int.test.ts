import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const bench = fileURLToPath(new URL('../../bench/pst.ts', import.meta.url))

test('10,000 messages and 300 MB of attachments need less than 300 MB of memory, and a heap of 48', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--max-old-space-size=48',
      '--disable-warning=ExperimentalWarning',
      bench,
      '--messages',
      '10000',
      '--attachments',
      '300',
    ],
    { timeout: 100_000 },
  )
  const row = JSON.parse(stdout) as { readonly peakRssBytes: number; readonly fileBytes: number }
  expect(row.fileBytes).toBeGreaterThan(300e6)
  expect(row.peakRssBytes).toBeLessThan(300e6)
})
