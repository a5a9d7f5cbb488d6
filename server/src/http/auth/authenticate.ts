import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request } from 'express'
import type { Sessions } from '../../domain/account/sessions.ts'
import type { SignIn } from '../../domain/account/sign-in.ts'
import { contextOf } from '../request-context.ts'
import { readBasic } from './basic.ts'
import { readSessionCookie } from './session-cookie.ts'

export type AuthenticateNeeds = {
  readonly signIn: SignIn
  readonly sessions: Sessions
  readonly isHttps: (request: Request) => boolean
}

export const addressOf = (request: Request): string => request.ip ?? request.socket.remoteAddress ?? 'unknown'

/**
 * Finds out who sends a request and writes it to its context: by `Authorization: Basic`, else by the session cookie.
 * A header that is wrong fails the request; a cookie that has run out makes it nobody's.
 * @throws AppError `sign_in_refused`, `sign_in_throttled`
 */
export const createAuthenticate =
  ({ signIn, sessions, isHttps }: AuthenticateNeeds) =>
  async (request: Request): Promise<void> => {
    const context = contextOf(request)
    const { authorization } = request.headers
    if (authorization !== undefined) {
      const credentials = readBasic(authorization)
      if (!credentials) throw new AppError('sign_in_refused')
      const { userName, role } = await signIn({ ...credentials, address: addressOf(request) })
      context.caller = { userName, role }
      return
    }
    const token = readSessionCookie(request, isHttps(request))
    const session = token === null ? null : await sessions.find(token)
    if (!session) return
    context.caller = { userName: session.account.userName, role: session.account.role }
    context.sessionHash = session.tokenHash
  }
