import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { ClientKind } from '@stillbox/shared/vocabulary/access.ts'
import type { Clock } from '../../ports/clock.ts'
import { networkOf } from '../account/network-of.ts'
import type { AuditNote, CallOrigin, NoteAudit } from './audit-trail.ts'
import type { NoteRepeated } from './note-repeated.ts'

export type RefusedSignIn = {
  /** What somebody tried to sign in as; empty when no name was given. */
  readonly name: string
  readonly client: ClientKind
  /** Of a client certificate. */
  readonly fingerprint?: string | null
}

export type SignInAudit = {
  sessionOpened(userName: string, origin: CallOrigin): Promise<void>
  sessionClosed(userName: string, origin: CallOrigin): Promise<void>
  /** A program has signed in, as it does with each call: noted at most once a minute for each account, kind and network. */
  signedIn(userName: string, client: ClientKind, origin: CallOrigin): Promise<void>
  /** Somebody was not let in; errors that say nothing about that are passed over. */
  refused(attempt: RefusedSignIn, error: unknown, origin: CallOrigin): Promise<void>
}

const everyMs = 60_000
const rememberedAtMost = 10_000

const codeOf = (error: unknown, client: ClientKind): string | null => {
  // The sign-in page asks for the second factor only once the password was right.
  if (client === 'web' && isAppError(error, 'second_factor_required')) return null
  return isAppError(
    error,
    'sign_in_refused',
    'sign_in_throttled',
    'second_factor_required',
    'second_factor_refused',
    'token_refused',
    'script_access_off',
    'certificate_other_account',
    'certificate_refused',
    'certificate_unmapped',
  )
    ? error.code
    : null
}

export type SignInAuditNeeds = {
  readonly note: NoteAudit
  /** Of a minute: whoever guesses passwords must not be able to fill the log. */
  readonly repeated: NoteRepeated
  readonly clock: Clock
}

export const createSignInAudit = ({ note, repeated, clock }: SignInAuditNeeds): SignInAudit => {
  const noted = new Map<string, number>()
  const made = (
    action: AuditNote['action'],
    actor: string,
    client: ClientKind,
    { address, requestId }: CallOrigin,
  ): AuditNote => ({ action, actor, client, address, requestId })

  return {
    sessionOpened: async (userName, origin) => void (await note(made('session.open', userName, 'web', origin))),
    sessionClosed: async (userName, origin) => void (await note(made('session.close', userName, 'web', origin))),

    signedIn: async (userName, client, origin) => {
      const nowMs = clock.now().getTime()
      const key = `${client} ${networkOf(origin.address)} ${userName}`
      if (nowMs - (noted.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return
      noted.delete(key)
      noted.set(key, nowMs)
      if (noted.size > rememberedAtMost) noted.delete(noted.keys().next().value!)
      try {
        await note(made('sign-in', userName, client, origin))
      } catch (error) {
        noted.delete(key)
        throw error
      }
    },

    refused: async ({ name, client, fingerprint = null }, error, origin) => {
      const code = codeOf(error, client)
      if (code === null) return
      const action = client === 'web' ? 'session.open' : 'sign-in'
      await repeated.note(JSON.stringify([action, client, name.toLowerCase(), fingerprint, origin.address]), {
        ...made(action, name, client, origin),
        outcome: 'refused',
        code,
        ...(fingerprint === null ? {} : { details: { fingerprint } }),
      })
    },
  }
}
