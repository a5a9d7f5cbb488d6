import { closeSync, lstatSync, readSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import type { MboxQuoting } from '../../../formats/mbox/from-unquoter.ts'
import { firstSeparator } from '../../../formats/mbox/scan-mbox.ts'
import { decodeModifiedUtf7 } from '../../../formats/utf7/modified-utf7.ts'
import { isRefused, nullWhenGone } from '../directory-errors.ts'
import type { InsideRoot } from '../inside-root.ts'
import { namelessName, namesIn } from '../names.ts'

/** A file that holds a folder's messages, or that cannot be looked into. */
export type MboxPlace = {
  readonly path: readonly string[]
  /** From the root, with '/' between; of a root that is a file itself its name. */
  readonly serverName: string
  /** Why nothing of it can be read; null when it can. */
  readonly refusal: string | null
  /** As far as the file shows it. */
  readonly quoting: MboxQuoting
}

export type MboxTree = {
  /** A file is a tree of one. */
  readonly root: 'file' | 'folder'
  readonly places: readonly MboxPlace[]
  /** Files beside them that are no mbox: indexes of mail programs, and whatever else lies there. */
  readonly otherFiles: number
}

/** Folders in folders beyond this are no mail program's. */
const depthLimit = 64
/** Of a file so much is looked at. */
const headerBytes = 16 * 1024

const extension = /\.(?:mbox|mbx)$/i
const directoryExtension = /\.(?:sbd|mbox)$/i
const segmentOf = (name: string, ending: RegExp): string =>
  decodeModifiedUtf7(name.replace(ending, '') || name).normalize('NFC')

type Sniffed = 'mbox' | 'mbox by Dovecot' | 'empty' | 'other' | 'refused' | 'gone'

/** Dovecot tells the lengths, numbers the messages, and quotes nothing. Others that number (UW IMAP) tell no lengths, or quote (mutt). */
const isOfDovecot = (header: string): boolean => {
  const [first = ''] = header.split(/\n\r?\n/, 1)
  return /^X-UID:/im.test(first) && /^Content-Length:/im.test(first)
}
const quotingOf = (kind: Sniffed): MboxQuoting => (kind === 'mbox by Dovecot' ? 'none' : 'mboxrd')

/** Whether a file begins as an mbox. */
const sniff = async (path: string, inside: InsideRoot): Promise<Sniffed> => {
  let opened: ReturnType<InsideRoot['open']>
  try {
    opened = inside.open(path)
  } catch (cause) {
    if (isRefused(cause)) return 'refused'
    throw cause
  }
  if (!opened) return 'gone'
  const { fd, stats } = opened
  try {
    if (stats.size === 0) return 'empty'
    const read = (offset: number, lengthBytes: number) => {
      const bytes = Buffer.alloc(lengthBytes)
      return bytes.subarray(0, readSync(fd, bytes, 0, lengthBytes, offset))
    }
    const first = await firstSeparator({ sizeBytes: stats.size, read: async (...where) => read(...where) })
    if (first === null) return 'other'
    return isOfDovecot(read(first, headerBytes).toString('latin1')) ? 'mbox by Dovecot' : 'mbox'
  } finally {
    closeSync(fd)
  }
}

/** A file without content is a folder where its name says so, or where Mozilla keeps an index beside it. */
const mayBeEmptyFolder = (name: string, names: readonly string[]): boolean =>
  extension.test(name) || !name.includes('.') || names.includes(`${name}.msf`)

/**
 * Finds the mbox files below a folder: `Inbox`, `Inbox.sbd/Sub` of Mozilla, `Archive/2025.mbox`, `Name.mbox/mbox` of Apple Mail and
 * `Name/mbox` of readpst. Links to folders are not followed: what they lead to inside the root is found there.
 */
export const mboxTree = async (root: string, inside: InsideRoot, signal: AbortSignal): Promise<MboxTree> => {
  if (!lstatSync(inside.locate(root) ?? root).isDirectory()) {
    const kind = await sniff(root, inside)
    const name = basename(root)
    const refusal = kind === 'refused' ? 'The file may not be read.' : null
    const isOne = kind !== 'other' && kind !== 'gone'
    return {
      root: 'file',
      places: isOne
        ? [{ path: [segmentOf(name, extension)], serverName: name, refusal, quoting: quotingOf(kind) }]
        : [],
      otherFiles: isOne ? 0 : 1,
    }
  }
  const places: MboxPlace[] = []
  let otherFiles = 0
  const walk = async (directory: readonly string[], path: readonly string[]): Promise<void> => {
    // The event loop gets a turn: for the abort.
    await breathe()
    signal.throwIfAborted()
    const add = (name: string, segment: string | null, refusal: string | null, quoting: MboxQuoting = 'mboxrd') =>
      places.push({
        path: segment === null ? path : [...path, segment],
        serverName: [...directory, name].join('/'),
        refusal,
        quoting,
      })
    let found: ReturnType<typeof namesIn> | null
    try {
      found = namesIn(join(root, ...directory))
    } catch (cause) {
      if (!isRefused(cause)) return nullWhenGone(cause) ?? undefined
      const name = directory.at(-1)
      if (name === undefined) throw cause
      places.push({ path, serverName: directory.join('/'), refusal: 'The folder may not be read.', quoting: 'none' })
      return
    }
    for (const name of found.notUtf8)
      places.push({
        path: [...path, name.toString('utf8')],
        serverName: namelessName(Buffer.concat([Buffer.from([...directory, ''].join('/')), name])),
        refusal: 'Its name is not UTF-8; it was not read.',
        quoting: 'none',
      })
    for (const name of [...found.names].sort()) {
      // What macOS puts beside a file, under its name.
      if (name.startsWith('._')) continue
      const place = join(root, ...directory, name)
      let stats: ReturnType<typeof lstatSync>
      try {
        stats = lstatSync(place)
      } catch (cause) {
        nullWhenGone(cause)
        continue
      }
      if (stats.isDirectory()) {
        if (directory.length < depthLimit)
          await walk([...directory, name], [...path, segmentOf(name, directoryExtension)])
        else add(name, segmentOf(name, extension), 'It lies too deep; it was not read.')
        continue
      }
      if (stats.isSymbolicLink()) {
        const target = inside.locate(place)
        if (target === 'outside') {
          add(name, segmentOf(name, extension), 'It is a link that leads out of the folder; it was not followed.')
          continue
        }
        if (target === null || lstatSync(target).isDirectory()) continue
      } else if (!stats.isFile()) {
        otherFiles++
        continue
      }
      const kind = await sniff(place, inside)
      const isInItsFolder = name === 'mbox' && directory.length > 0
      const segment = isInItsFolder ? null : segmentOf(name, extension)
      if (kind === 'refused') add(name, segment, 'The file may not be read.')
      else if (kind.startsWith('mbox') || (kind === 'empty' && mayBeEmptyFolder(name, found.names)))
        add(name, segment, null, quotingOf(kind))
      else if (kind !== 'gone') otherFiles++
    }
  }
  await walk([], [])
  return { root: 'folder', places, otherFiles }
}
