import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { ImapFlow, type ImapFlowOptions } from 'imapflow'
import type { ImapSourceSpec } from '../../ports/source.ts'
import { fetchAccessToken } from './access-token.ts'
import { againstProtocol, peerOf, signInRefused, toSourceError } from './imap-errors.ts'

type Auth = NonNullable<ImapFlowOptions['auth']>

const credentials = async ({ auth, timeoutMs }: ImapSourceSpec, signal: AbortSignal): Promise<Auth> => {
  switch (auth.method) {
    case 'password':
      return { user: auth.userName, pass: auth.password }
    case 'plain-authzid':
      return {
        user: auth.userName,
        pass: auth.password,
        authzid: auth.authorizationId,
        loginMethod: 'AUTH=PLAIN',
      }
    case 'xoauth2':
      return {
        user: auth.userName,
        accessToken: await fetchAccessToken(auth.tokenEndpoint, auth.userName, timeoutMs, signal),
      }
  }
}

/** Whether SASL PLAIN was what signed in. The field is there in the pinned version but not in its types: absent counts as no. */
const usedPlain = (client: ImapFlow): boolean =>
  (client as unknown as { authCapabilities?: ReadonlyMap<string, unknown> }).authCapabilities?.has('AUTH=PLAIN') ??
  false

/**
 * Connects, secures the connection as the spec demands and signs in. No folder is open, no extension enabled, so folder
 * names are those of IMAP4rev1 and nothing unasked for is sent later.
 * @throws AppError as listed at `Source`; `signal.reason` when aborted.
 */
export const connectImap = async (spec: ImapSourceSpec, signal: AbortSignal): Promise<ImapFlow> => {
  signal.throwIfAborted()
  const peer = peerOf(spec)
  const { tls, auth, timeoutMs } = spec
  const client = new ImapFlow({
    host: spec.host,
    port: spec.port,
    secure: tls.mode === 'implicit',
    ...(tls.mode === 'implicit' ? {} : { doSTARTTLS: tls.mode === 'starttls' }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(tls.ca === undefined ? {} : { ca: tls.ca }) },
    auth: await credentials(spec, signal),
    // The library's own name, version and support address are nobody's business.
    clientInfo: { name: 'Stillbox', version: false, vendor: false, 'support-url': false },
    disableCompression: !spec.compress,
    disableAutoIdle: true,
    disableAutoEnable: true,
    disableIMAP4rev2: true,
    disableBinary: true,
    logger: false,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // Bodies larger than 1 MiB are read in ranges, so nothing else is ever near these.
    maxLineLength: 8 * 1024 * 1024,
    maxLiteralSize: 64 * 1024 * 1024,
    maxResponseSize: 80 * 1024 * 1024,
  })
  // Without a listener an error after the connect would end the process; calls in flight reject by themselves.
  client.on('error', () => {})
  const stop = () => client.close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await client.connect()
    signal.throwIfAborted()
    // With LOGIN the administrator would be signed in as himself, and the wrong mailbox captured.
    if (auth.method === 'plain-authzid' && !usedPlain(client))
      throw signInRefused(peer, 'it offers no AUTH=PLAIN, which an authorization identity needs')
    return client
  } catch (cause) {
    client.close()
    signal.throwIfAborted()
    if (cause instanceof AppError) throw cause
    if (cause instanceof Error && cause.message === 'Server does not support STARTTLS')
      throw againstProtocol(peer, 'it offers no STARTTLS, which the configuration requires', cause)
    throw toSourceError(peer, cause)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
