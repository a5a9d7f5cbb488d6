import type { StatusAnswer, StatusToken } from '@stillbox/shared/contract/status.ts'
import type { JobQueue } from '../../ports/job-queue.ts'

/** Reads the status of a job by its token. The final answer comes once. @throws AppError `status_token_unknown` */
export const readStatus =
  ({ jobs }: { readonly jobs: JobQueue }) =>
  async (token: StatusToken): Promise<StatusAnswer> => {
    const { state, result, progressPercentage, messages } = await jobs.readStatus(token)
    return { status: state, result: state === 'succeeded' ? result : null, progressPercentage, messages: [...messages] }
  }
