import { closeSync, fstatSync, readSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'
import { type ForeignEntry, openForeignZip } from '../../../formats/zip/foreign-zip.ts'
import { toAppError } from '../directory-errors.ts'
import { type FileTree, isSystemFile, kindOf, type TreeFolder } from './file-tree.ts'

/** A file up to this size is unpacked before it is handed on; a larger one is gone through twice: what is damaged is known before. */
const wholeBytes = 4 * 1024 * 1024
/** Deflate makes up to 1,032 of one; mail ten at most. Beyond this and `freeBytes` nobody means it. */
const ratioLimit = 100
const freeBytes = 1024 ** 3
const entryLimit = 5_000_000
const turnBytes = 256 * 1024
const turnEntries = 128

const refusals: Readonly<Record<NonNullable<ForeignEntry['refusal']>, string>> = {
  encrypted: 'is encrypted',
  method: 'is compressed in a way that is not known here',
  link: 'is a link; it was not followed',
}
const damages: Readonly<Record<string, string>> = {
  header_differs: 'is damaged in the ZIP file: its header is not what the directory says',
  data_unreadable: 'is damaged in the ZIP file: its data does not inflate',
  size_differs: 'is damaged in the ZIP file: it has another size',
  crc_differs: 'is damaged in the ZIP file: its CRC-32 is another',
}

/** Segments of a name as writers on any system make it; what means nothing is left out. Nothing is ever written under it. */
const segmentsOf = (name: string): string[] =>
  (name.includes('/') ? name : name.replaceAll('\\', '/'))
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')

const keyOf = (kind: ItemKind, segments: readonly string[]): string => [kind, ...segments].join('\0')

const tooMuch = (reason: string) => new AppError('archive_invalid', { details: { reason } })

/**
 * The files in a ZIP file. Of each entry only the place of its record is kept, and the names of one folder at a time.
 * @throws AppError `archive_invalid`
 */
export const openZipTree = async (fd: number): Promise<FileTree> => {
  const { size, mtimeMs } = fstatSync(fd)
  const file = {
    sizeBytes: size,
    read: async (offset: number, lengthBytes: number) => {
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
  }
  const zip = await openForeignZip(file)
  let found: {
    readonly folders: readonly TreeFolder[]
    readonly otherFiles: number
    readonly records: ReadonlyMap<string, readonly number[]>
  } | null = null
  let current: { readonly key: string; readonly places: ReadonlyMap<string, number> } | null = null

  const survey = async (signal: AbortSignal) => {
    if (found) return found
    const records = new Map<string, number[]>()
    const folders = new Map<
      string,
      { readonly kind: ItemKind; readonly segments: readonly string[]; fingerprint: number }
    >()
    let otherFiles = 0
    let count = 0
    let packedBytes = 0
    let plainBytes = 0
    for await (const { name, recordOffset, compressedBytes, sizeBytes, crc32: sum } of zip.entries(signal)) {
      if (++count > entryLimit) throw tooMuch(`it has more than ${entryLimit} entries`)
      const segments = segmentsOf(name)
      const last = segments.pop()
      if (last === undefined || isSystemFile(segments, last)) continue
      const kind = kindOf(last)
      if (kind === null) {
        if (segments.length === 0 && last === 'stillbox.json')
          throw tooMuch(
            'it is an archive of Stillbox itself: put it into the folder archives and run “stillbox rebuild”',
          )
        otherFiles++
        continue
      }
      packedBytes += compressedBytes
      plainBytes += sizeBytes
      const key = keyOf(kind, segments)
      const folder = folders.get(key) ?? { kind, segments, fingerprint: 0 }
      folder.fingerprint = crc32(`${last}\n${sum}`, folder.fingerprint)
      folders.set(key, folder)
      const places = records.get(key) ?? []
      places.push(recordOffset)
      records.set(key, places)
    }
    // Entries that share their bytes are how a small file becomes a flood.
    if (packedBytes > file.sizeBytes) throw tooMuch('its entries overlap')
    if (plainBytes > freeBytes && plainBytes > file.sizeBytes * ratioLimit)
      throw tooMuch(`it would unpack to more than ${ratioLimit} times its size`)
    found = { folders: [...folders.values()].map((folder) => ({ ...folder, refusal: null })), otherFiles, records }
    return found
  }

  const placesOf = async (kind: ItemKind, segments: readonly string[], signal: AbortSignal) => {
    const key = keyOf(kind, segments)
    if (current?.key === key) return current.places
    const { records } = await survey(signal)
    const places = new Map<string, number>()
    for (const recordOffset of records.get(key) ?? []) {
      if (places.size % turnEntries === 0) await breathe()
      signal.throwIfAborted()
      const last = segmentsOf((await zip.entryAt(recordOffset)).name).pop()!
      // A ZIP file may hold one name twice: both are there.
      let name = last
      for (let number = 2; places.has(name); number++) name = last.replace(/(\.[^.]*)$/, ` (${number})$1`)
      places.set(name, recordOffset)
    }
    current = { key, places }
    return places
  }
  const entryOf = async (kind: ItemKind, segments: readonly string[], name: string, signal: AbortSignal) => {
    const place = (await placesOf(kind, segments, signal)).get(name)
    return place === undefined ? null : zip.entryAt(place)
  }
  const never = new AbortController().signal

  return {
    survey,
    names: async (kind, segments, signal) => {
      const names = [...(await placesOf(kind, segments, signal)).keys()].sort()
      const { folders } = await survey(signal)
      const key = keyOf(kind, segments)
      const folder = folders.find((one) => keyOf(one.kind, one.segments) === key)
      return { names, namelessCount: 0, fingerprint: folder?.fingerprint ?? 0 }
    },
    facts: async (kind, segments, name) => {
      const entry = await entryOf(kind, segments, name, never)
      if (entry?.refusal) return { refusal: refusals[entry.refusal] }
      return entry && { sizeBytes: entry.sizeBytes, modifiedAtMs: entry.modifiedAt?.getTime() ?? mtimeMs }
    },
    open: async (kind, segments, name, signal) => {
      const entry = await entryOf(kind, segments, name, signal)
      if (!entry) return null
      if (entry.refusal) return { refusal: refusals[entry.refusal] }
      const parts: Uint8Array[] = []
      const isHeld = entry.sizeBytes <= wholeBytes
      try {
        for await (const part of zip.content(entry, signal)) if (isHeld) parts.push(part)
      } catch (error) {
        const fault = isAppError(error, 'archive_invalid') ? String(error.details.fault) : ''
        if (damages[fault] === undefined) throw error
        return { refusal: damages[fault] }
      }
      return {
        sizeBytes: entry.sizeBytes,
        modifiedAtMs: entry.modifiedAt?.getTime() ?? mtimeMs,
        async *chunks(signal) {
          if (isHeld) yield* parts
          else yield* zip.content(entry, signal)
        },
        close: () => {},
      }
    },
    close: () => closeSync(fd),
  }
}
