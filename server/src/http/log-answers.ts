import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import { contextOf } from './request-context.ts'

/** Method calls have a line of their own, written where they are carried out; files and probes are too many for one. */
const levelFor = (path: string): 'info' | 'debug' =>
  /^\/(download|session|audit-log|(v1\/)?intercept|JSON\/Status|XML\/Status)/.test(path) ? 'info' : 'debug'

/** The first part of the path is enough to know what was asked for; the rest may be a token. */
const roomOf = (path: string): string => /^\/(v1\/)?[A-Za-z.]*(\/(Status|Invoke))?/.exec(path)?.[0] ?? '/'

/** One line for each answer, with what it was and how long it took, and never what was in it. */
export const logAnswers =
  (logger: Logger): RequestHandler =>
  (request, response, next) => {
    const context = contextOf(request)
    const { path } = request
    response.once('close', () =>
      logger[levelFor(path)](
        {
          requestId: context.requestId,
          verb: request.method,
          route: roomOf(path),
          caller: context.caller?.userName ?? null,
          status: response.statusCode,
          isComplete: response.writableFinished,
          ms: Math.round(performance.now() - context.startedAtMs),
        },
        'request',
      ),
    )
    next()
  }
