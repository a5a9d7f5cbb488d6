import { queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'

/** Whose it is: an account by its user name, or null for the one that is signed in. */
export type Owner = string | null

/** The parameter that says so; left out it means the caller. */
export const whose = (owner: Owner): { userName?: string } => (owner === null ? {} : { userName: owner })

/** The methods that answer something about accounts: all of them are asked again once one has changed. */
export const accountQueryNames = [
  'GetUsers',
  'GetUserInfo',
  'GetSecondFactors',
  'GetSessions',
  'GetAccessTokens',
  'GetLastSignIns',
  'GetPasswordHistory',
] as const

export const accounts = () =>
  queryOptions({ queryKey: ['GetUsers'], queryFn: ({ signal }) => api.GetUsers({}, { signal }) })

export const accountInfo = (owner: Owner) =>
  queryOptions({
    queryKey: ['GetUserInfo', owner],
    queryFn: ({ signal }) => api.GetUserInfo(whose(owner), { signal }),
  })

export const secondFactors = (owner: Owner) =>
  queryOptions({
    queryKey: ['GetSecondFactors', owner],
    queryFn: ({ signal }) => api.GetSecondFactors(whose(owner), { signal }),
  })

export const sessionsOf = (owner: Owner) =>
  queryOptions({
    queryKey: ['GetSessions', owner],
    queryFn: async ({ signal }) => (await api.GetSessions(whose(owner), { signal })).sessions,
  })

export const accessTokens = (owner: Owner) =>
  queryOptions({
    queryKey: ['GetAccessTokens', owner],
    queryFn: async ({ signal }) => (await api.GetAccessTokens(whose(owner), { signal })).tokens,
  })

export const lastSignIns = (owner: Owner) =>
  queryOptions({
    queryKey: ['GetLastSignIns', owner],
    queryFn: async ({ signal }) => (await api.GetLastSignIns(whose(owner), { signal })).signIns,
  })

export const passwordHistory = (owner: Owner) =>
  queryOptions({
    queryKey: ['GetPasswordHistory', owner],
    queryFn: async ({ signal }) => (await api.GetPasswordHistory(whose(owner), { signal })).changes,
  })
