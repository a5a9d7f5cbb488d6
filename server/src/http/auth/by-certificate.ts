import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request } from 'express'
import { contextOf } from '../request-context.ts'

export const isSameAccount = (one: { readonly userName: string }, other: { readonly userName: string }): boolean =>
  one.userName.toLowerCase() === other.userName.toLowerCase()

/**
 * Who comes with a certificate is signed in by it, whatever cookies the browser has. An `Authorization` header still has to
 * be right, and of the same account: a certificate must not lend its way in to somebody else's password.
 * @throws AppError `certificate_other_account`, and what `authenticate` throws
 */
export const withCertificate =
  (authenticate: (request: Request) => Promise<void>) =>
  async (request: Request): Promise<void> => {
    const context = contextOf(request)
    const { byCertificate } = context
    if (!byCertificate) return authenticate(request)
    const { account } = byCertificate
    if (request.headers.authorization !== undefined) {
      await authenticate(request)
      if (context.caller && isSameAccount(context.caller, account)) return
      throw new AppError('certificate_other_account')
    }
    context.caller = { userName: account.userName, role: account.role }
  }
