import { z } from 'zod'
import { JobMessage, JobState } from '../vocabulary/job-state.ts'

/** An upper-case GUID that reads the status of one job; spent once a final status was delivered. */
export const StatusToken = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/, { error: 'a status token is a GUID' })
  .brand<'StatusToken'>()
export type StatusToken = z.infer<typeof StatusToken>

/** The first answer of an async method. */
export const AsyncAnswer = z.object({ statusToken: z.string(), statusUrl: z.string() })
export type AsyncAnswer = z.infer<typeof AsyncAnswer>

/** What `/JSON/Status/<token>` answers. `progressPercentage` is null while the total is unknown. */
export const StatusAnswer = z.object({
  status: JobState,
  result: z.unknown(),
  progressPercentage: z.int().min(0).max(100).nullable(),
  messages: z.array(JobMessage),
})
export type StatusAnswer = z.infer<typeof StatusAnswer>
