import type { ClientKind } from '@stillbox/shared/vocabulary/access.ts'
import type { Account, AccountStore } from '../../ports/account-store.ts'
import type { Clock } from '../../ports/clock.ts'

/** Keeps when an account last signed in with each kind of client. */
export type NoteSignIn = (account: Account, client: ClientKind, address: string) => Promise<void>

const everyMs = 60_000
const rememberedAtMost = 10_000

/** A script signs in with each call, which is written at most once a minute. */
export const createNoteSignIn = ({
  accounts,
  clock,
}: {
  readonly accounts: Pick<AccountStore, 'recordSignIn'>
  readonly clock: Clock
}): NoteSignIn => {
  const written = new Map<string, number>()
  return async ({ userName }, client, address) => {
    const now = clock.now()
    const key = `${client} ${userName}`
    if (now.getTime() - (written.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return
    written.delete(key)
    written.set(key, now.getTime())
    if (written.size > rememberedAtMost) written.delete(written.keys().next().value!)
    await accounts.recordSignIn(userName, { client, at: now.toISOString(), address })
  }
}
