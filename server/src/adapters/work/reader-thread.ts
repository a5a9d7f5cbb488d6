import { setTimeout as sleep } from 'node:timers/promises'
import type { MessagePort } from 'node:worker_threads'
import { AppError, isAppError, toErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { DraftFile } from '../../ports/draft-file.ts'
import type { CompactListing, Packed } from '../../ports/readers.ts'
import type { ItemIssue, ItemRef, ItemSink, ListedItem, OpenSource, Source, SourceFolder } from '../../ports/source.ts'
import type { FromReader, ReaderStart, ToReader } from './reader-messages.ts'

/** Buffers a thread fills in turn: one with the writer, one on its way, one being filled. */
const bufferCount = 3
/** Packed items the writer has not written yet; the thread waits beyond, and with it the server it reads from. */
const outstandingLimit = 3
/** How often a connection that broke in the middle of a task is made anew, and the pause before, in ms. */
const reconnectDelaysMs = [500, 2_000, 5_000]
const reportBytesEvery = 1024 * 1024

export type Packer = ItemSink & { flush(): void; discard(): Promise<void> }
export type PackerNeeds = {
  takeBuffer(): Uint8Array | Promise<Uint8Array>
  emit(packed: Packed): void | Promise<void>
  createSpool(): Promise<DraftFile>
  onIssue(issue: ItemIssue): void
  onBytes(bytes: number): void
}

export type ReaderThreadNeeds = {
  readonly openSource: OpenSource
  readonly batchBytes: number
  readonly createSpool: (name: string) => Promise<DraftFile>
  /** Names of entries follow from all folders; answers how to pack one of them. */
  readonly layOut: (folders: readonly SourceFolder[]) => (folderIndex: number, needs: PackerNeeds) => Packer
}

/** Keeps which refs have come out, so that a second connection asks only for the rest, and how much of an item has that has not. */
const remembering = (packer: Packer) => {
  const done = new Set<ItemRef>()
  let current: ItemRef | null = null
  let unfinishedBytes = 0
  let ending: void | Promise<void>
  const sink: ItemSink = {
    begin(facts, announcedSizeBytes) {
      current = facts.ref
      unfinishedBytes = 0
      packer.begin(facts, announcedSizeBytes)
    },
    write(chunk) {
      unfinishedBytes += chunk.length
      return packer.write(chunk)
    },
    end() {
      if (current !== null) done.add(current)
      current = null
      unfinishedBytes = 0
      ending = packer.end()
      return ending
    },
    skip(issue) {
      if (issue.isLost && issue.ref !== null) done.add(issue.ref)
      packer.skip(issue)
    },
  }
  return {
    sink,
    done,
    /** An item whose end the failure of the connection has overtaken: all of it had come, so it is packed to the end. */
    settled: async () => {
      await ending
    },
    /** Forgets the item that was begun; answers how many of its bytes had been counted. */
    forget: () => {
      const bytes = unfinishedBytes
      current = null
      unfinishedBytes = 0
      return bytes
    },
  }
}

const compact = (items: readonly ListedItem[]): Omit<CompactListing, 'expectedCount' | 'issues'> => ({
  refs: items.every(({ ref }) => typeof ref === 'number')
    ? Uint32Array.from(items, ({ ref }) => Number(ref))
    : items.map(({ ref }) => String(ref)),
  sizes: Float64Array.from(items, ({ sizeBytes }) => sizeBytes ?? 0),
  receivedAtMs: Float64Array.from(items, ({ receivedAtMs }) => receivedAtMs ?? Number.NaN),
})

/** Serves one thread: keeps a connection a source, reads, packs, and posts what is finished. */
export const serveReader = (
  port: MessagePort,
  { sources, threadNo }: ReaderStart,
  { openSource, batchBytes, createSpool, layOut }: ReaderThreadNeeds,
): void => {
  const aborter = new AbortController()
  const { signal } = aborter
  const opened = new Map<number, Source>()
  const free: Uint8Array[] = Array.from({ length: bufferCount }, () => new Uint8Array(batchBytes))
  const waiting: (() => void)[] = []
  let outstanding = 0
  let spoolCount = 0
  let packerFor: ReturnType<typeof layOut> | null = null

  const post = (message: FromReader, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)
  const room = async (isRoom: () => boolean) => {
    while (!isRoom()) {
      signal.throwIfAborted()
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    signal.throwIfAborted()
  }
  const wake = () => {
    for (const resume of waiting.splice(0)) resume()
  }
  const takeBuffer = (): Uint8Array | Promise<Uint8Array> =>
    free.pop() ?? room(() => free.length > 0).then(() => free.pop()!)

  const sourceAt = async (sourceIndex: number): Promise<Source> => {
    const source = opened.get(sourceIndex) ?? (await openSource(sources[sourceIndex]!, signal))
    opened.set(sourceIndex, source)
    return source
  }
  const drop = async (sourceIndex: number) => {
    const source = opened.get(sourceIndex)
    opened.delete(sourceIndex)
    await source?.close()
  }
  /**
   * Runs with a connection; after a failure that may pass, with a new one. `afterFailure` answers whether the failed
   * connection got anything done: a server that cuts every connection after a while is read to the end all the same.
   */
  const withSource = async <T>(
    sourceIndex: number,
    work: (source: Source) => Promise<T>,
    afterFailure: () => Promise<boolean> = async () => false,
  ): Promise<T> => {
    let failures = 0
    for (;;) {
      try {
        return await work(await sourceAt(sourceIndex))
      } catch (error) {
        await drop(sourceIndex)
        if (await afterFailure()) failures = 0
        const delayMs = reconnectDelaysMs[failures]
        failures += 1
        if (
          signal.aborted ||
          delayMs === undefined ||
          !isAppError(error, 'source_unreachable', 'source_busy', 'source_timeout')
        )
          throw error
        await sleep(delayMs, undefined, { signal })
      }
    }
  }

  const read = async (
    { id, sourceIndex, folderIndex, refs }: Extract<ToReader, { type: 'read' }>,
    folder: SourceFolder,
  ) => {
    let unreported = 0
    const reportBytes = () => {
      if (unreported > 0) post({ type: 'bytes', id, bytes: unreported })
      unreported = 0
    }
    /** With the packer, and not handed on yet. */
    let lent: Uint8Array | null = null
    const lend = (buffer: Uint8Array): Uint8Array => {
      lent = buffer
      return buffer
    }
    const emit = (packed: Packed): void | Promise<void> => {
      outstanding += 1
      reportBytes()
      if (packed.form === 'spool') post({ type: 'spool', id, entry: packed.entry, path: packed.path })
      else {
        const buffer = packed.bytes.buffer as ArrayBuffer
        if (buffer === lent?.buffer) lent = null
        post({ type: 'batch', id, buffer, usedBytes: packed.bytes.length, entries: packed.entries }, [buffer])
      }
      if (packed.form === 'spool') return room(() => outstanding === 0)
      if (packed.bytes.buffer.byteLength !== batchBytes && outstanding > outstandingLimit)
        return room(() => outstanding <= outstandingLimit)
    }
    const packer = packerFor!(folderIndex, {
      takeBuffer: () => {
        const buffer = takeBuffer()
        return buffer instanceof Uint8Array ? lend(buffer) : buffer.then(lend)
      },
      emit,
      createSpool: () => createSpool(`spool-${threadNo}-${++spoolCount}.part`),
      onIssue: (issue) => post({ type: 'issue', id, issue }),
      onBytes: (bytes) => {
        unreported += bytes
        if (unreported > reportBytesEvery) reportBytes()
      },
    })
    const { sink, done, settled, forget } = remembering(packer)
    let doneBefore = 0
    const afterFailure = async () => {
      await packer.discard()
      await settled()
      // What of the broken item was counted comes again from its beginning.
      unreported -= forget()
      if (unreported !== 0) post({ type: 'bytes', id, bytes: unreported })
      unreported = 0
      const isFurther = done.size > doneBefore
      doneBefore = done.size
      return isFurther
    }
    try {
      await withSource(
        sourceIndex,
        (source) =>
          source.read(
            folder,
            done.size === 0 ? Array.from<ItemRef>(refs) : Array.from<ItemRef>(refs).filter((ref) => !done.has(ref)),
            sink,
            signal,
          ),
        afterFailure,
      )
    } finally {
      // After a failure too: whole items that were packed count as read.
      packer.flush()
      reportBytes()
      if (lent) free.push(lent)
    }
  }

  let folders: readonly SourceFolder[] = []
  const carryOut = async (message: Exclude<ToReader, { type: 'written' | 'abort' | 'close' | 'layout' }>) => {
    switch (message.type) {
      case 'folders':
        return withSource(message.sourceIndex, (source) => source.folders(signal))
      case 'list': {
        const { expectedCount, items, issues } = await withSource(message.sourceIndex, (source) =>
          source.list(message.folder, signal),
        )
        return { expectedCount, issues, ...compact(items) }
      }
      case 'read':
        await read(message, folders[message.folderIndex]!)
        return null
    }
  }
  const leaveOff = () => {
    aborter.abort(new AppError('cancelled', { details: { by: 'the end of the capture' } }))
    wake()
  }
  const closeAll = async () => {
    await Promise.all([...opened.keys()].map(drop))
    post({ type: 'closed' })
    port.close()
  }

  port.on('message', (message: ToReader) => {
    switch (message.type) {
      case 'written':
        outstanding -= 1
        if (message.buffer?.byteLength === batchBytes && free.length < bufferCount)
          free.push(new Uint8Array(message.buffer))
        wake()
        break
      case 'layout':
        folders = message.folders
        packerFor = layOut(folders)
        break
      case 'abort':
        leaveOff()
        break
      case 'close':
        // Else a read under way would take the end of its connection for a failure, and connect again.
        leaveOff()
        void closeAll()
        break
      default:
        carryOut(message).then(
          (value) => post({ type: 'done', id: message.id, value }),
          (error: unknown) =>
            post({
              type: 'failed',
              id: message.id,
              error: isAppError(error)
                ? toErrorForm(error)
                : { unexpected: error instanceof Error ? (error.stack ?? error.message) : String(error) },
            }),
        )
    }
  })
}
