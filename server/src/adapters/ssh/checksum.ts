import { createHash } from 'node:crypto'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { DeliveryFile } from '../../ports/delivery.ts'
import type { SshSession } from './connect.ts'
import { asOperand, runAtServer } from './remote-shell.ts'

const readBytes = 1024 * 1024

/** sha256 of the first bytes of a file, in lower-case hex. */
export const sha256Of = async (file: DeliveryFile, lengthBytes: number, signal?: AbortSignal): Promise<string> => {
  const hash = createHash('sha256')
  for (let at = 0; at < lengthBytes; at += readBytes) {
    signal?.throwIfAborted()
    hash.update(await file.read(at, Math.min(readBytes, lengthBytes - at)))
  }
  return hash.digest('hex')
}

/** Time a server gets to read and hash a file: slow disks read 10 MB/s. */
export const hashingMs = (timeoutMs: number, sizeBytes: number): number => timeoutMs + sizeBytes / 10_000

/** GNU and busybox have sha256sum, the BSDs sha256, macOS and others shasum. */
export const hashScript =
  'if command -v sha256sum >/dev/null; then sha256sum; elif command -v sha256 >/dev/null; then sha256 -q; else shasum -a 256; fi'

/** The checksum a hashing script printed; null when it printed none. */
export const checksumIn = (output: string): string | null =>
  /^[0-9a-f]{64}\b/i.exec(output.trim())?.[0].toLowerCase() ?? null

/**
 * Lets the server hash what it has, while this side hashes what it sent: both read their disk, neither waits for the other.
 * Null where the server runs no commands or has no tool for it (SFTP-only accounts): then only the size was compared. The
 * transport has checked every byte on the way (the MAC of SSH), so what stays unseen there is a fault of the server's disk.
 */
export const compareChecksum = async (
  session: SshSession,
  path: string,
  file: DeliveryFile,
): Promise<string | 'differs' | null> => {
  const stop = new AbortController()
  const ours = sha256Of(file, file.sizeBytes, stop.signal)
  ours.catch(() => {})
  try {
    const answer = await runAtServer(
      session,
      `exec <"$a1" && ${hashScript}`,
      [asOperand(path)],
      hashingMs(session.peer.timeoutMs, file.sizeBytes),
    ).catch((error: unknown) => {
      if (isAppError(error, 'destination_protocol')) return null
      throw error
    })
    const theirs = answer?.code === 0 ? checksumIn(answer.output) : null
    if (theirs === null) return null
    return (await ours) === theirs ? theirs : 'differs'
  } finally {
    stop.abort()
  }
}
