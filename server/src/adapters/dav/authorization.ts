import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { OAuthEndpoint, SourceAuth } from '../../ports/source.ts'
import type { Authorization } from './dav-http.ts'

/**
 * How a sign-in is said in HTTP. `plain-authzid` cannot be: HTTP knows no authorization identity, and to sign in without it
 * would read the service's own calendars in place of the user's.
 * @throws AppError `source_sign_in_refused`
 */
export const createAuthorization = (auth: SourceAuth, host: string, timeoutMs: number): Authorization => {
  const refused = (reason: string) =>
    new AppError('source_sign_in_refused', { details: { host, userName: auth.userName, reason } })
  switch (auth.method) {
    case 'plain-authzid':
      throw refused('CalDAV and CardDAV cannot sign in on behalf of another user by plain-authzid')
    case 'password': {
      // RFC 7617 §2: a colon would move the rest of the name into the password.
      if (auth.userName.includes(':')) throw refused('a user name with a colon cannot be sent')
      const header = `Basic ${Buffer.from(`${auth.userName}:${auth.password}`, 'utf8').toString('base64')}`
      return { scheme: 'Basic', header: async () => header, renew: () => false }
    }
    case 'xoauth2': {
      let token: Promise<string> | null = null
      let usedToken = false
      return {
        scheme: 'Bearer',
        header: async (signal) => {
          token ??= fetchToken(
            auth.tokenEndpoint,
            auth.userName,
            refused,
            AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
          )
          try {
            const header = `Bearer ${await token}`
            usedToken = true
            return header
          } catch (error) {
            token = null
            throw error
          }
        },
        renew: () => {
          // Only a token that was good once may have run out.
          const mayHaveExpired = usedToken
          token = null
          usedToken = false
          return mayHaveExpired
        },
      }
    }
  }
}

const maxTokenAnswerBytes = 64 * 1024

/** What the endpoint answered, or null where it is no JSON or longer than a token answer may be. */
const boundedJson = async (answer: Response): Promise<unknown> => {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer.body ?? []) {
    bytes += part.length
    if (bytes > maxTokenAnswerBytes) return null
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch {
    return null
  }
}

/** OAuth 2.0 client credentials (RFC 6749 §4.4.2), the client's own in the body (§2.3.1). */
const fetchToken = async (
  endpoint: OAuthEndpoint,
  userName: string,
  refused: (reason: string) => AppError,
  signal: AbortSignal,
): Promise<string> => {
  const { host } = new URL(endpoint.url)
  const parameters = Object.entries(endpoint.parameters).map(([name, value]) => [
    name,
    value.replaceAll('{userName}', userName),
  ])
  try {
    const answer = await fetch(endpoint.url, {
      method: 'POST',
      redirect: 'error',
      signal,
      headers: { accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: endpoint.clientId,
        client_secret: endpoint.clientSecret,
        ...Object.fromEntries(parameters),
      }),
    })
    if (answer.status === 429 || answer.status >= 500) {
      throw new AppError('source_busy', {
        details: { host, reason: `the token endpoint answered ${answer.status}` },
      })
    }
    if (!answer.ok) throw refused(`the token endpoint answered ${answer.status}`)
    const body = await boundedJson(answer)
    const token = body && typeof body === 'object' && 'access_token' in body ? body.access_token : null
    if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token
    throw new AppError('source_protocol', { details: { host, reason: 'the token endpoint sent no token' } })
  } catch (error) {
    if (isAppError(error) || (signal.aborted && signal.reason?.name !== 'TimeoutError')) throw error
    throw new AppError('source_unreachable', {
      details: { host, reason: 'the token endpoint did not answer' },
      cause: error,
    })
  }
}
