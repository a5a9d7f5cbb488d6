import type { AccessToken, AccessTokenStore } from '../../src/ports/access-token-store.ts'
import type { createMemoryAccounts } from './memory-accounts.ts'

export const createMemoryAccessTokens = (accounts: ReturnType<typeof createMemoryAccounts>): AccessTokenStore => {
  const tokens = new Map<string, AccessToken>()
  const isOf = (userName: string, token: AccessToken) => token.userName.toLowerCase() === userName.toLowerCase()
  accounts.onRename((userName, newUserName) => {
    for (const [hash, token] of tokens) {
      if (!isOf(userName, token)) continue
      if (newUserName === null) tokens.delete(hash)
      else tokens.set(hash, { ...token, userName: newUserName })
    }
  })
  return {
    create: async ({ tokenHash, ...token }) => void tokens.set(tokenHash, token),
    find: async (tokenHash, now) => {
      const token = tokens.get(tokenHash)
      const account = token && token.expiresAt > now ? await accounts.find(token.userName) : null
      return token && account ? { token, account } : null
    },
    list: async (userName) =>
      [...tokens.values()]
        .filter((token) => isOf(userName, token))
        .sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1)),
    delete: async (userName, tokenId) => {
      for (const [hash, token] of tokens)
        if (isOf(userName, token) && token.tokenId === tokenId) return tokens.delete(hash)
      return false
    },
    deleteAll: async (userName) => {
      const theirs = [...tokens].filter(([, token]) => isOf(userName, token))
      for (const [hash] of theirs) tokens.delete(hash)
      return theirs.length
    },
    touch: async (tokenId, lastUsedAt) => {
      for (const [hash, token] of tokens) if (token.tokenId === tokenId) tokens.set(hash, { ...token, lastUsedAt })
    },
  }
}
