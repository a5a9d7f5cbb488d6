import type { Request } from 'express'

/** The prefix binds the cookie to this host and to https (RFC 6265bis §4.1.3.2); plain http on loopback cannot have it. */
const cookieName = (isHttps: boolean): string => (isHttps ? '__Host-stillbox' : 'stillbox')

/**
 * The value of the session cookie; null when there is none. Two of them are none as well: whoever shares the host, by another port or
 * a path, may have put his own before ours, so that somebody works in his session without knowing it.
 */
export const readSessionCookie = (request: Request, isHttps: boolean): string | null => {
  const prefix = `${cookieName(isHttps)}=`
  const values = (request.headers.cookie ?? '')
    .split(';')
    // Blanks and tabs only (RFC 6265 §5.2): a browser keeps the prefix `__Host-` from others, but not with some other space before it.
    .map((part) => part.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((pair) => pair.startsWith(prefix))
  return values.length === 1 ? values[0]!.slice(prefix.length) : null
}

const attributes = (isHttps: boolean): string => `Path=/; HttpOnly; SameSite=Strict${isHttps ? '; Secure' : ''}`

/** Without Max-Age, so that it goes with the browser; the server ends the session by itself after its time. */
export const sessionCookie = (token: string, isHttps: boolean): string =>
  `${cookieName(isHttps)}=${token}; ${attributes(isHttps)}`

export const clearedSessionCookie = (isHttps: boolean): string =>
  `${cookieName(isHttps)}=; ${attributes(isHttps)}; Max-Age=0`
