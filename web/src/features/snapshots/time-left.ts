import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'

/** Seconds from the fastest to the slowest that is likely. */
export type TimeLeft = { readonly fromSeconds: number; readonly toSeconds: number }

/** Before this a rate is chance. */
const settledAfterMs = 5_000
/** Even a steady rate is not kept exactly. */
const slack = 0.15

/**
 * How long the rest will take, between the rate of the last seconds and that of the whole time so far. Null while bytes
 * or rates are not known well enough.
 */
export const timeLeft = ({ progress, startedAt }: Pick<Snapshot, 'progress' | 'startedAt'>, nowMs: number) => {
  const { bytesDone, bytesExpected, bytesPerSecond } = progress
  if (startedAt === null || bytesExpected === null || !bytesPerSecond || bytesDone === 0) return null
  const elapsedMs = nowMs - Date.parse(startedAt)
  const rest = bytesExpected - bytesDone
  if (elapsedMs < settledAfterMs || rest <= 0) return null
  const overall = bytesDone / (elapsedMs / 1_000)
  return {
    fromSeconds: (rest / Math.max(bytesPerSecond, overall)) * (1 - slack),
    toSeconds: (rest / Math.min(bytesPerSecond, overall)) * (1 + slack),
  } satisfies TimeLeft
}

const inUnit = (seconds: number, unitSeconds: number, step: number, round: (value: number) => number): number =>
  Math.max(step, round(seconds / unitSeconds / step) * step)

/** “3 to 5 min left”, in the unit of the longer end, which is rounded up. */
export const timeLeftText = ({ fromSeconds, toSeconds }: TimeLeft): string => {
  const [unit, unitSeconds, step] =
    toSeconds < 55
      ? (['s', 1, 5] as const)
      : toSeconds < 90 * 60
        ? (['min', 60, 1] as const)
        : (['h', 3_600, 0.5] as const)
  const to = inUnit(toSeconds, unitSeconds, step, Math.ceil)
  if (fromSeconds < unitSeconds * step) return `up to ${to}\u00a0${unit} left`
  const from = inUnit(fromSeconds, unitSeconds, step, Math.round)
  return from === to ? `about ${to}\u00a0${unit} left` : `${from} to ${to}\u00a0${unit} left`
}
