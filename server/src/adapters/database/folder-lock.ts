import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Holds a folder for this process alone. SQLite's exclusive lock is a lock of the operating system on `lock.sqlite`: it goes with
 * the process, whatever ended it, so there is no stale lock file to clear after a crash.
 * @throws Error naming the folder when another process holds it.
 */
export const lockFolder = (folder: string): { release(): void } => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new Error(
      `The data folder ${folder} cannot be made (${reason}). Give a folder that this account may write to with STILLBOX_DATA_DIR.`,
      { cause },
    )
  }
  const lock = new DatabaseSync(join(folder, 'lock.sqlite'))
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw error
    throw new Error(
      `The data folder ${folder} is in use by another Stillbox process, and the embedded database belongs to one process only. ` +
        'Stop that process, choose another folder with STILLBOX_DATA_DIR, or set DATABASE_URL to a PostgreSQL server, which several processes can share.',
      { cause: error },
    )
  }
  return { release: () => lock.close() }
}

/** SQLITE_BUSY is 5; extended codes carry it in their low byte. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 5
