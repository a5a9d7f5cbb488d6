import { AppError } from '@stillbox/shared/errors/app-error.ts'

/** Whom the errors of a delivery are about. */
export type Peer = {
  readonly host: string
  readonly userName: string
  readonly path: string
  readonly timeoutMs: number
}

export const peerOf = (destination: {
  readonly host: string
  readonly port: number
  readonly username?: string
  readonly path?: string
  readonly timeoutMs: number
}): Peer => ({
  host: `${destination.host.includes(':') ? `[${destination.host}]` : destination.host}:${destination.port}`,
  userName: destination.username ?? '',
  path: destination.path ?? '',
  timeoutMs: destination.timeoutMs,
})

/** What a server said, made fit to show: one line, printable, not endless. */
export const readable = (text: string): string =>
  text
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, 200) || 'no reason given'

export const forbidden = ({ host }: Peer, address: string): AppError =>
  new AppError('destination_forbidden', { details: { host, address } })
export const unreachable = ({ host }: Peer, reason: string, cause?: unknown): AppError =>
  new AppError('destination_unreachable', { details: { host, reason: readable(reason) }, cause })
export const timedOut = ({ host, timeoutMs }: Peer, cause?: unknown): AppError =>
  new AppError('destination_timeout', { details: { host, seconds: Math.round(timeoutMs / 100) / 10 }, cause })
export const signInRefused = ({ host, userName }: Peer, reason: string, cause?: unknown): AppError =>
  new AppError('destination_sign_in_refused', { details: { host, userName, reason: readable(reason) }, cause })
export const againstProtocol = ({ host }: Peer, reason: string, cause?: unknown): AppError =>
  new AppError('destination_protocol', { details: { host, reason: readable(reason) }, cause })
export const noPermission = ({ host, userName, path }: Peer, cause?: unknown): AppError =>
  new AppError('destination_no_permission', { details: { host, userName, path }, cause })
export const folderMissing = ({ host, path }: Peer, cause?: unknown): AppError =>
  new AppError('destination_folder_missing', { details: { host, path }, cause })
export const full = ({ host }: Peer, cause?: unknown): AppError =>
  new AppError('destination_full', { details: { host }, cause })
export const alreadyThere = ({ host }: Peer, name: string): AppError =>
  new AppError('destination_exists', { details: { host, name } })
export const damaged = ({ host }: Peer): AppError => new AppError('destination_damaged', { details: { host } })

/** What OpenSSH, its scp and the shell's tools print in the C locale, and other servers in much the same words. */
const wordings: readonly (readonly [RegExp, (peer: Peer, cause: unknown) => AppError])[] = [
  [/no space left|disk full|quota exceeded|disk quota|not enough space|file too large/i, full],
  [/permission denied|operation not permitted|read-only file system|access denied/i, noPermission],
  [/no such file or directory|not a directory|no such path/i, folderMissing],
]

/** An error sentence of the server that says what is wrong with its disk or folder; null when it says something else. */
export const fromWords = (peer: Peer, text: string, cause?: unknown): AppError | null =>
  wordings.find(([pattern]) => pattern.test(text))?.[1](peer, cause) ?? null

const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  EADDRNOTAVAIL: 'there is no way to it',
  ETIMEDOUT: 'it did not answer',
}

/** What Node and ssh2 put on their errors; none of it is promised. */
type LooseError = { readonly message?: unknown; readonly code?: unknown; readonly level?: unknown }

/** Translates what ends a connection, while it is made and after. An AppError stays what it is. */
export const toConnectionError = (peer: Peer, cause: unknown): AppError => {
  if (cause instanceof AppError) return cause
  const error: LooseError = typeof cause === 'object' && cause !== null ? cause : {}
  const text = typeof error.message === 'string' ? error.message : ''
  const network = typeof error.code === 'string' ? networkReasons[error.code] : undefined
  if (network !== undefined) return unreachable(peer, network, cause)
  if (error.level === 'client-timeout') return timedOut(peer, cause)
  if (error.level === 'client-authentication')
    return signInRefused(peer, 'it accepts neither the key nor the password it was offered', cause)
  if (error.level === 'client-socket') return unreachable(peer, text, cause)
  // It took the connection and said nothing, or hung up: overloaded (MaxStartups), going down, or cut on the way.
  if (/connection lost|no response from server|ECONNRESET|socket/i.test(text))
    return unreachable(peer, 'the connection was cut', cause)
  if (/no matching/i.test(text))
    return againstProtocol(peer, `it has no algorithms in common with us (${readable(text)})`, cause)
  return againstProtocol(peer, text, cause)
}
