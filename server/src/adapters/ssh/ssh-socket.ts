import type { LookupAddress } from 'node:dns'
import { connect, type Socket } from 'node:net'

/** What one of several addresses gets before the next is tried: a SYN may be lost once. */
const attemptMs = 2_500

/**
 * A TCP connection to one of these addresses, and to no other, as an SSH upload wants it: no Nagle delay, and everything written in one go
 * leaves in one system call.
 * ssh2 hands over each packet in pieces (length, ciphertext, tag), eight packets for one SFTP write; one call for each of
 * them would cost more time than the encryption.
 */
export const openSshSocket = (addresses: readonly LookupAddress[], port: number): Socket => {
  const socket = connect({
    // Looked up and checked before; a name that cannot exist (RFC 6761 §6.4) would show a lookup that passes ours by.
    host: 'checked.invalid',
    port,
    lookup: (_host, _options, done) => done(null, [...addresses]),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptMs,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  })
  const write = socket.write.bind(socket)
  let isCorked = false
  const uncork = () => {
    isCorked = false
    socket.uncork()
  }
  return Object.assign(socket, {
    write: (bytes: Uint8Array): boolean => {
      if (!isCorked) {
        isCorked = true
        socket.cork()
        process.nextTick(uncork)
      }
      return write(bytes)
    },
  })
}
