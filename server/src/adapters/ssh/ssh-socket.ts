import { connect, type Socket } from 'node:net'

/**
 * A TCP connection as an SSH upload wants it: no Nagle delay, and everything written in one go leaves in one system call.
 * ssh2 hands over each packet in pieces (length, ciphertext, tag), eight packets for one SFTP write; one call for each of
 * them would cost more time than the encryption.
 */
export const openSshSocket = (host: string, port: number): Socket => {
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 })
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
