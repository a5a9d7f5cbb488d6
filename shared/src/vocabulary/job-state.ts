import { z } from 'zod'

/** The three words the status answer knows. */
export const JobState = z.enum(['running', 'succeeded', 'failed'])
export type JobState = z.infer<typeof JobState>

export const JobMessage = z.object({
  type: z.enum(['line', 'information', 'warning', 'error', 'unknown']),
  text: z.string(),
})
export type JobMessage = z.infer<typeof JobMessage>

/** What a running capture knows of itself. A number that is not known yet is null, never a guess. */
export const Progress = z.object({
  itemsDone: z.int().nonnegative(),
  itemsExpected: z.int().nonnegative().nullable(),
  bytesDone: z.int().nonnegative(),
  bytesExpected: z.int().nonnegative().nullable(),
  currentFolder: z.string().nullable(),
  bytesPerSecond: z.number().nonnegative().nullable(),
})
export type Progress = z.infer<typeof Progress>

export const noProgress: Progress = {
  itemsDone: 0,
  itemsExpected: null,
  bytesDone: 0,
  bytesExpected: null,
  currentFolder: null,
  bytesPerSecond: null,
}

/** Percent by bytes where they are known, by items otherwise; null while the total is unknown. 100 is left to the end. */
export const progressPercentage = (progress: Progress): number | null => {
  const share =
    progress.bytesExpected !== null && progress.bytesExpected > 0
      ? progress.bytesDone / progress.bytesExpected
      : progress.itemsExpected !== null && progress.itemsExpected > 0
        ? progress.itemsDone / progress.itemsExpected
        : null
  return share === null ? null : Math.max(0, Math.min(99, Math.floor(share * 100)))
}
