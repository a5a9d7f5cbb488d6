import type { StatusAnswer, StatusToken } from '@stillbox/shared/contract/status.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { Limited } from '../access/organization-limit.ts'

/**
 * Reads the status of a job by its token. The final answer comes once, and only to a caller who may see the job’s snapshot.
 * @throws AppError `status_token_unknown`
 */
export const readStatus =
  ({ jobs }: { readonly jobs: JobQueue }) =>
  async (token: StatusToken, { organizations }: Limited): Promise<StatusAnswer> => {
    const { state, result, progressPercentage, messages } = await jobs.readStatus(token, organizations)
    return { status: state, result: state === 'succeeded' ? result : null, progressPercentage, messages: [...messages] }
  }
