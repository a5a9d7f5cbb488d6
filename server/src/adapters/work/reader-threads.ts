import { Worker } from 'node:worker_threads'
import { AppError, fromErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { CompactListing, OpenReaders, Packed, Readers } from '../../ports/readers.ts'
import type { SourceFolder } from '../../ports/source.ts'
import type { FromReader, ReaderStart, ToReader } from './reader-messages.ts'

/** Small young generation: what a reader makes is short-lived, and V8's usual 16 MB a thread is most of the memory otherwise. */
const threadLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 256 }
/** How long a thread may take to end its connections politely. */
const closeGraceMs = 1_500

type Receive = Parameters<Readers['read']>[1]
type Message = ToReader & { readonly id: number }
type Call = {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly receive: Receive | null
  written: Promise<void>
  /** Settled: nothing more of it reaches the consumer, though the thread may not have answered yet. */
  isOver: boolean
}

type Thread = {
  readonly call: (message: Message, receive: Receive | null) => Promise<unknown>
  post(message: ToReader): void
  /** Rejects what is under way at once, and asks the thread to leave off. */
  abort(reason: unknown): void
  close(): Promise<void>
}

/** `onFree` when the thread has answered, `onDeath` once when it has ended without being closed. */
const startThread = (entry: URL, start: ReaderStart, onFree: () => void, onDeath: () => void): Thread => {
  const worker = new Worker(entry, { workerData: start, resourceLimits: threadLimits })
  const calls = new Map<number, Call>()
  let isDead = false
  let isClosing = false
  const post = (message: ToReader, transfer: ArrayBuffer[] = []) => worker.postMessage(message, transfer)
  const rejectAll = (error: unknown) => {
    for (const { reject } of calls.values()) reject(error)
  }
  const died = (reason: string, cause?: unknown) => {
    if (isDead) return
    isDead = true
    rejectAll(
      new AppError(reason === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out_of_memory' : 'worker_died', {
        details: { reason, limit: `${threadLimits.maxOldGenerationSizeMb} MB a reader` },
        cause,
      }),
    )
    calls.clear()
    if (!isClosing) onDeath()
  }
  worker.on('error', (cause: Error & { code?: string }) => died(cause.code ?? cause.name, cause))
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      died(isClosing ? 'closed' : `exit code ${code}`)
      resolve()
    })
  })

  const hand = (id: number, packed: Packed, buffer: ArrayBuffer | null) => {
    const call = calls.get(id)
    if (!call) return
    // In the order of arrival, one after the other: the writer is one.
    call.written = call.written
      .then(() => (call.isOver ? undefined : call.receive?.onPacked(packed)))
      .catch(call.reject)
      // Whatever became of it: a thread that waits for its buffer could not even answer.
      .then(() => post({ type: 'written', buffer }, buffer ? [buffer] : []))
  }
  const answered = (id: number, settle: (call: Call) => void) => {
    const call = calls.get(id)
    if (!call) return
    calls.delete(id)
    void call.written.then(() => settle(call))
    onFree()
  }
  const receiverOf = (id: number): Receive | null => {
    const call = calls.get(id)
    return call && !call.isOver ? call.receive : null
  }
  const handlers: { readonly [T in FromReader['type']]: (message: Extract<FromReader, { type: T }>) => void } = {
    done: ({ id, value }) => answered(id, (call) => call.resolve(value)),
    // After what was packed before the failure is written, so that the consumer knows what came out.
    failed: ({ id, error }) =>
      answered(id, (call) => call.reject('code' in error ? fromErrorForm(error) : new Error(error.unexpected))),
    batch: ({ id, buffer, usedBytes, entries }) =>
      hand(id, { form: 'batch', bytes: new Uint8Array(buffer, 0, usedBytes), entries }, buffer),
    spool: ({ id, entry, path }) => hand(id, { form: 'spool', entry, path }, null),
    issue: ({ id, issue }) => receiverOf(id)?.onIssue(issue),
    bytes: ({ id, bytes }) => receiverOf(id)?.onBytes(bytes),
    closed: () => {},
  }
  worker.on('message', (message: FromReader) => (handlers[message.type] as (message: FromReader) => void)(message))

  return {
    post,
    call: (message, receive) =>
      new Promise((resolve, reject) => {
        const call: Call = {
          receive,
          written: Promise.resolve(),
          isOver: false,
          resolve: (value) => {
            call.isOver = true
            resolve(value)
          },
          reject: (error) => {
            call.isOver = true
            reject(error)
          },
        }
        calls.set(message.id, call)
        post(message)
      }),
    abort: (reason) => {
      post({ type: 'abort' })
      rejectAll(reason)
    },
    close: async () => {
      if (!isClosing) {
        isClosing = true
        post({ type: 'close' })
      }
      const timer = setTimeout(() => void worker.terminate(), closeGraceMs)
      await exited
      clearTimeout(timer)
    },
  }
}

/** Readers as threads of this process; threads are started when there is work for them, also in place of one that died. */
export const createReaderThreads =
  (entry: URL): OpenReaders =>
  ({ sources, size, workFolder }, signal) => {
    type Job = {
      readonly message: (id: number) => Message
      readonly receive: Receive | null
      readonly resolve: (value: unknown) => void
      readonly reject: (error: unknown) => void
    }
    const queue: Job[] = []
    const living = new Set<Thread>()
    const idle: Thread[] = []
    /** All ever started: one that died is waited for as well. */
    const started: Thread[] = []
    let lastId = 0
    let layout: readonly SourceFolder[] | null = null
    let closing: Promise<void> | null = null

    const start = (): Thread => {
      const thread = startThread(
        entry,
        { sources, workFolder, threadNo: started.length },
        () => {
          idle.push(thread)
          next()
        },
        () => {
          living.delete(thread)
          const at = idle.indexOf(thread)
          if (at >= 0) idle.splice(at, 1)
          next()
        },
      )
      if (layout) thread.post({ type: 'layout', folders: layout })
      living.add(thread)
      started.push(thread)
      return thread
    }
    const next = () => {
      while (queue.length > 0) {
        const thread = idle.pop() ?? (living.size < size ? start() : null)
        if (!thread) return
        const { message, receive, resolve, reject } = queue.shift()!
        thread.call(message(++lastId), receive).then(resolve, reject)
      }
    }
    const rejectQueue = (error: unknown) => {
      for (const { reject } of queue.splice(0)) reject(error)
    }
    const abort = () => {
      rejectQueue(signal.reason)
      for (const thread of living) thread.abort(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })

    const call = (message: Job['message'], receive: Receive | null = null): Promise<unknown> =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        if (closing) return reject(new AppError('worker_died', { details: { reason: 'closed' } }))
        queue.push({ message, receive, resolve, reject })
        next()
      })

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
        for (const thread of living) thread.post({ type: 'layout', folders })
      },
      close: () => {
        closing ??= Promise.all(started.map((thread) => thread.close())).then(() => {
          signal.removeEventListener('abort', abort)
        })
        rejectQueue(new AppError('worker_died', { details: { reason: 'closed' } }))
        return closing
      },
    }
  }
