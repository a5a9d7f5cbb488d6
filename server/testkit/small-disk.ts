import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ownFolder } from './servers/child.ts'

const run = promisify(execFile)
const mount = (path: string, sizeBytes: number) => ['-t', 'tmpfs', '-o', `size=${sizeBytes},mode=0700`, 'tmpfs', path]

/**
 * Whether this process may mount a file system. Use as `describe.skipIf(!canMount())`.
 * @throws Error where a skip is not allowed: with REQUIRE_SERVERS or CI set, a test that did not run is a failure.
 */
export const canMount = (): boolean => {
  const path = mkdtempSync(join(tmpdir(), 'stillbox-mount-'))
  try {
    execFileSync('mount', mount(path, 65_536), { stdio: 'ignore' })
    execFileSync('umount', [path])
    return true
  } catch {
    const line = 'no file system can be mounted here: run the tests as root'
    if (process.env.REQUIRE_SERVERS || process.env.CI) throw new Error(line)
    console.warn(`skipped, ${line}`)
    return false
  } finally {
    rmdirSync(path)
  }
}

export type SmallDisk = {
  readonly path: string
  /** Takes space away until only so much is left. */
  leave(bytes: number): Promise<void>
  free(): Promise<number>
  unmount(): Promise<void>
}

/** A file system of its own and of a fixed size, in memory. */
export const mountSmallDisk = async (sizeBytes: number): Promise<SmallDisk> => {
  const folder = await ownFolder('disk')
  await run('mount', mount(folder.path, sizeBytes))
  // A test that dies must not leave a file system behind. Lazily: something may still have a file open.
  const leave = () => execFileSync('umount', ['-l', folder.path], { stdio: 'ignore' })
  process.once('exit', leave)
  const ballast = join(folder.path, 'ballast')
  const free = async () => {
    const { bavail, bsize } = await statfs(folder.path)
    return bavail * bsize
  }
  return {
    path: folder.path,
    free,
    leave: async (bytes) => {
      await rm(ballast, { force: true })
      const wanted = (await free()) - bytes
      if (wanted <= 0) return
      const file = await open(ballast, 'w')
      // Written and not only reserved: a file with holes takes no space.
      const block = Buffer.alloc(1 << 20)
      for (let left = wanted; left > 0; left -= block.length) await file.write(block, 0, Math.min(left, block.length))
      await file.close()
    },
    unmount: async () => {
      process.off('exit', leave)
      await run('umount', [folder.path])
      await folder.remove()
    },
  }
}
