import { type StatusAnswer, StatusToken } from '@stillbox/shared/contract/status.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request, Response } from 'express'
import type { Caller } from '../../domain/access/authorize.ts'
import { contextOf } from '../request-context.ts'
import type { AnswerFormat } from './answer-format.ts'

/** Reads a status by its token; a final one comes once. @throws AppError `status_token_unknown` */
export type ReadStatus = (token: StatusToken, caller: Caller) => Promise<StatusAnswer>

/**
 * `/JSON/Status/<token>` and `/XML/Status/<token>`. A final status is gone once it was read, so HEAD, which shows nothing, is
 * refused rather than let it be spent.
 */
export const createStatus =
  (readStatus: ReadStatus, format: AnswerFormat) =>
  async (request: Request, response: Response): Promise<void> => {
    if (request.method === 'HEAD')
      throw new AppError('invalid_request', { details: { reason: 'read a status by GET or POST.' } })
    const token = StatusToken.safeParse(request.params.token)
    if (!token.success) throw new AppError('status_token_unknown')
    const { caller } = contextOf(request)
    if (!caller) throw new AppError('not_signed_in')
    const answer = await readStatus(token.data, caller)
    response.setHeader('Content-Type', format.contentType)
    response.end(format.write(answer))
  }
