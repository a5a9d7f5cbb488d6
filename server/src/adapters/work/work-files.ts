import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { DraftFile, PlacedFile, WorkFiles } from '../../ports/draft-file.ts'

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'

/** A failed file operation as the product names it. */
export const toStoreError = (cause: unknown): unknown => {
  if (cause instanceof AppError || !(cause instanceof Error) || !('syscall' in cause)) return cause
  const code = codeOf(cause)
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new AppError('disk_full', { details: { reason: code }, cause })
    : new AppError('store_failed', { details: { reason: code }, cause })
}

const translated = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (cause) {
    throw toStoreError(cause)
  }
}

/** One read(2) may answer less than asked for (POSIX); this answers less only where the file ends. */
const readUpTo = async (handle: FileHandle, offset: number, lengthBytes: number): Promise<Uint8Array> => {
  const bytes = Buffer.allocUnsafe(lengthBytes)
  let done = 0
  while (done < lengthBytes) {
    const { bytesRead } = await handle.read(bytes, done, lengthBytes - done, offset + done)
    if (bytesRead === 0) return bytes.subarray(0, done)
    done += bytesRead
  }
  return bytes
}

const writeAll = async (handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> => {
  for (let done = 0; done < bytes.length; )
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten
}

const createDraft = async (path: string): Promise<DraftFile> => {
  const handle = await translated(() => open(path, 'wx+', 0o600))
  let sizeBytes = 0
  let isOpen = true
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    await handle.close()
  }
  return {
    path,
    get sizeBytes() {
      return sizeBytes
    },
    append: (bytes) =>
      translated(async () => {
        const at = sizeBytes
        sizeBytes += bytes.length
        await writeAll(handle, bytes, at)
      }),
    read: (offset, lengthBytes) => translated(() => readUpTo(handle, offset, lengthBytes)),
    finish: () =>
      translated(async () => {
        await handle.sync()
        await close()
      }),
    close: () => close().catch(() => {}),
  }
}

const createPlaced = async (path: string): Promise<PlacedFile> => {
  const handle = await translated(() => open(path, 'wx+', 0o600))
  let isOpen = true
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    await handle.close()
  }
  return {
    path,
    write: (offset, bytes) => translated(() => writeAll(handle, bytes, offset)),
    read: (offset, lengthBytes) => translated(() => readUpTo(handle, offset, lengthBytes)),
    finish: () =>
      translated(async () => {
        await handle.sync()
        await close()
      }),
    close: () => close().catch(() => {}),
  }
}

/** Files inside the work folder of one job. */
export const createWorkFiles = (folder: string): WorkFiles => ({
  folder,
  create: (name) => createDraft(join(folder, name)),
  createPlaced: (name) => createPlaced(join(folder, name)),
  open: (path) =>
    translated(async () => {
      const handle = await open(path, 'r')
      const { size } = await handle.stat()
      return {
        sizeBytes: size,
        read: (offset: number, lengthBytes: number) => translated(() => readUpTo(handle, offset, lengthBytes)),
        close: () => handle.close(),
      }
    }),
  rename: (from, to) => translated(() => rename(from, to)),
  remove: (path) => translated(() => rm(path, { force: true })),
})
