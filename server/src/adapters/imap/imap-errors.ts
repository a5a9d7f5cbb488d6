import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { ImapSourceSpec } from '../../ports/source.ts'

/** Who is spoken to, for the sentences of errors. */
export type Peer = { readonly host: string; readonly userName: string; readonly timeoutMs: number }

/**
 * Whom the errors of this source are about. `userName` is the mailbox wanted: for a sign-in on behalf of somebody it is
 * the authorization identity, as that is what the reader of the message asked for.
 */
export const peerOf = ({ host, port, auth, timeoutMs }: ImapSourceSpec): Peer => ({
  host: `${host}:${port}`,
  userName: auth.method === 'plain-authzid' ? auth.authorizationId : auth.userName,
  timeoutMs,
})

/** Response codes that say: later, perhaps (RFC 5530 §3; LIMIT and OVERQUOTA also mean too many connections or too much traffic). */
const passingCodes = new Set(['UNAVAILABLE', 'INUSE', 'LIMIT', 'OVERQUOTA', 'THROTTLED'])
const refusingCodes = new Set(['AUTHENTICATIONFAILED', 'AUTHORIZATIONFAILED', 'EXPIRED', 'PRIVACYREQUIRED'])
// Servers without response codes say it in words only; Yahoo does so for its rate limits.
const passingWords =
  /too many|rate.?limit|limit(s)? (exceeded|reached)|exceeded the|maximum number|throttl|temporar|later|overquota|busy/i

/** A sentence of a server made fit to show: one line, printable, not endless. */
export const readable = (text: string): string =>
  text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 200) || 'no reason given'

export const isPassing = (code: string | null, text: string): boolean =>
  code === null ? passingWords.test(text) : passingCodes.has(code.toUpperCase())

export const unreachable = ({ host }: Peer, reason: string, cause?: unknown): AppError =>
  new AppError('source_unreachable', { details: { host, reason: readable(reason) }, cause })
export const busy = ({ host }: Peer, reason: string, cause?: unknown): AppError =>
  new AppError('source_busy', { details: { host, reason: readable(reason) }, cause })
export const timedOut = ({ host, timeoutMs }: Peer, cause?: unknown): AppError =>
  new AppError('source_timeout', { details: { host, seconds: Math.round(timeoutMs / 100) / 10 }, cause })
export const againstProtocol = ({ host }: Peer, reason: string, cause?: unknown): AppError =>
  new AppError('source_protocol', { details: { host, reason: readable(reason) }, cause })
export const signInRefused = ({ host, userName }: Peer, reason: string, cause?: unknown): AppError =>
  new AppError('source_sign_in_refused', { details: { host, userName, reason: readable(reason) }, cause })

/** The server said BYE and went (RFC 3501 §7.1.5). */
export const saidBye = (peer: Peer, text: string): AppError => {
  const { code, words } = splitCode(text)
  return isPassing(code, words) ? busy(peer, words) : unreachable(peer, `it closed the connection: ${words}`)
}

/** `[CODE argument] words` of a status response (RFC 3501 §7.1). */
export const splitCode = (text: string): { code: string | null; argument: string; words: string } => {
  const match = /^\[([^\s\]]+)(?: ([^\]]*))?\] ?(.*)$/s.exec(text)
  return match
    ? { code: match[1]!.toUpperCase(), argument: match[2] ?? '', words: match[3]! }
    : { code: null, argument: '', words: text }
}

const certificateCodes =
  /^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|PATH_LENGTH)/
const certificateReasons: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'it was issued for another name',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not known',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not known',
}
const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it did not answer',
}
const timeoutCodes = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT', 'ETIMEOUT', 'LockTimeout'])

/** What the library and Node put on their errors; none of it is promised, so all of it is optional. */
type LooseError = {
  readonly message?: unknown
  readonly code?: unknown
  readonly reason?: unknown
  readonly response?: unknown
  readonly responseText?: unknown
  readonly responseStatus?: unknown
  readonly serverResponseCode?: unknown
  readonly authenticationFailed?: unknown
}
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Translates an error of the socket or of imapflow. An AppError stays what it is. */
export const toSourceError = (peer: Peer, cause: unknown): AppError => {
  if (isAppError(cause)) return cause
  const error: LooseError = typeof cause === 'object' && cause !== null ? cause : {}
  const code = textOf(error.code)
  if (certificateCodes.test(code))
    return new AppError('source_certificate', {
      details: { host: peer.host, reason: certificateReasons[code] ?? code },
      cause,
    })
  if (timeoutCodes.has(code)) return timedOut(peer, cause)
  if (code === 'ETHROTTLE') return busy(peer, textOf(error.responseText), cause)
  // A goodbye instead of an answer to the sign-in says something about the server, not about the password.
  if (error.reason) return busy(peer, splitCode(textOf(error.reason)).words, cause)
  if (error.authenticationFailed) {
    const serverCode = textOf(error.serverResponseCode).toUpperCase()
    const words = splitCode(textOf(error.response) || textOf(error.message)).words
    const isRefusal = refusingCodes.has(serverCode)
    return !isRefusal && (passingCodes.has(serverCode) || passingWords.test(words))
      ? busy(peer, words, cause)
      : signInRefused(peer, words, cause)
  }
  const network = networkReasons[code]
  if (network !== undefined) return unreachable(peer, network, cause)
  if (/^(NoConnection|EConnectionClosed|StateLogout|ClosedAfterConnect)/.test(code))
    return unreachable(peer, 'it closed the connection', cause)
  if (/^ERR_(SSL|TLS)/.test(code) || code === 'EPROTO')
    return againstProtocol(peer, 'it does not speak TLS there', cause)
  const status = textOf(error.responseStatus)
  if (status !== '') {
    const words = textOf(error.responseText)
    const serverCode = textOf(error.serverResponseCode) || null
    return isPassing(serverCode, words) ? busy(peer, words, cause) : againstProtocol(peer, words, cause)
  }
  return againstProtocol(peer, textOf(error.message), cause)
}
