/** Causes deeper than this say nothing new, and a chain may be a ring. */
const deepestCause = 4

type LoggedError = {
  readonly type: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: LoggedError
}

/**
 * An error as it may be logged: what it is and where it came from. Whatever else a library hangs on its errors stays out of the log:
 * a database error carries the parameters of its query, a request error its headers.
 */
export const loggedError = (error: unknown, depth = 0): LoggedError => {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  const { name, message, stack, cause } = error
  return {
    type: name,
    message,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined || depth >= deepestCause ? {} : { cause: loggedError(cause, depth + 1) }),
  }
}
