import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request } from 'express'
import type { CallerOf } from '../../domain/access/authorize.ts'
import type { FindToken } from '../../domain/account/access-tokens.ts'
import type { NoteSignIn } from '../../domain/account/note-sign-in.ts'
import type { Sessions } from '../../domain/account/sessions.ts'
import type { SignIn } from '../../domain/account/sign-in.ts'
import type { RefusedSignIn, SignInAudit } from '../../domain/audit/audit-sign-ins.ts'
import type { CallOrigin } from '../../domain/audit/audit-trail.ts'
import { contextOf } from '../request-context.ts'
import { readBasic } from './basic.ts'
import { readBearer } from './bearer.ts'
import { readSessionCookie } from './session-cookie.ts'

export type AuthenticateNeeds = {
  readonly signIn: SignIn
  readonly findToken: FindToken
  readonly noteSignIn: NoteSignIn
  readonly signInAudit: SignInAudit
  readonly callerOf: CallerOf
  readonly sessions: Sessions
  readonly isHttps: (request: Request) => boolean
  /** Whether programs may sign in by Basic and by access tokens. */
  readonly scriptAccess: boolean
}

export const addressOf = (request: Request): string => request.ip ?? request.socket.remoteAddress ?? 'unknown'

/** Where a request came from, as the audit log has it. */
export const originOf = (request: Request): CallOrigin => ({
  address: addressOf(request),
  requestId: contextOf(request).requestId,
})

/** What somebody tried to sign in as; a token that is wrong has no name. */
const triedBy = (authorization: string): RefusedSignIn => {
  const credentials = readBasic(authorization)
  if (credentials) return { name: credentials.userName, client: 'basic' }
  return { name: '', client: /^Bearer\b/i.test(authorization) ? 'token' : 'basic' }
}

/**
 * Finds out who sends a request and writes it to its context: by `Authorization: Basic` or `Bearer`, else by the session cookie.
 * A header that is wrong fails the request; a cookie that has run out makes it nobody's.
 * @throws AppError `sign_in_refused`, `second_factor_required`, `token_refused`, `script_access_off`, `sign_in_throttled`
 */
export const createAuthenticate = ({
  signIn,
  findToken,
  noteSignIn,
  signInAudit,
  callerOf,
  sessions,
  isHttps,
  scriptAccess,
}: AuthenticateNeeds) => {
  const byHeader = async (request: Request, authorization: string) => {
    // Before anything is looked up: who is right and who is wrong must not show.
    if (!scriptAccess) throw new AppError('script_access_off')
    const address = addressOf(request)
    const bearer = readBearer(authorization)
    if (bearer !== null) {
      const { token, account } = await findToken(bearer)
      await noteSignIn(account, 'token', address)
      await signInAudit.signedIn(account.userName, 'token', originOf(request))
      return callerOf(account, { client: 'token', scope: token.scope })
    }
    const credentials = readBasic(authorization)
    if (!credentials) throw new AppError(/^Bearer\b/i.test(authorization) ? 'token_refused' : 'sign_in_refused')
    const account = await signIn({ ...credentials, address })
    await noteSignIn(account, 'basic', address)
    await signInAudit.signedIn(account.userName, 'basic', originOf(request))
    return callerOf(account, { client: 'basic' })
  }

  return async (request: Request): Promise<void> => {
    const context = contextOf(request)
    const { authorization } = request.headers
    if (authorization !== undefined) {
      try {
        context.caller = await byHeader(request, authorization)
      } catch (error) {
        await signInAudit.refused(triedBy(authorization), error, originOf(request))
        throw error
      }
      return
    }
    const token = readSessionCookie(request, isHttps(request))
    const session = token === null ? null : await sessions.find(token)
    if (!session) return
    context.caller = callerOf(session.account, { client: 'web', sessionId: session.sessionId })
  }
}
