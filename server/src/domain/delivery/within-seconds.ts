import { AppError } from '@stillbox/shared/errors/app-error.ts'

/**
 * Runs something that somebody waits for, and ends it after so many seconds in all, however lively the server is.
 * @throws AppError `destination_timeout`, and what `run` throws
 */
export const withinSeconds = async <T>(
  seconds: number,
  host: string,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const controller = new AbortController()
  const overtime = () => controller.abort(new AppError('destination_timeout', { details: { host, seconds } }))
  const timer = setTimeout(overtime, seconds * 1_000)
  try {
    return await run(controller.signal)
  } finally {
    clearTimeout(timer)
  }
}
