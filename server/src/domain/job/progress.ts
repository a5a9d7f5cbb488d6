import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import type { Clock } from '../../ports/clock.ts'

export type ProgressWriter = {
  report(progress: Progress): void
  /** Resolved when nothing is being written any more; what came after the last write is dropped. */
  settled(): Promise<void>
}

/** Passes on the newest progress, one write at a time and at most one in `intervalMs`. A write that fails goes to `onError`; the next is tried all the same. */
export const createProgressWriter = (
  write: (progress: Progress) => Promise<void>,
  {
    clock,
    intervalMs,
    onError,
  }: { readonly clock: Clock; readonly intervalMs: number; readonly onError: (error: unknown) => void },
): ProgressWriter => {
  let writing: Promise<void> | null = null
  let writtenAtMs = Number.NEGATIVE_INFINITY
  return {
    report: (progress) => {
      const nowMs = clock.now().getTime()
      if (writing !== null || nowMs - writtenAtMs < intervalMs) return
      writtenAtMs = nowMs
      writing = write(progress)
        .catch(onError)
        .finally(() => {
          writing = null
        })
    },
    settled: async () => {
      await writing
    },
  }
}
