import { AppError, type ErrorDetails, fromErrorForm } from '@stillbox/shared/errors/app-error.ts'
import { isErrorCode } from '@stillbox/shared/errors/error-catalog.ts'
import { Role, SecondFactorKind } from '@stillbox/shared/vocabulary/access.ts'
import { z } from 'zod'
import { mayBeSignedIn, noteSignedIn, noteSignedOut } from './session-mark.ts'

/** Who is signed in. */
export const Session = z.object({
  userName: z.string(),
  fullName: z.string(),
  role: Role,
  /** What the browser signs in by, if that is not a password. */
  certificate: z.object({ subject: z.string(), fingerprint: z.string(), validTo: z.string() }).nullable(),
  /** Null: all of them. */
  organizations: z.array(z.string()).nullable(),
  secondFactors: z.array(SecondFactorKind),
  /** The role needs a second factor and the account has none: until it is set up nothing else is allowed. */
  lacksSecondFactor: z.boolean(),
})
export type Session = z.infer<typeof Session>

const Refusal = z.object({
  code: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
})

const refusalOf = async (response: Response): Promise<AppError> => {
  const body = Refusal.safeParse(await response.json().catch(() => null))
  if (!body.success || !isErrorCode(body.data.code))
    return new AppError('source_unreachable', { details: { host: 'Stillbox', reason: `HTTP ${response.status}` } })
  const wait = response.headers.get('retry-after')
  const details: ErrorDetails = { ...(wait === null ? {} : { seconds: wait }), ...body.data.details }
  return fromErrorForm({ code: body.data.code, details })
}

const call = async (method: 'GET' | 'POST' | 'DELETE', body: unknown, signal?: AbortSignal): Promise<Response> => {
  const response = await fetch('/session', {
    method,
    credentials: 'same-origin',
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause
    throw new AppError('source_unreachable', { details: { host: 'Stillbox', reason: 'no connection' }, cause })
  })
  return response
}

/** Null when nobody is signed in. @throws AppError when the service does not answer. */
export const readSession = async (signal?: AbortSignal): Promise<Session | null> => {
  // Whoever never signed in here has no session: asking would only put a refusal into the console.
  if (!mayBeSignedIn()) return null
  const response = await call('GET', undefined, signal)
  if (response.status === 401) {
    noteSignedOut()
    return null
  }
  if (!response.ok) throw await refusalOf(response)
  return Session.parse(await response.json())
}

/** What somebody gives beside the password; `passkey` is what the browser answered. */
export type GivenFactor =
  | { readonly totp: string }
  | { readonly recoveryCode: string }
  | { readonly passkey: Readonly<Record<string, unknown>> }

export type Credentials = { readonly userName: string; readonly password: string; readonly factor?: GivenFactor }

/**
 * Opens a session; its cookie is out of reach for scripts.
 * @throws AppError `sign_in_refused`, `sign_in_throttled`, `second_factor_required`, `second_factor_refused`
 */
export const signIn = async ({ factor, ...credentials }: Credentials): Promise<void> => {
  const response = await call('POST', { ...credentials, ...factor })
  if (!response.ok) throw await refusalOf(response)
  noteSignedIn()
}

export const signOut = async (): Promise<void> => {
  const response = await call('DELETE', undefined)
  if (!response.ok && response.status !== 401) throw await refusalOf(response)
  noteSignedOut()
}
