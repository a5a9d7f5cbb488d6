import type { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { SFTPWrapper, Stats } from 'ssh2'
import type { SshSession } from './connect.ts'
import { againstProtocol, folderMissing, fromWords, full, noPermission } from './ssh-errors.ts'

/** Status codes of draft-ietf-secsh-filexfer-02 §7, which is version 3, and those of later versions that servers send anyway. */
const status = { noSuchFile: 2, permissionDenied: 3, failure: 4, noSpace: 14, quota: 15 } as const

/** An answer of the SFTP server that refuses; whoever asked decides what it means. */
export class SftpRefusal extends Error {
  readonly status: number
  constructor(code: number, text: string) {
    super(text)
    this.name = 'SftpRefusal'
    this.status = code
  }
  get isMissing(): boolean {
    return this.status === status.noSuchFile
  }
}

export type SftpSession = {
  /** Largest `write` and `read` this server takes. */
  readonly maxWriteBytes: number
  readonly maxReadBytes: number
  /** Real path of a folder or file that exists. */
  realPath(path: string): Promise<string>
  /** Null when nothing is there. */
  stat(path: string): Promise<Stats | null>
  /** For its owner alone, as what lies in it; refused when something is there. */
  makeFolder(path: string): Promise<void>
  open(path: string, flags: 'r' | 'r+' | 'w' | 'wx'): Promise<Buffer>
  write(handle: Buffer, bytes: Uint8Array, position: number): Promise<void>
  /** Fewer bytes only at the end of the file. */
  read(handle: Buffer, position: number, lengthBytes: number): Promise<Uint8Array>
  /** Bytes the user may still write there, where the server offers statvfs@openssh.com; else null. */
  freeBytes(path: string): Promise<number | null>
  /** Through to the disk, where the server offers fsync@openssh.com; else nothing. */
  sync(handle: Buffer): Promise<void>
  close(handle: Buffer): Promise<void>
  remove(path: string): Promise<void>
  /** SSH_FXP_RENAME: refused when the target exists (draft-ietf-secsh-filexfer-02 §6.5). */
  rename(from: string, to: string): Promise<void>
  /** Replaces the target in one step by posix-rename@openssh.com; where that is missing, removes it first. */
  renameOver(from: string, to: string): Promise<void>
}

/** Fields the pinned ssh2 has and its types leave out: what limits@openssh.com and the version answer said. */
type Inner = {
  readonly _maxWriteLen?: unknown
  readonly _maxReadLen?: unknown
  readonly _extensions?: Readonly<Record<string, unknown>>
}

/** Every server takes this much (draft-ietf-secsh-filexfer-02 §3); larger only where it says so. */
const safeBytes = 32_768
const sizeOf = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : safeBytes)

export const openSftp = async ({ client, wait, peer }: SshSession): Promise<SftpSession> => {
  const sftp = await wait<SFTPWrapper>((resolve, reject) =>
    client.sftp((error, wrapper) =>
      error ? reject(againstProtocol(peer, 'it offers no SFTP; SCP may be possible', error)) : resolve(wrapper),
    ),
  )
  const inner = sftp as unknown as Inner
  const offers = (extension: string) => inner._extensions !== undefined && Object.hasOwn(inner._extensions, extension)

  const ask = <T = void>(start: (done: (error: unknown, value: T) => void) => void): Promise<T> =>
    wait<T>((resolve, reject) =>
      start((error, value) => {
        if (!error) return resolve(value)
        const { code, message } = error as { code?: unknown; message?: unknown }
        reject(
          typeof code === 'number'
            ? new SftpRefusal(code, String(message))
            : againstProtocol(peer, String(message), error),
        )
      }),
    )
  const missingToNull = (error: unknown): null => {
    if (error instanceof SftpRefusal && error.isMissing) return null
    throw error
  }

  return {
    maxWriteBytes: sizeOf(inner._maxWriteLen),
    maxReadBytes: sizeOf(inner._maxReadLen),
    realPath: (path) => ask<string>((done) => sftp.realpath(path, done)),
    stat: (path) => ask<Stats>((done) => sftp.stat(path, done)).catch(missingToNull),
    makeFolder: (path) => ask((done) => sftp.mkdir(path, { mode: 0o700 }, (error) => done(error, undefined))),
    open: (path, flags) => ask<Buffer>((done) => sftp.open(path, flags, { mode: 0o600 }, done)),
    write: (handle, bytes, position) =>
      ask((done) =>
        sftp.write(
          handle,
          Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
          0,
          bytes.length,
          position,
          (error) => done(error, undefined),
        ),
      ),
    read: async (handle, position, lengthBytes) => {
      const buffer = Buffer.allocUnsafe(lengthBytes)
      let filled = 0
      while (filled < lengthBytes) {
        const bytes = await ask<number>((done) =>
          sftp.read(handle, buffer, filled, lengthBytes - filled, position + filled, (error, count) => {
            // End of file is a status of its own (1).
            if ((error as { code?: unknown } | undefined)?.code === 1) done(undefined, 0)
            else done(error, count)
          }),
        )
        if (bytes === 0) break
        filled += bytes
      }
      return buffer.subarray(0, filled)
    },
    freeBytes: async (path) => {
      if (!offers('statvfs@openssh.com')) return null
      const { f_frsize, f_bavail } = await ask<{ f_frsize: number; f_bavail: number }>((done) =>
        sftp.ext_openssh_statvfs(path, done),
      )
      return Number(f_frsize) * Number(f_bavail)
    },
    sync: async (handle) => {
      if (!offers('fsync@openssh.com')) return
      await ask((done) => sftp.ext_openssh_fsync(handle, (error) => done(error, undefined)))
    },
    close: (handle) => ask((done) => sftp.close(handle, (error) => done(error, undefined))),
    remove: (path) => ask((done) => sftp.unlink(path, (error) => done(error, undefined))),
    rename: (from, to) => ask((done) => sftp.rename(from, to, (error) => done(error, undefined))),
    renameOver: async (from, to) => {
      if (offers('posix-rename@openssh.com'))
        return ask((done) => sftp.ext_openssh_rename(from, to, (error) => done(error, undefined)))
      await ask((done) => sftp.unlink(to, (error) => done(error, undefined))).catch(missingToNull)
      return ask((done) => sftp.rename(from, to, (error) => done(error, undefined)))
    },
  }
}

/** What a refusal means for a delivery. OpenSSH says only "Failure" when its disk is full, so a bare one is looked into by whoever knows more. */
export const toDeliveryError = ({ peer }: SshSession, error: unknown): unknown => {
  if (!(error instanceof SftpRefusal)) return error
  if (error.status === status.noSuchFile) return folderMissing(peer, error)
  if (error.status === status.permissionDenied) return noPermission(peer, error)
  if (error.status === status.noSpace || error.status === status.quota) return full(peer, error)
  const known: AppError | null = fromWords(peer, error.message, error)
  return known ?? againstProtocol(peer, error.message, error)
}
