import { AppError } from '@stillbox/shared/errors/app-error.ts'

/** What the sentences of the errors say of a source; never its password. */
export type DavPeer = { readonly host: string; readonly userName: string; readonly timeoutMs: number }

const certificateCodes: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'HOSTNAME_MISMATCH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it cut the connection',
  EPIPE: 'it cut the connection',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it did not take the connection',
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Whether the connection broke under a request or its answer, so that asking once more is worth it. */
export const isCut = (error: unknown): boolean => {
  const origin = error instanceof AppError ? error.cause : error
  return ['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(codeOf(origin))
}

/** Turns what the socket said into a code of the catalog. An AppError passes as it is. */
export const toDavError = (error: unknown, { host }: DavPeer): AppError => {
  if (error instanceof AppError) return error
  const code = codeOf(error)
  if (certificateCodes.has(code)) {
    return new AppError('source_certificate', { details: { host, reason: code }, cause: error })
  }
  if (code.startsWith('HPE_')) return protocolError('it does not speak HTTP', { host }, error)
  const reason = reasons[code] ?? (code.startsWith('ERR_SSL') || code === 'EPROTO' ? 'TLS failed' : code)
  return new AppError('source_unreachable', { details: { host, reason: reason || 'connection failed' }, cause: error })
}

export const protocolError = (reason: string, { host }: Pick<DavPeer, 'host'>, cause?: unknown): AppError =>
  new AppError('source_protocol', { details: { host, reason }, cause })

export const timeoutError = ({ host, timeoutMs }: DavPeer): AppError =>
  new AppError('source_timeout', { details: { host, seconds: timeoutMs / 1000 } })

/**
 * A 401. Some servers take no Basic at all (SabreDAV as it comes asks for Digest): then it is not the password that is wrong.
 * @param challenge value of WWW-Authenticate (RFC 9110 §11.6.1)
 * @param used the scheme that was refused
 */
export const signInRefused = (challenge: string | undefined, used: string, { host, userName }: DavPeer): AppError => {
  // Quoted text may hold commas and names of schemes; a scheme, unlike a parameter, has no equals sign behind it.
  const bare = (challenge ?? '').replace(/"(?:[^"\\]|\\.)*"/g, '""')
  const taken = [...bare.matchAll(/(?:^|,)\s*([A-Za-z][\w-]{0,30})(?=\s+[^=\s]|\s*(?:,|$))/g)].map(
    ([, scheme]) => scheme!,
  )
  const isTaken = taken.length === 0 || taken.some((scheme) => scheme.toLowerCase() === used.toLowerCase())
  const why = isTaken ? '' : `, and takes ${[...new Set(taken)].slice(0, 4).join(' or ')}, not ${used}`
  return new AppError('source_sign_in_refused', { details: { host, userName, reason: `it answered 401${why}` } })
}

/** What an HTTP status means for a request that had to succeed: a listing, a search of the principal. */
export const statusError = (status: number, what: string, { host }: DavPeer): AppError => {
  if (status === 429 || status === 503) {
    return new AppError('source_busy', { details: { host, reason: `it answered ${status}` } })
  }
  if (status === 404 || status === 410) {
    return new AppError('source_gone', { details: { reason: `${host} answered ${status} for the ${what}` } })
  }
  if (status >= 300 && status < 400) return protocolError(`it sends the ${what} to another address`, { host })
  return new AppError('source_protocol', {
    details: { host, reason: `it answered ${status} for the ${what}`, status },
  })
}

/** Whether it is an answer by status: the server is well and says no, in contrast to one that talks nonsense. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'source_protocol' && typeof error.details.status === 'number'
