import { closeSync, lstatSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { type ItemKind, itemKinds } from '@stillbox/shared/vocabulary/item-kind.ts'
import { isRefused, nullWhenGone, toAppError } from '../directory-errors.ts'
import type { InsideRoot } from '../inside-root.ts'
import { type Names, namesIn } from '../names.ts'
import { type FileTree, isSystemFile, kindOf, type TreeFolder, type TreeNames } from './file-tree.ts'

const chunkBytes = 256 * 1024
/** Folders in folders beyond this are nobody's. */
const depthLimit = 64

const outside = { refusal: 'is a link that leads out of the folder; it was not followed' }
const forbidden = { refusal: 'may not be read' }

/** Those of one kind. A number is a place among the names: with others it is another message's, so all of them are in the fingerprint. */
const chosenNames = ({ names, notUtf8 }: Names, kind: ItemKind): TreeNames => {
  const chosen = names.filter((name) => !isSystemFile([], name) && kindOf(name) === kind).sort()
  const nameless = notUtf8.filter((name) => kindOf(name.toString('latin1')) === kind)
  const seen = nameless.map((name) => name.toString('hex')).sort()
  return {
    names: chosen,
    namelessCount: nameless.length,
    fingerprint: [...chosen, ...seen].reduce((sum, name) => crc32(`${name}\n`, sum), 0),
  }
}

/** The files below a folder on disk, or the one of this name in it. Links to folders are not followed: what they lead to inside the root is found there. */
export const createFolderTree = (root: string, inside: InsideRoot, only: string | null = null): FileTree => {
  const placeOf = (segments: readonly string[], name = '') => join(root, ...segments, name)

  const namesOf = (segments: readonly string[]): Names =>
    only === null ? namesIn(placeOf(segments)) : { names: [only], notUtf8: [] }

  const survey: FileTree['survey'] = async (signal) => {
    const folders: TreeFolder[] = []
    let otherFiles = 0
    const walk = async (segments: readonly string[]): Promise<void> => {
      signal.throwIfAborted()
      await breathe()
      // Whatever it might have held: the one folder that stands for it is one of mail.
      const refused = (name: string, refusal: string) =>
        folders.push({ kind: 'mail', segments: [...segments, name], fingerprint: 0, refusal })
      let found: Names
      try {
        found = namesOf(segments)
      } catch (cause) {
        if (segments.length === 0) throw cause
        if (!isRefused(cause)) return nullWhenGone(cause) ?? undefined
        folders.push({ kind: 'mail', segments, fingerprint: 0, refusal: 'The folder may not be read.' })
        return
      }
      const kinds = new Set<ItemKind>()
      for (const name of [...found.names].sort()) {
        if (isSystemFile(segments, name)) continue
        let stats: ReturnType<typeof lstatSync>
        try {
          stats = lstatSync(placeOf(segments, name))
        } catch (cause) {
          nullWhenGone(cause)
          continue
        }
        const kind = kindOf(name)
        if (stats.isDirectory()) {
          if (segments.length < depthLimit) await walk([...segments, name])
          else refused(name, 'It lies too deep; it was not read.')
        } else if (kind !== null) kinds.add(kind)
        else if (stats.isSymbolicLink() && inside.locate(placeOf(segments, name)) === 'outside')
          refused(name, 'It is a link that leads out of the folder; it was not followed.')
        else if (!stats.isSymbolicLink()) otherFiles++
      }
      for (const raw of found.notUtf8) {
        const kind = kindOf(raw.toString('latin1'))
        if (kind !== null) kinds.add(kind)
        else refused(raw.toString('utf8'), 'Its name is not UTF-8; it was not read.')
      }
      for (const kind of itemKinds)
        if (kinds.has(kind))
          folders.push({ kind, segments, fingerprint: chosenNames(found, kind).fingerprint, refusal: null })
    }
    await walk([])
    return { folders, otherFiles }
  }

  return {
    survey,
    names: async (kind, segments) => chosenNames(namesOf(segments), kind),
    facts: async (_, segments, name) => {
      const stats = inside.facts(placeOf(segments, name))
      if (stats === 'outside') return outside
      if (stats === 'special') return { refusal: 'is no file' }
      return stats && { sizeBytes: stats.size, modifiedAtMs: stats.mtimeMs }
    },
    open: async (_, segments, name) => {
      let opened: ReturnType<InsideRoot['open']>
      try {
        opened = inside.open(placeOf(segments, name))
      } catch (cause) {
        if (isRefused(cause)) return forbidden
        throw cause
      }
      if (!opened) return null
      const { fd, stats } = opened
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(1, stats.size)))
      return {
        sizeBytes: stats.size,
        modifiedAtMs: stats.mtimeMs,
        async *chunks(signal) {
          // No more than there was: a file that grows meanwhile is another one.
          for (let done = 0; done < stats.size; ) {
            signal.throwIfAborted()
            let length: number
            try {
              length = readSync(fd, buffer, 0, Math.min(buffer.length, stats.size - done), done)
            } catch (cause) {
              throw toAppError(cause)
            }
            if (length === 0) return
            done += length
            yield buffer.subarray(0, length)
            if (done < stats.size) await breathe()
          }
        },
        close: () => closeSync(fd),
      }
    },
    close: () => {},
  }
}
