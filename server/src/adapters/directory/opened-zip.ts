import { fstatSync, readSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { type ForeignEntry, type ForeignZip, openForeignZip } from '../../formats/zip/foreign-zip.ts'
import { toAppError } from './directory-errors.ts'

/** Deflate makes up to 1,032 of one; mail ten at most. Beyond this and `freeBytes` nobody means it. */
const ratioLimit = 100
const freeBytes = 1024 ** 3
const entryLimit = 5_000_000
const turnBytes = 256 * 1024

/** Why an entry cannot be read, as the end of a sentence. */
export const zipRefusals: Readonly<Record<NonNullable<ForeignEntry['refusal']>, string>> = {
  encrypted: 'is encrypted',
  method: 'is compressed in a way that is not known here',
  link: 'is a link; it was not followed',
}

export const unacceptable = (reason: string) => new AppError('archive_invalid', { details: { reason } })

/** Segments of a name as writers on any system make it; what means nothing is left out. */
export const segmentsOf = (name: string): string[] =>
  (name.includes('/') ? name : name.replaceAll('\\', '/'))
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')

/** A ZIP file on disk that somebody else has made. The descriptor stays the caller's. @throws AppError `archive_invalid` */
export const openZipFile = (fd: number): Promise<ForeignZip> =>
  openForeignZip({
    sizeBytes: fstatSync(fd).size,
    read: async (offset, lengthBytes) => {
      // The event loop gets a turn: for the abort.
      if (lengthBytes >= turnBytes) await breathe()
      const bytes = Buffer.allocUnsafe(lengthBytes)
      try {
        let done = 0
        while (done < lengthBytes) {
          const length = readSync(fd, bytes, done, lengthBytes - done, offset + done)
          if (length === 0) break
          done += length
        }
        return bytes.subarray(0, done)
      } catch (cause) {
        throw toAppError(cause)
      }
    },
  })

/** Counts what is going to be read of a ZIP file. A small file that would become a flood is refused. */
export const floodGate = (zipBytes: number) => {
  let entries = 0
  let packedBytes = 0
  let plainBytes = 0
  return {
    /** @throws AppError `archive_invalid` */
    seen: () => {
      if (++entries > entryLimit) throw unacceptable(`it has more than ${entryLimit} entries`)
    },
    wanted: (entry: ForeignEntry) => {
      packedBytes += entry.compressedBytes
      plainBytes += entry.sizeBytes
    },
    /** @throws AppError `archive_invalid` */
    check: (): { readonly plainBytes: number } => {
      // Entries that share their bytes are how a small file becomes a flood.
      if (packedBytes > zipBytes) throw unacceptable('its entries overlap')
      if (plainBytes > freeBytes && plainBytes > zipBytes * ratioLimit)
        throw unacceptable(`it would unpack to more than ${ratioLimit} times its size`)
      return { plainBytes }
    },
  }
}
