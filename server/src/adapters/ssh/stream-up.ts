import type { ClientChannel } from 'ssh2'
import type { DeliveryFile } from '../../ports/delivery.ts'
import type { SshSession } from './connect.ts'

const chunkBytes = 256 * 1024
/** Chunks read ahead of the window of the channel. */
const readAhead = 4
/** What a command may not have read yet of the bytes sent: the receive window of OpenSSH. */
const windowBytes = 2 * 1024 * 1024

/**
 * Sends a file from `startAt` to its end into a command's standard input, as fast as the channel's window opens.
 * `onTaken` gets what the command has taken for sure, which is a window less than what was sent.
 * @returns false when the command ended before it had taken all.
 */
export const streamUp = async (
  { wait }: SshSession,
  channel: ClientChannel,
  file: DeliveryFile,
  startAt: number,
  onTaken: (bytesDone: number) => void,
): Promise<boolean> => {
  // A channel that is closed swallows writes without a word.
  let isClosed = false
  let onClose = () => {}
  channel.on('close', () => {
    isClosed = true
    onClose()
  })
  const reads: Promise<Uint8Array>[] = []
  let readAt = startAt
  let taken = startAt
  for (let at = startAt; at < file.sizeBytes; at += chunkBytes) {
    while (reads.length < readAhead && readAt < file.sizeBytes) {
      const read = file.read(readAt, Math.min(chunkBytes, file.sizeBytes - readAt))
      read.catch(() => {})
      reads.push(read)
      readAt += chunkBytes
    }
    const bytes = await reads.shift()!
    await wait<void>((resolve, reject) => {
      onClose = resolve
      if (isClosed) return resolve()
      channel.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
    if (isClosed) return false
    const now = Math.max(startAt, at + bytes.length - windowBytes)
    if (now > taken) {
      taken = now
      onTaken(taken)
    }
  }
  return true
}
