import { Worker } from 'node:worker_threads'
import { AppError, fromErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { CompactListing, OpenReaders, Packed, Readers } from '../../ports/readers.ts'
import type { SourceFolder } from '../../ports/source.ts'
import type { FromReader, ReaderStart, ToReader } from './reader-messages.ts'

/** Small young generation: what a reader makes is short-lived, and V8's usual 16 MB a thread is most of the memory otherwise. */
const threadLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 96 }
/** How long a thread may take to end its connections politely. */
const closeGraceMs = 1_500

type Receive = Parameters<Readers['read']>[1]
type Call = {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly receive: Receive | null
  written: Promise<void>
}

type Thread = {
  readonly call: (message: ToReader & { id: number }, receive: Receive | null) => Promise<unknown>
  post(message: ToReader): void
  close(): Promise<void>
}

const startThread = (entry: URL, start: ReaderStart, onDeath: (error: Error) => void): Thread => {
  const worker = new Worker(entry, { workerData: start, resourceLimits: threadLimits })
  const calls = new Map<number, Call>()
  let isClosing = false
  const post = (message: ToReader, transfer: ArrayBuffer[] = []) => worker.postMessage(message, transfer)
  const failAll = (error: unknown) => {
    for (const { reject } of calls.values()) reject(error)
    calls.clear()
  }
  const died = (reason: string, cause?: unknown) => {
    const error = new AppError(reason === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out_of_memory' : 'worker_died', {
      details: { reason, limit: `${threadLimits.maxOldGenerationSizeMb} MB a reader` },
      cause,
    })
    failAll(error)
    onDeath(error)
  }
  worker.on('error', (cause: Error & { code?: string }) => died(cause.code ?? cause.name, cause))
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      if (!isClosing) died(`exit code ${code}`)
      resolve()
    })
  })

  const hand = (call: Call, packed: Packed, buffer: ArrayBuffer | null) => {
    // In the order of arrival, one after the other: the writer is one.
    call.written = call.written
      .then(() => call.receive?.onPacked(packed))
      .then(() => post({ type: 'written', buffer }, buffer ? [buffer] : []))
    call.written.catch(call.reject)
  }
  const handlers: { readonly [T in FromReader['type']]: (message: Extract<FromReader, { type: T }>) => void } = {
    done: ({ id, value }) => {
      const call = calls.get(id)
      calls.delete(id)
      call?.written.then(() => call.resolve(value), call.reject)
    },
    failed: ({ id, error }) => {
      const call = calls.get(id)
      calls.delete(id)
      call?.reject('code' in error ? fromErrorForm(error) : new Error(error.unexpected))
    },
    batch: ({ id, buffer, usedBytes, entries }) => {
      const call = calls.get(id)
      if (call) hand(call, { form: 'batch', bytes: new Uint8Array(buffer, 0, usedBytes), entries }, buffer)
    },
    spool: ({ id, entry, path }) => {
      const call = calls.get(id)
      if (call) hand(call, { form: 'spool', entry, path }, null)
    },
    issue: ({ id, issue }) => calls.get(id)?.receive?.onIssue(issue),
    bytes: ({ id, bytes }) => calls.get(id)?.receive?.onBytes(bytes),
    closed: () => {},
  }
  worker.on('message', (message: FromReader) => (handlers[message.type] as (message: FromReader) => void)(message))

  return {
    post,
    call: (message, receive) =>
      new Promise((resolve, reject) => {
        calls.set(message.id, { resolve, reject, receive, written: Promise.resolve() })
        post(message)
      }),
    close: async () => {
      if (!isClosing) {
        isClosing = true
        post({ type: 'close' })
      }
      const timer = setTimeout(() => void worker.terminate(), closeGraceMs)
      await exited
      clearTimeout(timer)
      failAll(new AppError('worker_died', { details: { reason: 'closed' } }))
    },
  }
}

/** Readers as threads of this process; threads are started when there is work for them. */
export const createReaderThreads =
  (entry: URL): OpenReaders =>
  ({ sources, size, workFolder }, signal) => {
    const threads: Thread[] = []
    const idle: Thread[] = []
    const queue: ((thread: Thread) => void)[] = []
    let lastId = 0
    let layout: readonly SourceFolder[] | null = null
    let closing: Promise<void> | null = null

    const start = (): Thread => {
      const thread = startThread(entry, { sources, workFolder, threadNo: threads.length }, () => {})
      if (layout) thread.post({ type: 'layout', folders: layout })
      threads.push(thread)
      return thread
    }
    const take = (): Thread | Promise<Thread> => {
      signal.throwIfAborted()
      const thread = idle.pop()
      if (thread) return thread
      return threads.length < size ? start() : new Promise((resolve) => queue.push(resolve))
    }
    const giveBack = (thread: Thread) => {
      const next = queue.shift()
      if (next) next(thread)
      else idle.push(thread)
    }
    const aborted = new Promise<never>((_, reject) => {
      const abort = () => {
        for (const thread of threads) thread.post({ type: 'abort' })
        reject(signal.reason)
      }
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort, { once: true })
    })
    aborted.catch(() => {})

    const call = async (
      message: (id: number) => ToReader & { id: number },
      receive: Receive | null = null,
    ): Promise<unknown> => {
      const thread = await Promise.race([take(), aborted])
      try {
        return await Promise.race([thread.call(message(++lastId), receive), aborted])
      } finally {
        giveBack(thread)
      }
    }

    return {
      size,
      folders: async (sourceIndex) =>
        (await call((id) => ({ type: 'folders', id, sourceIndex }))) as readonly SourceFolder[],
      list: async (sourceIndex, folder) =>
        (await call((id) => ({ type: 'list', id, sourceIndex, folder }))) as CompactListing,
      read: async ({ sourceIndex, folderIndex, refs }, receive) => {
        await call((id) => ({ type: 'read', id, sourceIndex, folderIndex, refs }), receive)
      },
      layOut: (folders) => {
        layout = folders
        for (const thread of threads) thread.post({ type: 'layout', folders })
      },
      close: () => {
        closing ??= Promise.all(threads.map((thread) => thread.close())).then(() => {})
        return closing
      },
    }
  }
