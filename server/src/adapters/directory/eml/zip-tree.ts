import { closeSync, fstatSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'
import { floodGate, openZipFile, segmentsOf, unacceptable, zipRefusals } from '../opened-zip.ts'
import { type FileTree, isSystemFile, kindOf, type TreeFolder } from './file-tree.ts'

/** A file up to this size is unpacked before it is handed on; a larger one is gone through twice: what is damaged is known before. */
const wholeBytes = 4 * 1024 * 1024
const turnEntries = 128

const damages: Readonly<Record<string, string>> = {
  header_differs: 'is damaged in the ZIP file: its header is not what the directory says',
  data_unreadable: 'is damaged in the ZIP file: its data does not inflate',
  size_differs: 'is damaged in the ZIP file: it has another size',
  crc_differs: 'is damaged in the ZIP file: its CRC-32 is another',
}

const keyOf = (kind: ItemKind, segments: readonly string[]): string => [kind, ...segments].join('\0')

/**
 * The files in a ZIP file. Of each entry only the place of its record is kept, and the names of one folder at a time.
 * @throws AppError `archive_invalid`
 */
export const openZipTree = async (fd: number): Promise<FileTree> => {
  const { size, mtimeMs } = fstatSync(fd)
  const zip = await openZipFile(fd)
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
    const gate = floodGate(size)
    for await (const entry of zip.entries(signal)) {
      const { name, recordOffset, crc32: sum } = entry
      gate.seen()
      const segments = segmentsOf(name)
      const last = segments.pop()
      if (last === undefined || isSystemFile(segments, last)) continue
      const kind = kindOf(last)
      if (kind === null) {
        if (segments.length === 0 && last === 'stillbox.json')
          throw unacceptable(
            'it is an archive of Stillbox itself: put it into the folder archives and run “stillbox rebuild”',
          )
        otherFiles++
        continue
      }
      gate.wanted(entry)
      const key = keyOf(kind, segments)
      const folder = folders.get(key) ?? { kind, segments, fingerprint: 0 }
      folder.fingerprint = crc32(`${last}\n${sum}`, folder.fingerprint)
      folders.set(key, folder)
      const places = records.get(key) ?? []
      places.push(recordOffset)
      records.set(key, places)
    }
    gate.check()
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
      if (entry?.refusal) return { refusal: zipRefusals[entry.refusal] }
      return entry && { sizeBytes: entry.sizeBytes, modifiedAtMs: entry.modifiedAt?.getTime() ?? mtimeMs }
    },
    open: async (kind, segments, name, signal) => {
      const entry = await entryOf(kind, segments, name, signal)
      if (!entry) return null
      if (entry.refusal) return { refusal: zipRefusals[entry.refusal] }
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
