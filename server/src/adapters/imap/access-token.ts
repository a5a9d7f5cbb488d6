import type { OAuthEndpoint } from '../../ports/source.ts'
import { againstProtocol, busy, type Peer, signInRefused, timedOut, unreachable } from './imap-errors.ts'

const maxAnswerBytes = 64 * 1024

/** Reads an answer no longer than a token answer may be. */
const boundedText = async (response: Response): Promise<string> => {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.length
    if (bytes > maxAnswerBytes) break
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

const parsed = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/**
 * Fetches an access token for a user by the client credentials grant (RFC 6749 §4.4); `{userName}` in a parameter is
 * filled in.
 * @throws AppError `source_sign_in_refused` (the endpoint refuses the client), `source_busy`, `source_unreachable`,
 * `source_timeout`, `source_protocol`; `signal.reason` when aborted.
 */
export const fetchAccessToken = async (
  endpoint: OAuthEndpoint,
  userName: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string> => {
  signal.throwIfAborted()
  const peer: Peer = {
    host: URL.canParse(endpoint.url) ? new URL(endpoint.url).host : endpoint.url,
    userName,
    timeoutMs,
  }
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: endpoint.clientId,
    client_secret: endpoint.clientSecret,
  })
  for (const [name, value] of Object.entries(endpoint.parameters))
    body.set(name, value.replaceAll('{userName}', userName))
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(endpoint.url, {
      method: 'POST',
      body,
      headers: { accept: 'application/json' },
      redirect: 'error', // a redirect would carry the client secret to wherever it points
      signal: AbortSignal.any([signal, timeout]),
    })
    const answer = parsed(await boundedText(response))
    if (response.status === 429 || response.status >= 500) throw busy(peer, `HTTP ${response.status}`)
    if (!response.ok) {
      const word = typeof answer.error === 'string' ? answer.error : `HTTP ${response.status}`
      throw signInRefused(peer, `the token endpoint answers ${word}`)
    }
    if (typeof answer.access_token !== 'string' || answer.access_token === '')
      throw againstProtocol(peer, 'the token endpoint sent no access_token')
    return answer.access_token
  } catch (cause) {
    signal.throwIfAborted()
    if (timeout.aborted) throw timedOut(peer, cause)
    if (cause instanceof TypeError) throw unreachable(peer, 'the token endpoint did not answer', cause)
    throw cause
  }
}
