import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Caller, CallerOf } from '../domain/access/authorize.ts'
import { privilegesOf } from '../domain/account/get-user-info.ts'
import type { NoteSignIn } from '../domain/account/note-sign-in.ts'
import type { GivenFactor } from '../domain/account/second-factor-check.ts'
import type { Sessions } from '../domain/account/sessions.ts'
import type { SignIn } from '../domain/account/sign-in.ts'
import type { SignInAudit } from '../domain/audit/audit-sign-ins.ts'
import type { Account, AccountStore } from '../ports/account-store.ts'
import type { ClientCertificate } from '../ports/client-certificates.ts'
import { addressOf, originOf } from './auth/authenticate.ts'
import { isSameAccount } from './auth/by-certificate.ts'
import { clearedSessionCookie, readSessionCookie, sessionCookie } from './auth/session-cookie.ts'
import { faultOf, invalidParams } from './invalid-params.ts'
import { readFormParams } from './invoke/form-params.ts'
import { isJson, parseJson, readBody } from './read-body.ts'
import { contextOf } from './request-context.ts'

export type SessionNeeds = {
  readonly accounts: AccountStore
  readonly signIn: SignIn
  readonly sessions: Sessions
  readonly noteSignIn: NoteSignIn
  readonly signInAudit: SignInAudit
  readonly callerOf: CallerOf
  readonly isHttps: (request: Request) => boolean
}

const SignInParams = z.object(
  {
    userName: z.string().trim().min(1, { error: 'userName is empty' }).max(320),
    password: z.string().min(1, { error: 'password is empty' }).max(1_024),
    totp: z.string().max(20).optional(),
    recoveryCode: z.string().max(40).optional(),
    passkey: z.record(z.string(), z.unknown()).optional(),
  },
  { error: 'a sign-in is an object with userName and password' },
)

const factorOf = ({ totp, recoveryCode, passkey }: z.output<typeof SignInParams>): GivenFactor | null => {
  if (totp !== undefined) return { totp }
  if (recoveryCode !== undefined) return { recoveryCode }
  return passkey === undefined ? null : { passkey }
}

/** What the web interface knows of who uses it. */
export type SessionAnswer = {
  readonly userName: string
  readonly fullName: string
  readonly role: Account['role']
  readonly privileges: string
  /** What the caller is signed in by; null when it is a password. */
  readonly certificate: { readonly subject: string; readonly fingerprint: string; readonly validTo: string } | null
  /** Null: all of them. */
  readonly organizations: readonly string[] | null
  readonly secondFactors: Account['secondFactors']
  /** The role needs a second factor and the account has none: until it is set up nothing else is allowed. */
  readonly lacksSecondFactor: boolean
}

const toAnswer = (
  { userName, fullName, role, organizations, secondFactors }: Account,
  { lacksSecondFactor = false }: Caller,
  certificate: ClientCertificate | null,
): SessionAnswer => ({
  userName,
  fullName,
  role,
  privileges: privilegesOf(role),
  certificate: certificate && {
    subject: certificate.subject,
    fingerprint: certificate.fingerprint,
    validTo: new Date(certificate.validToMs).toISOString(),
  },
  organizations,
  secondFactors,
  lacksSecondFactor,
})

/** `/session`: POST signs in, GET tells who is signed in, DELETE signs out. */
export const createSessionRoutes = ({
  accounts,
  signIn,
  sessions,
  noteSignIn,
  signInAudit,
  callerOf,
  isHttps,
}: SessionNeeds) => {
  /** The session of the cookie, also where somebody is signed in by something else: it must not outlive the cookie. */
  const endSession = async (request: Request): Promise<Account | null> => {
    const token = readSessionCookie(request, isHttps(request))
    const session = token === null ? null : await sessions.find(token)
    if (session) await sessions.close(session.tokenHash)
    return session?.account ?? null
  }
  return {
    open: async (request: Request, response: Response): Promise<void> => {
      const { mediaType, text } = await readBody(request)
      const given = SignInParams.safeParse(isJson(mediaType) ? parseJson(text) : readFormParams(SignInParams, text), {
        error: faultOf,
      })
      if (!given.success) throw invalidParams(given.error)
      const { userName, password } = given.data
      const address = addressOf(request)
      const { byCertificate } = contextOf(request)
      const signedIn = async (): Promise<Account> => {
        const account = await signIn({ userName, password, address, factor: factorOf(given.data) })
        if (byCertificate && !isSameAccount(byCertificate.account, account))
          throw new AppError('certificate_other_account')
        return account
      }
      const opened = async () => {
        const account = await signedIn()
        await endSession(request)
        const userAgent = request.headers['user-agent'] ?? ''
        return { account, ...(await sessions.open(account, { address, userAgent })) }
      }
      const { account, token, sessionId } = await opened().catch(async (error: unknown) => {
        await signInAudit.refused({ name: userName, client: 'web' }, error, originOf(request))
        throw error
      })
      await noteSignIn(account, 'web', address)
      await signInAudit.sessionOpened(account.userName, originOf(request))
      const caller = callerOf(account, { client: 'web', sessionId })
      contextOf(request).caller = caller
      response.setHeader('Set-Cookie', sessionCookie(token, isHttps(request)))
      response.json(toAnswer(account, caller, byCertificate?.certificate ?? null))
    },

    read: async (request: Request, response: Response): Promise<void> => {
      const { caller, byCertificate } = contextOf(request)
      const account = caller && (await accounts.find(caller.userName))
      if (!caller || !account) throw new AppError('not_signed_in')
      response.json(toAnswer(account, caller, byCertificate?.certificate ?? null))
    },

    close: async (request: Request, response: Response): Promise<void> => {
      const account = await endSession(request)
      if (account) await signInAudit.sessionClosed(account.userName, originOf(request))
      response.setHeader('Set-Cookie', clearedSessionCookie(isHttps(request)))
      response.status(204).end()
    },
  }
}
