import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../../..')
// At the end of the process, not of its threads.
const tell =
  'import{isMainThread}from"node:worker_threads";process.on("exit",()=>isMainThread&&console.error("peak",process.resourceUsage().maxRSS))'

/** Runs the command as `pnpm stillbox` does; throws when it does not end with 0. */
export const stillbox = async (
  ...args: readonly string[]
): Promise<{ readonly stdout: string /** The most memory that was resident. */; readonly peakRssBytes: number }> => {
  const { scripts } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  const [, ...given] = scripts.stillbox!.split(' ')
  const all = ['--import', `data:text/javascript,${tell}`, ...given, ...args]
  const { stdout, stderr } = await run(process.execPath, all, { cwd: repository })
  return { stdout, peakRssBytes: Number(/^peak (\d+)$/m.exec(stderr)![1]) * 1024 }
}
