import { randomUUID } from 'node:crypto'
import type { Delivered, Delivery, DeliveryFile, DeliveryRequest, DestinationSpec } from '../../ports/delivery.ts'
import { compareChecksum } from './checksum.ts'
import { atFolder, endingWith, type SshSession } from './connect.ts'
import { below, checkDeliveryNames, partNameOf } from './delivery-name.ts'
import { openSftp, SftpRefusal, type SftpSession, toDeliveryError } from './sftp-session.ts'
import { signIn } from './sign-in.ts'
import { againstProtocol, alreadyThere, damaged, folderMissing, full } from './ssh-errors.ts'
import { uploadWindow } from './upload-window.ts'

export type SftpTuning = {
  /** Bytes of one write; what the server says it takes is never exceeded (limits@openssh.com). */
  readonly chunkBytes: number
  readonly inFlight: number
}

/**
 * The receive window of an OpenSSH channel is 2 MB, so these 4 MB fill any line it can fill, and more would only wait in memory. Large
 * writes, because each costs both sides a packet and an answer.
 */
const usualTuning: SftpTuning = { chunkBytes: 255 * 1024, inFlight: 16 }

/** Delivery over the SFTP subsystem (draft-ietf-secsh-filexfer-02, version 3, and OpenSSH's extensions). */
export const createSftpDelivery = (destination: DestinationSpec, tuning: SftpTuning = usualTuning): Delivery => {
  const inSession = async <T>(
    signal: AbortSignal,
    folders: readonly string[],
    use: (session: SshSession, sftp: SftpSession, folder: string) => Promise<T>,
  ): Promise<T> => {
    const session = await signIn(destination, signal)
    /** Which folder an error is about. */
    let at = session
    try {
      const sftp = await openSftp(session)
      let folder = await sftp.realPath(destination.path === '' ? '.' : destination.path)
      if (!(await sftp.stat(folder))?.isDirectory()) throw folderMissing(session.peer)
      for (const name of folders) {
        const outer = folder
        folder = below(outer, name)
        at = atFolder(session, folder)
        await makeFolder(at, sftp, outer, name)
      }
      return await use(at, sftp, folder)
    } catch (error) {
      throw toDeliveryError(at, error)
    } finally {
      session.close()
    }
  }
  return {
    deliver: async (request) => {
      checkDeliveryNames(request)
      return inSession(request.signal, request.folders, (session, sftp, folder) =>
        deliverTo(session, sftp, folder, request, tuning),
      )
    },
    probe: (signal) =>
      inSession(signal, [], async (session, sftp, folder) => {
        const path = below(folder, `.stillbox-probe-${randomUUID()}`)
        const handle = await sftp.open(path, 'wx')
        try {
          await sftp.write(handle, Buffer.from('A test of this destination. It may be deleted.\n'), 0)
        } catch (error) {
          throw await lookedInto(session, sftp, folder, error, 1)
        } finally {
          await sftp.close(handle)
          await sftp.remove(path)
        }
      }),
  }
}

/** One folder below another, unless it is there. Deliveries to the same destination may make it at the same time. */
const makeFolder = async (session: SshSession, sftp: SftpSession, outer: string, name: string): Promise<void> => {
  const path = below(outer, name)
  const there = await sftp.stat(path)
  if (there?.isDirectory()) return
  if (there) throw alreadyThere(session.peer, name)
  try {
    await sftp.makeFolder(path)
  } catch (error) {
    if (error instanceof SftpRefusal && (await sftp.stat(path))?.isDirectory()) return
    throw await lookedInto(session, sftp, outer, error, 1)
  }
}

const deliverTo = async (
  session: SshSession,
  sftp: SftpSession,
  folder: string,
  request: DeliveryRequest,
  tuning: SftpTuning,
): Promise<Delivered> => {
  const { file, name, replace, onProgress } = request
  const path = below(folder, name)
  const part = below(folder, partNameOf(request))
  const there = await sftp.stat(path)
  if (there?.isDirectory()) throw alreadyThere(session.peer, name)
  if (there && !replace) {
    // The answer to the rename may have been lost, and then this is what the last call delivered.
    const sha256 =
      there.size === file.sizeBytes ? await compareChecksum(session, path, endingWith(session, file)) : null
    if (sha256 === null || sha256 === 'differs') throw alreadyThere(session.peer, name)
    onProgress(file.sizeBytes)
    return { path, sha256 }
  }

  const chunkBytes = Math.min(tuning.chunkBytes, sftp.maxWriteBytes)
  const startAt = await resumePoint(sftp, part, file, chunkBytes * tuning.inFlight)
  const missingBytes = file.sizeBytes - startAt
  const freeBytes = await sftp.freeBytes(folder)
  if (freeBytes !== null && freeBytes < missingBytes) throw full(session.peer)

  const handle = await sftp.open(part, startAt > 0 ? 'r+' : 'w')
  try {
    onProgress(startAt)
    await uploadWindow({
      file: endingWith(session, file),
      startAt,
      chunkBytes,
      inFlight: tuning.inFlight,
      write: (bytes, position) => sftp.write(handle, bytes, position),
      onWritten: onProgress,
    })
    await sftp.sync(handle)
  } catch (error) {
    throw await lookedInto(session, sftp, folder, error, chunkBytes)
  }
  await sftp.close(handle)

  const arrived = await sftp.stat(part)
  const sha256 =
    arrived?.size === file.sizeBytes ? await compareChecksum(session, part, endingWith(session, file)) : 'differs'
  if (sha256 === 'differs') {
    await sftp.remove(part)
    throw damaged(session.peer)
  }
  await moveIntoPlace(session, sftp, { part, path, name, replace })
  return sha256 === null ? { path } : { path, sha256 }
}

/**
 * Where an earlier upload ended, if what is there is the beginning of this file. All that could have been on its way when it
 * was cut is read back: a server that writes out of order leaves holes before the end of the file, and only there.
 */
const resumePoint = async (
  sftp: SftpSession,
  part: string,
  file: DeliveryFile,
  onTheWayBytes: number,
): Promise<number> => {
  const there = await sftp.stat(part)
  if (!there?.isFile() || there.size === 0 || there.size > file.sizeBytes) return 0
  const handle = await sftp.open(part, 'r')
  try {
    const stepBytes = Math.min(sftp.maxReadBytes, 64 * 1024)
    for (let at = Math.max(0, there.size - onTheWayBytes); at < there.size; at += stepBytes) {
      const lengthBytes = Math.min(stepBytes, there.size - at)
      const [theirs, ours] = await Promise.all([sftp.read(handle, at, lengthBytes), file.read(at, lengthBytes)])
      if (Buffer.compare(theirs, ours) !== 0) return 0
    }
    return there.size
  } finally {
    await sftp.close(handle)
  }
}

/** SFTP has no word for a full disk in version 3; a bare "Failure" while the disk is full means that. */
const lookedInto = async (
  session: SshSession,
  sftp: SftpSession,
  folder: string,
  error: unknown,
  wantedBytes: number,
): Promise<unknown> => {
  if (!(error instanceof SftpRefusal)) return error
  const freeBytes = await sftp.freeBytes(folder).catch(() => null)
  return freeBytes !== null && freeBytes < wantedBytes ? full(session.peer, error) : error
}

const moveIntoPlace = async (
  session: SshSession,
  sftp: SftpSession,
  { part, path, name, replace }: { part: string; path: string; name: string; replace: boolean },
): Promise<void> => {
  if (replace) return sftp.renameOver(part, path)
  try {
    await sftp.rename(part, path)
  } catch (error) {
    if (!(error instanceof SftpRefusal)) throw error
    // Somebody put one there meanwhile: what was uploaded stays as it is called, and is not sent again.
    if (await sftp.stat(path)) throw alreadyThere(session.peer, name)
    throw againstProtocol(session.peer, `it did not rename: ${error.message}`, error)
  }
}
