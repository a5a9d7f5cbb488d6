import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { privilegesOf } from '../domain/account/get-user-info.ts'
import type { Sessions } from '../domain/account/sessions.ts'
import type { SignIn } from '../domain/account/sign-in.ts'
import type { Account, AccountStore } from '../ports/account-store.ts'
import type { ClientCertificate } from '../ports/client-certificates.ts'
import { addressOf } from './auth/authenticate.ts'
import { isSameAccount } from './auth/by-certificate.ts'
import { clearedSessionCookie, sessionCookie } from './auth/session-cookie.ts'
import { invalidParams } from './invalid-params.ts'
import { readFormParams } from './invoke/form-params.ts'
import { isJson, parseJson, readBody } from './read-body.ts'
import { contextOf } from './request-context.ts'

export type SessionNeeds = {
  readonly accounts: AccountStore
  readonly signIn: SignIn
  readonly sessions: Sessions
  readonly isHttps: (request: Request) => boolean
}

const SignInParams = z.object({
  userName: z.string().trim().min(1, { error: 'userName is empty' }).max(320),
  password: z.string().min(1, { error: 'password is empty' }).max(1_024),
})

/** What the web interface knows of who uses it. */
export type SessionAnswer = {
  readonly userName: string
  readonly fullName: string
  readonly role: Account['role']
  readonly privileges: string
  /** What the caller is signed in by; null when it is a password. */
  readonly certificate: { readonly subject: string; readonly fingerprint: string; readonly validTo: string } | null
}

const toAnswer = ({ userName, fullName, role }: Account, certificate: ClientCertificate | null): SessionAnswer => ({
  userName,
  fullName,
  role,
  privileges: privilegesOf(role),
  certificate: certificate && {
    subject: certificate.subject,
    fingerprint: certificate.fingerprint,
    validTo: new Date(certificate.validToMs).toISOString(),
  },
})

/** `/session`: POST signs in, GET tells who is signed in, DELETE signs out. */
export const createSessionRoutes = ({ accounts, signIn, sessions, isHttps }: SessionNeeds) => ({
  open: async (request: Request, response: Response): Promise<void> => {
    const { mediaType, text } = await readBody(request)
    const given = SignInParams.safeParse(isJson(mediaType) ? parseJson(text) : readFormParams(SignInParams, text))
    if (!given.success) throw invalidParams(given.error)
    const account = await signIn({ ...given.data, address: addressOf(request) })
    const { sessionHash, byCertificate } = contextOf(request)
    if (byCertificate && !isSameAccount(byCertificate.account, account)) throw new AppError('certificate_other_account')
    if (sessionHash !== null) await sessions.close(sessionHash)
    const { token } = await sessions.open(account)
    contextOf(request).caller = { userName: account.userName, role: account.role }
    response.setHeader('Set-Cookie', sessionCookie(token, isHttps(request)))
    response.json(toAnswer(account, byCertificate?.certificate ?? null))
  },

  read: async (request: Request, response: Response): Promise<void> => {
    const { caller, byCertificate } = contextOf(request)
    const account = caller && (await accounts.find(caller.userName))
    if (!account) throw new AppError('not_signed_in')
    response.json(toAnswer(account, byCertificate?.certificate ?? null))
  },

  close: async (request: Request, response: Response): Promise<void> => {
    const { sessionHash } = contextOf(request)
    if (sessionHash !== null) await sessions.close(sessionHash)
    response.setHeader('Set-Cookie', clearedSessionCookie(isHttps(request)))
    response.status(204).end()
  },
})
