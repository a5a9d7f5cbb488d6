import { StatusAnswer, StatusToken } from '@stillbox/shared/contract/status.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request, Response } from 'express'
import type { Job, JobQueue } from '../../ports/job-queue.ts'
import type { AnswerFormat } from './answer-format.ts'

export const toStatusAnswer = (job: Job): StatusAnswer =>
  StatusAnswer.parse({
    status: job.state,
    result: job.result ?? null,
    progressPercentage: job.progressPercentage,
    messages: job.messages,
  })

/**
 * `/JSON/Status/<token>` and `/XML/Status/<token>`. A final status is gone once it was read, so HEAD, which shows nothing, is
 * refused rather than let it be spent.
 */
export const createStatus =
  (readStatus: JobQueue['readStatus'], format: AnswerFormat) =>
  async (request: Request, response: Response): Promise<void> => {
    if (request.method === 'HEAD')
      throw new AppError('invalid_request', { details: { reason: 'read a status by GET or POST.' } })
    const token = StatusToken.safeParse(request.params.token)
    if (!token.success) throw new AppError('status_token_unknown')
    const answer = toStatusAnswer(await readStatus(token.data))
    response.setHeader('Content-Type', format.contentType)
    response.end(format.write(answer))
  }
