import { AppError } from '@stillbox/shared/errors/app-error.ts'

/** Result codes of SQLite (https://www.sqlite.org/rescode.html), the primary ones in the low byte. */
const full = 13
const unreadable = new Set([1, 11, 18, 26]) // ERROR (no such table), CORRUPT, TOOBIG, NOTADB

const resultCode = (error: unknown): number | null =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : null

const isFull = (error: unknown): boolean =>
  resultCode(error) === full || (error instanceof Error && 'code' in error && error.code === 'ENOSPC')

const isSystemError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)

/** Runs a write to an index file. @throws AppError `disk_full`, `store_failed` */
export const writing = <T>(act: () => T): T => {
  try {
    return act()
  } catch (cause) {
    if (isFull(cause)) throw new AppError('disk_full', { details: { reason: 'writing the index' }, cause })
    if (resultCode(cause) === null && !isSystemError(cause)) throw cause
    throw new AppError('store_failed', { details: { reason: 'the index could not be written' }, cause })
  }
}

/** Runs a read of a finished index file. @throws AppError `archive_invalid`, `store_failed` */
export const reading = <T>(act: () => T): T => {
  try {
    return act()
  } catch (cause) {
    const code = resultCode(cause)
    if (code === null) throw cause
    if (unreadable.has(code))
      throw new AppError('archive_invalid', { details: { reason: 'its index cannot be read' }, cause })
    throw new AppError('store_failed', { details: { reason: 'the index could not be read' }, cause })
  }
}
