import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'

const reportEveryMs = 250
const rateWindowMs = 5_000

/** Counts what is done and reports it at most four times a second; the rate is that of the last seconds. */
export const createProgressMeter = (
  expected: { readonly items: number; readonly bytes: number | null },
  report: (progress: Progress) => void,
  nowMs: () => number,
  /** Bytes that were done before: they count, but not for the rate. */
  bytesBefore = 0,
) => {
  const marks: { atMs: number; bytes: number }[] = [{ atMs: nowMs(), bytes: bytesBefore }]
  let itemsDone = 0
  let bytesDone = bytesBefore
  let currentFolder: string | null = null
  let reportedAtMs = 0

  const emit = () => {
    const atMs = nowMs()
    reportedAtMs = atMs
    marks.push({ atMs, bytes: bytesDone })
    while (marks.length > 2 && marks[0]!.atMs < atMs - rateWindowMs) marks.shift()
    const elapsedMs = atMs - marks[0]!.atMs
    report({
      itemsDone,
      itemsExpected: expected.items,
      bytesDone,
      bytesExpected: expected.bytes,
      currentFolder,
      bytesPerSecond:
        elapsedMs >= 500 ? Math.max(0, Math.round(((bytesDone - marks[0]!.bytes) * 1000) / elapsedMs)) : null,
    })
  }
  const maybe = () => {
    if (nowMs() - reportedAtMs >= reportEveryMs) emit()
  }
  return {
    items(count: number) {
      itemsDone += count
      maybe()
    },
    /** Negative for what was counted and has to be read again. */
    bytes(count: number) {
      bytesDone += count
      maybe()
    },
    folder(label: string) {
      currentFolder = label
    },
    emit,
  }
}
export type ProgressMeter = ReturnType<typeof createProgressMeter>
