import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { AuthMethod, KeyboardInteractiveAuthMethod, ServerHostKeyAlgorithm } from 'ssh2'
import type { DestinationSpec, HostKey, ReadHostKeys } from '../../ports/delivery.ts'
import { checkedAddresses } from './checked-addresses.ts'
import { type RefusedHostKey, type SshSession, shakeHands } from './connect.ts'
import { matchesFingerprint, wordedHostKey } from './host-keys.ts'
import { readPrivateKey } from './private-key.ts'
import { peerOf, signInRefused } from './ssh-errors.ts'

/** What a server can show, by the type of the key; one handshake shows one. RSA keys sign with SHA-2 (RFC 8332). */
const algorithmsOfKey: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/**
 * Shakes hands once for each kind of key the server has, until one is accepted. A server shows the kind we ask for, and a
 * saved fingerprint does not say of which kind it is, so a first key that does not match proves nothing yet.
 */
const shakeHandsByKey = async (
  attempt: (algorithms: readonly ServerHostKeyAlgorithm[]) => Promise<SshSession | RefusedHostKey>,
): Promise<{ readonly session: SshSession | null; readonly shown: readonly HostKey[] }> => {
  const left = { ...algorithmsOfKey }
  const shown: HostKey[] = []
  while (Object.keys(left).length > 0) {
    let outcome: SshSession | RefusedHostKey
    try {
      outcome = await attempt(Object.values(left).flat())
    } catch (error) {
      // It has no key of the kinds that are left.
      if (shown.length > 0 && error instanceof AppError && error.code === 'destination_protocol') break
      throw error
    }
    if (!('refused' in outcome)) return { session: outcome, shown }
    shown.push(outcome.refused)
    if (!Object.hasOwn(left, outcome.refused.algorithm)) break
    delete left[outcome.refused.algorithm]
  }
  return { session: null, shown }
}

const authMethods = (destination: DestinationSpec): AuthMethod[] => {
  const { username, auth } = destination
  const publicKey = (pem: string, passphrase?: string): AuthMethod => {
    const key = readPrivateKey(pem, passphrase)
    if (key === null)
      throw signInRefused(peerOf(destination), 'the saved private key cannot be read with its passphrase')
    return { type: 'publickey', username, key } as AuthMethod
  }
  switch (auth.method) {
    case 'service-key':
      return auth.privateKeyPems.map((pem) => publicKey(pem))
    case 'private-key':
      return [publicKey(auth.privateKeyPem, auth.passphrase)]
    case 'password':
      return [
        { type: 'password', username, password: auth.password } as AuthMethod,
        {
          type: 'keyboard-interactive',
          username,
          prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => auth.password)),
        } as KeyboardInteractiveAuthMethod,
      ]
  }
}

/**
 * Connects, checks the host key and signs in.
 * @throws AppError as listed at `Delivery`; `signal.reason` when aborted.
 */
export const signIn = async (destination: DestinationSpec, signal: AbortSignal): Promise<SshSession> => {
  const peer = peerOf(destination)
  const { port, username, hostKeyFingerprints } = destination
  const methods = authMethods(destination)
  const addresses = await checkedAddresses({ ...destination, peer }, signal)
  const { session, shown } = await shakeHandsByKey((hostKeyAlgorithms) =>
    shakeHands(
      {
        addresses,
        port,
        peer,
        username,
        authMethods: methods,
        hostKeyAlgorithms,
        acceptsHostKey: (key) => hostKeyFingerprints.some((text) => matchesFingerprint(key, text)),
      },
      signal,
    ),
  )
  if (session) return session
  const actual = shown.map(wordedHostKey).join(', ')
  if (hostKeyFingerprints.length === 0)
    throw new AppError('destination_host_key_unknown', { details: { host: peer.host, actual } })
  throw new AppError('destination_host_key_changed', {
    details: { host: peer.host, actual, expected: hostKeyFingerprints.join(' or ') },
  })
}

export const readHostKeys: ReadHostKeys = async (server, signal) => {
  const peer = peerOf(server)
  const addresses = await checkedAddresses({ ...server, peer }, signal)
  const { shown } = await shakeHandsByKey((hostKeyAlgorithms) =>
    shakeHands(
      {
        addresses,
        port: server.port,
        peer,
        username: '',
        authMethods: [],
        hostKeyAlgorithms,
        acceptsHostKey: () => false,
      },
      signal,
    ),
  )
  return shown
}
