import type { Request } from 'express'

/** The prefix binds the cookie to this host and to https (RFC 6265bis §4.1.3.2); plain http on loopback cannot have it. */
const cookieName = (isHttps: boolean): string => (isHttps ? '__Host-stillbox' : 'stillbox')

/** The value of the session cookie; null when there is none. */
export const readSessionCookie = (request: Request, isHttps: boolean): string | null => {
  const prefix = `${cookieName(isHttps)}=`
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const pair = part.trim()
    if (pair.startsWith(prefix)) return pair.slice(prefix.length)
  }
  return null
}

const attributes = (isHttps: boolean): string => `Path=/; HttpOnly; SameSite=Strict${isHttps ? '; Secure' : ''}`

/** Without Max-Age, so that it goes with the browser; the server ends the session by itself after its time. */
export const sessionCookie = (token: string, isHttps: boolean): string =>
  `${cookieName(isHttps)}=${token}; ${attributes(isHttps)}`

export const clearedSessionCookie = (isHttps: boolean): string =>
  `${cookieName(isHttps)}=; ${attributes(isHttps)}; Max-Age=0`
