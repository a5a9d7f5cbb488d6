import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Runs libpst's `readpst` with these arguments; throws what it prints when it fails.
 * Always in one process: with parallel jobs it now and then leaves items out of a sound file
 * (libpst issues 7 and 20).
 */
export const readpst = (args: readonly string[], timeoutMs = 60_000) =>
  run('readpst', ['-j', '0', ...args], { timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024 })
