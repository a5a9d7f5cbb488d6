import { AppError, fromErrorForm, isAppError, toErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import type { FromWork, ToWork, Work, WorkSettings } from './work-messages.ts'

export type CarryOut = (
  work: Work,
  settings: WorkSettings,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
) => Promise<unknown>

const memoryCheckMs = 500

/** Serves one piece of work as a forked process: takes it by IPC, reports, answers, and ends. */
export const serveWork = (carryOut: CarryOut): void => {
  const aborter = new AbortController()
  const send = (message: FromWork, then = () => {}) => {
    if (process.connected) process.send?.(message, undefined, {}, then)
  }
  const run = async ({ work, settings }: Extract<ToWork, { type: 'run' }>) => {
    const limitBytes = settings.memoryLimitMb * 1024 * 1024
    const watch = setInterval(() => {
      if (process.memoryUsage.rss() <= limitBytes) return
      clearInterval(watch)
      // Ended here and not by the system, which might choose the service instead.
      const error = toErrorForm(new AppError('out_of_memory', { details: { limit: `${settings.memoryLimitMb} MB` } }))
      send({ type: 'failed', error }, () => process.exit(1))
    }, memoryCheckMs)
    let answer: FromWork
    try {
      answer = {
        type: 'done',
        value: await carryOut(work, settings, (progress) => send({ type: 'progress', progress }), aborter.signal),
      }
    } catch (error) {
      answer = {
        type: 'failed',
        error: isAppError(error)
          ? toErrorForm(error)
          : { unexpected: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      }
    }
    clearInterval(watch)
    // Only once the answer is out; a thread that hangs in a connection must not keep the process.
    send(answer, () => process.exit(0))
  }
  process.on('message', (message: ToWork) => {
    if (message.type === 'abort') aborter.abort(fromErrorForm(message.reason))
    else void run(message)
  })
  // The service is gone, so nobody waits for this any more; what lies in the work folder is swept at its next start.
  process.once('disconnect', () => process.exit(1))
  // Signals of the terminal reach the whole group; the service decides when its work ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
}
