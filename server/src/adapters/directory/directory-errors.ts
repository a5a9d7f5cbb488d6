import { AppError } from '@stillbox/shared/errors/app-error.ts'

export const errnoOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown'

/** ELOOP: a link that leads to itself, or a file that became a link after it was looked at. */
const isGone = (cause: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ESTALE', 'ELOOP'].includes(errnoOf(cause))

/** Whether the file system knows it and will not show it. */
export const isRefused = (cause: unknown): boolean => ['EACCES', 'EPERM'].includes(errnoOf(cause))

/** Null where something is not there; every other failure goes on. */
export const nullWhenGone = (cause: unknown): null => {
  if (isGone(cause)) return null
  throw cause
}

const busy = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EBUSY'])

/** What the file system refused, by code. Its messages hold paths, so only the errno is passed on. */
export const toAppError = (cause: unknown): AppError => {
  if (cause instanceof AppError) return cause
  const reason = errnoOf(cause)
  if (isGone(cause)) return new AppError('source_gone', { details: { reason }, cause })
  const host = 'the mail directory'
  return new AppError(busy.has(reason) ? 'source_busy' : 'source_unreachable', { details: { host, reason }, cause })
}
