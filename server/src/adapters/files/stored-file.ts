import { type FileHandle, open } from 'node:fs/promises'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { StoredArchive } from '../../ports/archive-store.ts'
import { codeOf, toStoreError } from './file-errors.ts'

/** Reads of 64 KiB take twice the time of reads of 1 MiB. */
const readBytes = 1024 * 1024

/** Makes a rename or removal survive a power failure. */
export const syncFolder = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}

/** Opens a file for being sent. `missing` makes the error when there is none. */
export const storedFile = async (path: string, missing: () => AppError): Promise<StoredArchive> => {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw codeOf(error) === 'ENOENT' ? missing() : toStoreError(error)
  })
  try {
    const { size, mtimeMs } = await file.stat()
    return readable(file, size, mtimeMs)
  } catch (error) {
    await file.close()
    throw toStoreError(error)
  }
}

const readable = (file: FileHandle, sizeBytes: number, modifiedAtMs: number): StoredArchive => {
  let closing: Promise<void> | null = null
  return {
    sizeBytes,
    modifiedAtMs,
    stream: async function* ({ start, end }, signal) {
      for (let position = start; position <= end; ) {
        signal.throwIfAborted()
        const wanted = Math.min(readBytes, end - position + 1)
        // A new buffer each time: the consumer may hold the one before while it is written to a socket.
        const buffer = Buffer.allocUnsafeSlow(wanted)
        const { bytesRead } = await file.read(buffer, 0, wanted, position).catch((error: unknown) => {
          throw toStoreError(error)
        })
        signal.throwIfAborted()
        if (bytesRead === 0)
          throw new AppError('store_failed', { details: { reason: 'the file is shorter than it was' } })
        position += bytesRead
        yield bytesRead === wanted ? buffer : buffer.subarray(0, bytesRead)
      }
    },
    close: () => {
      closing ??= file.close()
      return closing
    },
  }
}
