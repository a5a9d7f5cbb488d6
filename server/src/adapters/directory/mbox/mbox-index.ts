import { hash, randomUUID } from 'node:crypto'
import { closeSync, openSync, readSync, renameSync, rmSync, type Stats, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { MboxQuoting } from '../../../formats/mbox/from-unquoter.ts'
import { firstSeparator, type MboxMessage, scanMbox } from '../../../formats/mbox/scan-mbox.ts'
import { errnoOf, nullWhenGone } from '../directory-errors.ts'

/** Where the messages of one mbox lie, in a file of the scratch folder: a mailbox of a million messages takes no memory. */
export type MboxIndex = {
  readonly count: number
  /** Of which state of the mbox it was made. */
  readonly stamp: string
  /** Messages `from` to `to`, counted from 1. */
  slice(from: number, to: number): readonly MboxMessage[]
  close(): void
}

const recordBytes = 32
const stampBytes = 96
const headerBytes = stampBytes + 8
const batchRecords = 4096
const turnBytes = 256 * 1024

/** Differs when somebody has written to the file since. */
export const stampOf = ({ ino, size, mtimeMs }: Stats): string => `${ino} ${size} ${mtimeMs}`.slice(0, stampBytes)

const indexPath = (scratchFolder: string, serverName: string): string =>
  join(scratchFolder, `mbox-${hash('sha256', serverName).slice(0, 32)}.index`)

/** What the scratch folder refuses is a matter of its disk, not of the mail. */
const scratched = <T>(act: () => T): T => {
  try {
    return act()
  } catch (cause) {
    const reason = errnoOf(cause)
    throw new AppError(reason === 'ENOSPC' || reason === 'EDQUOT' ? 'disk_full' : 'store_failed', {
      details: { reason },
      cause,
    })
  }
}

/** The index that this or another thread has made; null when there is none yet. */
export const openMboxIndex = (scratchFolder: string, serverName: string): MboxIndex | null => {
  let fd: number
  try {
    fd = openSync(indexPath(scratchFolder, serverName), 'r')
  } catch (cause) {
    return nullWhenGone(cause)
  }
  const read = (offset: number, length: number): Buffer => {
    const bytes = Buffer.allocUnsafe(length)
    const found = scratched(() => readSync(fd, bytes, 0, length, offset))
    if (found !== length)
      throw new AppError('store_failed', { details: { reason: 'an index of the work folder is cut off' } })
    return bytes
  }
  const header = read(0, headerBytes)
  return {
    count: header.readDoubleLE(stampBytes),
    stamp: header.subarray(0, stampBytes).toString('latin1').trimEnd(),
    slice: (from, to) => {
      const bytes = read(headerBytes + (from - 1) * recordBytes, (to - from + 1) * recordBytes)
      return Array.from({ length: to - from + 1 }, (_, at) => ({
        fromOffset: bytes.readDoubleLE(at * recordBytes),
        startOffset: bytes.readDoubleLE(at * recordBytes + 8),
        endOffset: bytes.readDoubleLE(at * recordBytes + 16),
        quotedLines: bytes.readDoubleLE(at * recordBytes + 24),
      }))
    },
    close: () => closeSync(fd),
  }
}

export type MboxToIndex = {
  readonly fd: number
  readonly stats: Stats
  readonly serverName: string
  readonly quoting: MboxQuoting
}

/** Goes through an mbox once and writes down where its messages lie. It appears under its name when it is complete. */
export const buildMboxIndex = async (
  scratchFolder: string,
  { fd, stats, serverName, quoting }: MboxToIndex,
  signal: AbortSignal,
): Promise<void> => {
  const file = {
    sizeBytes: stats.size,
    read: async (offset: number, lengthBytes: number) => {
      // At each window the event loop gets a turn: for the abort.
      if (lengthBytes >= turnBytes) await breathe()
      const bytes = Buffer.allocUnsafe(lengthBytes)
      let done = 0
      while (done < lengthBytes) {
        const found = readSync(fd, bytes, done, lengthBytes - done, offset + done)
        if (found === 0) break
        done += found
      }
      return bytes.subarray(0, done)
    },
  }
  const path = indexPath(scratchFolder, serverName)
  const draft = `${path}.${randomUUID()}.part`
  const out = scratched(() => openSync(draft, 'wx', 0o600))
  try {
    const batch = Buffer.alloc(batchRecords * recordBytes)
    let used = 0
    let count = 0
    let written = headerBytes
    const flush = () => {
      for (let done = 0; done < used; ) {
        const more = scratched(() => writeSync(out, batch, done, used - done, written))
        done += more
        written += more
      }
      used = 0
    }
    const first = await firstSeparator(file)
    if (first !== null)
      for await (const { fromOffset, startOffset, endOffset, quotedLines } of scanMbox(file, first, quoting, signal)) {
        for (const value of [fromOffset, startOffset, endOffset, quotedLines]) used = batch.writeDoubleLE(value, used)
        count += 1
        if (used === batch.length) flush()
      }
    flush()
    const header = Buffer.alloc(headerBytes, ' ')
    header.write(stampOf(stats), 'latin1')
    header.writeDoubleLE(count, stampBytes)
    scratched(() => writeSync(out, header, 0, headerBytes, 0))
    closeSync(out)
    scratched(() => renameSync(draft, path))
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}
