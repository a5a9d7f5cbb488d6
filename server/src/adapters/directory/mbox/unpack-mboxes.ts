import { closeSync, fstatSync, openSync, writeSync } from 'node:fs'
import { mkdir, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { ForeignEntry, ForeignZip } from '../../../formats/zip/foreign-zip.ts'
import { errnoOf } from '../directory-errors.ts'
import { floodGate, openZipFile, segmentsOf, unacceptable, zipRefusals } from '../opened-zip.ts'

const segmentLimitBytes = 200
const lead = Buffer.from('From ')

/** A segment under which a file can be made here; it becomes the name of a folder, so it stays what it is where it can. */
const safeSegment = (segment: string): string => {
  const cleaned = segment.replaceAll('\0', '_').replace(/^\.+$/, '_')
  return Buffer.byteLength(cleaned) <= segmentLimitBytes
    ? cleaned
    : Buffer.from(cleaned)
        .toString('utf8', 0, segmentLimitBytes)
        .replace(/\ufffd$/, '')
}

/** Writes one entry if it begins as an mbox; answers whether it does. */
const unpackOne = async (zip: ForeignZip, entry: ForeignEntry, path: string, signal: AbortSignal): Promise<boolean> => {
  let fd: number | null = null
  try {
    for await (const chunk of zip.content(entry, signal)) {
      if (fd === null) {
        if (!Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(lead.length, chunk.byteLength)).equals(lead))
          return false
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        fd = openSync(path, 'wx', 0o600)
      }
      for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done)
    }
    return fd !== null
  } catch (cause) {
    const reason = errnoOf(cause)
    if (['EEXIST', 'ENOTDIR', 'EISDIR'].includes(reason))
      throw unacceptable(`“${entry.name}” in it stands where another file is: unpack it, and give the folder`)
    if (reason === 'ENOSPC' || reason === 'EDQUOT') throw new AppError('disk_full', { details: { reason }, cause })
    throw cause
  } finally {
    if (fd !== null) closeSync(fd)
  }
}

/**
 * Unpacks the mbox files of a ZIP file into a folder, since an mbox is read at any place: our own export as mbox, and Google Takeout.
 * One that cannot be unpacked whole ends it all: nothing of an mbox can be told apart from the rest of it.
 * @returns how many files were passed over
 * @throws AppError `archive_invalid`, `disk_full`; `signal.reason`
 */
export const unpackMboxes = async (zipPath: string, into: string, signal: AbortSignal): Promise<number> => {
  const fd = openSync(zipPath, 'r')
  try {
    const zip = await openZipFile(fd)
    const gate = floodGate(fstatSync(fd).size)
    for await (const entry of zip.entries(signal)) {
      gate.seen()
      gate.wanted(entry)
    }
    const { plainBytes } = gate.check()
    const { bavail, bsize } = await statfs(into)
    if (plainBytes > bavail * bsize)
      throw new AppError('disk_full', { details: { reason: 'it has to be unpacked there' } })
    const taken = new Set<string>()
    let otherFiles = 0
    for await (const entry of zip.entries(signal)) {
      const segments = segmentsOf(entry.name).map(safeSegment)
      const last = segments.at(-1)
      if (last === undefined || last.startsWith('._') || segments[0] === '__MACOSX') continue
      let path = segments.join('/')
      for (let number = 2; taken.has(path); number++) path = [...segments.slice(0, -1), `${number} ${last}`].join('/')
      if (entry.refusal !== null && /(?:^|\.)mbo?x$/i.test(last))
        throw unacceptable(`“${entry.name}” in it ${zipRefusals[entry.refusal]}`)
      if (entry.refusal === null && (await unpackOne(zip, entry, join(into, path), signal))) taken.add(path)
      else otherFiles++
    }
    return otherFiles
  } finally {
    closeSync(fd)
  }
}
