import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request } from 'express'
import type { CallerOf } from '../../domain/access/authorize.ts'
import type { NoteSignIn } from '../../domain/account/note-sign-in.ts'
import type { SignInAudit } from '../../domain/audit/audit-sign-ins.ts'
import { contextOf } from '../request-context.ts'
import { addressOf, originOf } from './authenticate.ts'

export const isSameAccount = (one: { readonly userName: string }, other: { readonly userName: string }): boolean =>
  one.userName.toLowerCase() === other.userName.toLowerCase()

/**
 * Who comes with a certificate is signed in by it, whatever cookies the browser has. An `Authorization` header still has to
 * be right, and of the same account: a certificate must not lend its way in to somebody else's password.
 * @throws AppError `certificate_other_account`, and what `authenticate` throws
 */
export const withCertificate =
  (
    authenticate: (request: Request) => Promise<void>,
    {
      callerOf,
      noteSignIn,
      signInAudit,
    }: { readonly callerOf: CallerOf; readonly noteSignIn: NoteSignIn; readonly signInAudit: SignInAudit },
  ) =>
  async (request: Request): Promise<void> => {
    const context = contextOf(request)
    const { byCertificate } = context
    if (!byCertificate) return authenticate(request)
    const { account, certificate } = byCertificate
    if (request.headers.authorization !== undefined) {
      await authenticate(request)
      if (context.caller && isSameAccount(context.caller, account)) return
      const error = new AppError('certificate_other_account')
      const name = context.caller?.userName ?? ''
      const { fingerprint } = certificate
      await signInAudit.refused({ name, client: 'certificate', fingerprint }, error, originOf(request))
      throw error
    }
    await noteSignIn(account, 'certificate', addressOf(request))
    await signInAudit.signedIn(account.userName, 'certificate', originOf(request))
    context.caller = callerOf(account, { client: 'certificate' })
  }
