import type { LookupAddress } from 'node:dns'
import type { AppError } from '@stillbox/shared/errors/app-error.ts'
import ssh2, { type Algorithms, type AuthMethod, type Client, type ServerHostKeyAlgorithm } from 'ssh2'
import type { DeliveryFile, HostKey } from '../../ports/delivery.ts'
import { hostKeyOf } from './host-keys.ts'
import { createPendingCalls, type PendingCalls } from './pending-calls.ts'
import { prepareCipher } from './prepare-cipher.ts'
import { type Peer, timedOut, toConnectionError, unreachable } from './ssh-errors.ts'
import { openSshSocket } from './ssh-socket.ts'

/** One signed-in connection. All that waits for the server goes through `wait`, and ends with the connection. */
export type SshSession = {
  readonly client: Client
  readonly peer: Peer
  readonly wait: PendingCalls['wait']
  /** Ends the connection; what is pending rejects with `reason`. Never throws; a second call does nothing. */
  close(reason?: unknown): void
}

export type Handshake = {
  /** Checked ones, see checked-addresses.ts. */
  readonly addresses: readonly LookupAddress[]
  readonly port: number
  readonly peer: Peer
  readonly username: string
  readonly authMethods: readonly AuthMethod[]
  readonly hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[]
  acceptsHostKey(key: HostKey): boolean
}

/** The key was shown, proved by a signature, and not accepted: nothing else was sent. */
export type RefusedHostKey = { readonly refused: HostKey }

// SHA-1 stays out; AES-GCM first, because it needs no separate MAC and has hardware for it nearly everywhere.
const algorithms: Algorithms = {
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
}

/**
 * One connection attempt up to the sign-in.
 * @throws AppError `destination_*`; `signal.reason` when aborted.
 */
export const shakeHands = async (handshake: Handshake, signal: AbortSignal): Promise<SshSession | RefusedHostKey> => {
  signal.throwIfAborted()
  const { peer } = handshake
  const calls = createPendingCalls(peer.timeoutMs)
  const client = new ssh2.Client()
  const socket = openSshSocket(handshake.addresses, handshake.port)
  let heardAtMs = performance.now()
  let refused: HostKey | null = null

  const close = (reason: unknown = unreachable(peer, 'the connection is closed')) => {
    calls.fail(reason)
    clearInterval(watch)
    signal.removeEventListener('abort', abort)
    // Not `end`: what is still queued has no reader any more, and a stalled server would keep it for ever.
    socket.destroy()
  }
  const abort = () => close(signal.reason)
  const lose = (error: AppError) => close(error)
  // Two clocks: the server must say something (it answers keepalives even while it computes a checksum), and what it was asked must move.
  const watch = setInterval(
    () => {
      const now = performance.now()
      if (now - heardAtMs > peer.timeoutMs || calls.isOverdue(now)) lose(timedOut(peer))
    },
    Math.min(1_000, Math.max(50, peer.timeoutMs / 4)),
  )
  socket.on('data', () => {
    heardAtMs = performance.now()
  })
  signal.addEventListener('abort', abort, { once: true })
  client.on('error', (error) => lose(toConnectionError(peer, error)))
  // At every exchange of keys: a long upload has several.
  client.on('handshake', () => prepareCipher(client))
  client.on('close', () => lose(unreachable(peer, 'the connection was cut')))

  try {
    await calls.wait<void>((resolve) => {
      client.on('ready', () => resolve())
      client.connect({
        sock: socket,
        username: handshake.username,
        authHandler: [...handshake.authMethods],
        algorithms: { ...algorithms, serverHostKey: [...handshake.hostKeyAlgorithms] },
        hostVerifier: (blob: Buffer) => {
          const key = hostKeyOf(blob)
          if (handshake.acceptsHostKey(key)) return true
          refused = key
          return false
        },
        readyTimeout: 0,
        keepaliveInterval: Math.max(1_000, Math.min(15_000, peer.timeoutMs / 3)),
        // Never given up by the library: the clock above does that.
        keepaliveCountMax: Number.MAX_SAFE_INTEGER,
      })
    })
  } catch (error) {
    close(error)
    signal.throwIfAborted()
    if (refused) return { refused }
    throw error
  }
  return { client, peer, wait: calls.wait, close }
}

/** The same session, for errors about another folder than that of the destination. */
export const atFolder = (session: SshSession, path: string): SshSession => ({
  ...session,
  peer: { ...session.peer, path },
})

/** The same file, whose reads end with the connection: a disk that hangs keeps nobody waiting after an abort. */
export const endingWith = ({ wait }: SshSession, file: DeliveryFile): DeliveryFile => ({
  sizeBytes: file.sizeBytes,
  // However long the disk takes, it is not the server's silence.
  read: (offset, lengthBytes) =>
    wait((resolve, reject) => void file.read(offset, lengthBytes).then(resolve, reject), Number.POSITIVE_INFINITY),
})
