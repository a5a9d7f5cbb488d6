import { hash } from 'node:crypto'
import { crc32, deflateRawSync } from 'node:zlib'
import type { ItemFields } from '@stillbox/shared/vocabulary/item-fields.ts'
import type { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'
import { readHeaderFields } from '../../formats/eml/read-header-fields.ts'
import { readCalendarFields } from '../../formats/ics/read-calendar-fields.ts'
import { readContactFields } from '../../formats/vcf/read-contact-fields.ts'
import { localHeader } from '../../formats/zip/local-header.ts'
import type { DraftFile } from '../../ports/draft-file.ts'
import type { Packed, PackedBatch, PackedEntry } from '../../ports/readers.ts'
import type { ItemFacts, ItemIssue, ItemSink, SourceFolder } from '../../ports/source.ts'
import type { ArchiveLayout } from '../archive/archive-layout.ts'
import { wholeItemOptions } from './compression.ts'
import { createDeflateStream, type Deflated, type DeflateStream } from './deflate-stream.ts'
import { toItemRecord } from './item-record.ts'

/**
 * Up to this size an item is gathered and deflated at once, on the reader's own thread: twice as fast as through a stream, whose
 * windows go to the thread pool one by one. Above, it streams.
 */
export const wholeItemBytes = 1536 * 1024
/** A batch is handed on when it is half full. Every whole item fits into one: its memory goes to and fro, and is never garbage. */
export const batchBytes = 2 * 1024 * 1024
/** What of a large item is looked at for its fields: the header of a message; of an object all, as its UID may stand behind a photo. */
const lookBytes: Readonly<Record<ItemKind, number>> = { mail: 64 * 1024, calendar: 4 << 20, contact: 4 << 20 }

const readers: Readonly<Record<ItemKind, (bytes: Uint8Array) => ItemFields>> = {
  mail: (bytes) => readHeaderFields(bytes.subarray(0, lookBytes.mail)),
  calendar: readCalendarFields,
  contact: readContactFields,
}

export type ItemPackerNeeds = {
  readonly folders: readonly SourceFolder[]
  readonly layout: ArchiveLayout
  /** Where items are gathered: `wholeItemBytes` long, for one packer at a time. Left out, the packer makes its own. */
  readonly gatherIn?: Buffer
  /** Hears how many bytes of memory were used and let go of for one item. */
  onGarbage?(bytes: number): void
  /** A free buffer of `batchBytes`: at once, or once the consumer has given one back. */
  takeBuffer(): Uint8Array | Promise<Uint8Array>
  /** Hands on what is packed; the buffer of a batch goes with it. A promise means: wait before the next large item. */
  emit(packed: Packed): void | Promise<void>
  createSpool(): Promise<DraftFile>
  onIssue(issue: ItemIssue): void
  /** Bytes of items as they come in, for progress within a large item too. */
  onBytes(bytes: number): void
}

export type ItemPacker = ItemSink & {
  /** Hands on what is gathered. */
  flush(): void
  /** Forgets an item that was begun and not ended, after a reader failed. */
  discard(): Promise<void>
}

/** Turns the items of one folder into finished ZIP entries: hashed, deflated, with local header, record and fields. */
export const createItemPacker = (folderIndex: number, needs: ItemPackerNeeds): ItemPacker => {
  const folder = needs.folders[folderIndex]!
  const { label } = needs.layout.folders[folderIndex]!
  const gathered = needs.gatherIn ?? Buffer.allocUnsafe(wholeItemBytes)
  let facts: ItemFacts | null = null
  let length = 0
  let stream: DeflateStream | null = null
  let head: Buffer[] = []
  let headLength = 0

  let batch: Uint8Array | null = null
  let used = 0
  let entries: PackedBatch['entries'][number][] = []

  const flush = () => {
    if (!batch || entries.length === 0) return
    // Not awaited: the number of buffers bounds what is on its way.
    void needs.emit({ form: 'batch', bytes: batch.subarray(0, used), entries })
    batch = null
    used = 0
    entries = []
  }
  const place = (entry: PackedEntry, header: Uint8Array, body: Uint8Array) => {
    batch!.set(header, used)
    batch!.set(body, used + header.length)
    entries.push({ ...entry, offsetInBatch: used })
    used += header.length + body.length
    if (used > batchBytes / 2) flush()
  }
  const append = (entry: PackedEntry, body: Uint8Array): void | Promise<void> => {
    const header = headerOf(entry)
    if (batch && used + header.length + body.length > batchBytes) flush()
    if (batch) return place(entry, header, body)
    const buffer = needs.takeBuffer()
    if (buffer instanceof Uint8Array) {
      batch = buffer
      return place(entry, header, body)
    }
    return buffer.then((free) => {
      batch = free
      place(entry, header, body)
    })
  }
  const describe = (of: ItemFacts, look: Uint8Array, done: Omit<Deflated, 'body'>, method: 0 | 8): PackedEntry => {
    const fields = readers[folder.kind](look)
    // The end of an object that was not looked at as a whole is missing here, not there.
    if (!fields.isWellFormed && (folder.kind === 'mail' || look.length === done.sizeBytes))
      needs.onIssue({
        ref: of.ref,
        code: 'malformed',
        text: 'Taken as it is, but it does not look like what it should be.',
        isLost: false,
      })
    const record = toItemRecord(
      folder,
      label,
      needs.layout.entryName(folderIndex, of.ref, fields.title),
      of,
      fields,
      done,
    )
    return { folderIndex, record, fields, method, crc32: done.crc32, compressedBytes: done.compressedBytes }
  }

  const packWhole = (of: ItemFacts): void | Promise<void> => {
    const bytes = gathered.subarray(0, length)
    const deflated = length === 0 ? bytes : deflateRawSync(bytes, wholeItemOptions(bytes))
    const body = deflated.length < length ? deflated : bytes
    needs.onGarbage?.(deflated.length)
    const done = { sizeBytes: length, sha256: hash('sha256', bytes), crc32: crc32(bytes), compressedBytes: body.length }
    return append(describe(of, bytes, done, body === deflated && length > 0 ? 8 : 0), body)
  }
  /** An item too large for a batch, in memory of its own and not of Buffer's shared pool: it is handed on for good. */
  const emitAlone = (entry: PackedEntry, body: readonly Uint8Array[]): void | Promise<void> => {
    const header = headerOf(entry)
    const bytes = new Uint8Array(header.length + entry.compressedBytes)
    let at = 0
    for (const part of [header, ...body]) {
      bytes.set(part, at)
      at += part.length
    }
    return needs.emit({ form: 'batch', bytes, entries: [{ ...entry, offsetInBatch: 0 }] })
  }
  const packStreamed = async (of: ItemFacts, from: DeflateStream) => {
    const look = Buffer.concat(head)
    head = []
    const done = await from.end()
    const entry = describe(of, look, done, 8)
    if ('path' in done.body) {
      await done.body.finish()
      await needs.emit({ form: 'spool', entry, path: done.body.path })
      return
    }
    await emitAlone(entry, done.body)
  }
  const writeStreamed = (on: DeflateStream, chunk: Uint8Array): void | Promise<void> => {
    const more = Math.min(chunk.length, lookBytes[folder.kind] - headLength)
    if (more > 0) head.push(Buffer.from(chunk.subarray(0, more)))
    headLength += more
    return on.write(chunk)
  }
  const startStream = (chunk: Uint8Array): void | Promise<void> => {
    stream = createDeflateStream(needs.createSpool)
    head = []
    headLength = 0
    const first = writeStreamed(stream, gathered.subarray(0, length))
    const on = stream
    return first ? first.then(() => writeStreamed(on, chunk)) : writeStreamed(on, chunk)
  }

  return {
    begin(itemFacts) {
      facts = itemFacts
      length = 0
    },
    write(chunk) {
      needs.onBytes(chunk.length)
      if (stream) return writeStreamed(stream, chunk)
      if (length + chunk.length > wholeItemBytes) return startStream(chunk)
      gathered.set(chunk, length)
      length += chunk.length
    },
    end() {
      if (!facts) throw new Error('an item ended that was never begun')
      const of = facts
      facts = null
      if (!stream) return packWhole(of)
      const from = stream
      stream = null
      return packStreamed(of, from)
    },
    skip: needs.onIssue,
    flush,
    async discard() {
      facts = null
      const from = stream
      stream = null
      head = []
      await from?.discard()
    },
  }
}

const headerOf = ({ record, method, crc32: crc, compressedBytes }: PackedEntry): Uint8Array =>
  localHeader({
    name: record.entry,
    method,
    crc32: crc,
    sizeBytes: record.sizeBytes,
    compressedBytes,
    modifiedAt: modifiedAt(record.internalDate),
  })

/** The time a file manager shows: when the message was received. */
export const modifiedAt = (internalDate: string | undefined): Date | null =>
  internalDate === undefined ? null : new Date(internalDate)
