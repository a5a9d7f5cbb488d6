import { AppError } from '@stillbox/shared/errors/app-error.ts'

export const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left',
  EDQUOT: 'the quota is used up',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reported an error',
  ENOENT: 'a file or folder is missing',
  EXDEV: 'the work folder is on another file system than the archives',
  EMFILE: 'too many open files',
}

/** A failure of the file system as the domain knows it; anything already known stays as it is. Paths stay out of it. */
export const toStoreError = (error: unknown): AppError => {
  if (error instanceof AppError) return error
  const code = codeOf(error)
  const reason = (code === null ? undefined : reasons[code]) ?? code ?? 'unknown'
  return new AppError(code === 'ENOSPC' || code === 'EDQUOT' ? 'disk_full' : 'store_failed', {
    details: { reason },
    cause: error,
  })
}
