import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { AccessToken, AccessTokenStore } from '../../ports/access-token-store.ts'
import type { Account, AccountStore } from '../../ports/account-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Caller } from '../access/authorize.ts'
import { findReachable } from './manage-accounts.ts'

const dayMs = 86_400_000
const defaultDays = 90
const longestDays = 366
const tokensAtMost = 50
const touchEveryMs = 5 * 60_000

/** Begins every token, so that one that has leaked into a file can be found by its form. */
const prefix = 'stillbox_'
const tokenForm = /^stillbox_[A-Za-z0-9_-]{43}$/
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

export type FindToken = (token: string) => Promise<{ readonly token: AccessToken; readonly account: Account }>

/** Who a bearer token belongs to, as the account is now. @throws AppError `token_refused` */
export const createFindToken =
  ({ tokens, clock }: { readonly tokens: AccessTokenStore; readonly clock: Clock }): FindToken =>
  async (text) => {
    const now = clock.now()
    // 256 random bits cannot be guessed, so what has another form is not worth a question to the database.
    const found = tokenForm.test(text) ? await tokens.find(hashOf(text), now.toISOString()) : null
    if (!found) throw new AppError('token_refused')
    const { tokenId, lastUsedAt } = found.token
    if (lastUsedAt === null || now.getTime() - Date.parse(lastUsedAt) > touchEveryMs)
      await tokens.touch(tokenId, now.toISOString())
    return found
  }

export type AccessTokenNeeds = {
  readonly tokens: AccessTokenStore
  readonly accounts: Pick<AccountStore, 'find'>
  readonly clock: Clock
}

const refuse = (reason: string) => new AppError('invalid_params', { details: { reason } })

/** The methods about access tokens: everybody makes his own, administrators can take away those of others. */
export const createAccessTokens = ({ tokens, accounts, clock }: AccessTokenNeeds) => ({
  CreateAccessToken: async (
    { name, scope, expires }: Params<'CreateAccessToken'>,
    caller: Caller,
  ): Promise<Result<'CreateAccessToken'>> => {
    const nowMs = clock.now().getTime()
    const expiresAt = expires ?? new Date(nowMs + defaultDays * dayMs).toISOString()
    if (Date.parse(expiresAt) <= nowMs) throw refuse('expires is in the past.')
    if (Date.parse(expiresAt) > nowMs + longestDays * dayMs) throw refuse('expires is more than a year from now.')
    const { userName } = await findReachable(accounts, undefined, caller)
    const others = await tokens.list(userName)
    if (others.length >= tokensAtMost)
      throw refuse(`this account has ${tokensAtMost} tokens already; delete one of them.`)
    if (others.some((other) => other.name === name)) throw refuse(`there is a token “${name}” already.`)
    const token = `${prefix}${randomBytes(32).toString('base64url')}`
    const row: AccessToken = {
      tokenId: randomUUID(),
      userName,
      name,
      scope,
      createdAt: new Date(nowMs).toISOString(),
      expiresAt,
      lastUsedAt: null,
    }
    await tokens.create({ ...row, tokenHash: hashOf(token) })
    return { ...row, token }
  },

  GetAccessTokens: async (
    { userName }: Params<'GetAccessTokens'>,
    caller: Caller,
  ): Promise<Result<'GetAccessTokens'>> => {
    const account = await findReachable(accounts, userName, caller)
    return { tokens: [...(await tokens.list(account.userName))] }
  },

  DeleteAccessToken: async (
    { userName, tokenId }: Params<'DeleteAccessToken'>,
    caller: Caller,
  ): Promise<Result<'DeleteAccessToken'>> => {
    const account = await findReachable(accounts, userName, caller)
    if (!(await tokens.delete(account.userName, tokenId)))
      throw new AppError('not_found', { details: { what: 'access token' } })
    return null
  },
})
