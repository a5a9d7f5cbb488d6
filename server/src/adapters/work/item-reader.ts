import { Worker } from 'node:worker_threads'
import { AppError, fromErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { OpenItemReader, ReadBatch, ReadItem } from '../../ports/item-reader.ts'
import type { FromItemReader, ItemReaderStart, ReadPart, ToItemReader } from './item-reader-messages.ts'

/** What passes through lies outside of V8's heap. */
const threadLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 }
/** Buffers that are kept to be filled again. */
const maxSpare = 4

type Call = { readonly resolve: (batch: ReadBatch) => void; readonly reject: (error: unknown) => void }

const itemOf = (part: ReadPart, buffer: ArrayBuffer): ReadItem =>
  part.form === 'held' ? { form: 'held', bytes: new Uint8Array(buffer, part.offset, part.sizeBytes) } : part

/** A reader that is a thread of this process. */
export const createItemReader =
  (entry: URL): OpenItemReader =>
  (from, signal) => {
    const worker = new Worker(entry, { workerData: from satisfies ItemReaderStart, resourceLimits: threadLimits })
    const calls: Call[] = []
    const spare: ArrayBuffer[] = []
    let ended: { readonly error: unknown } | null = null
    const end = (error: unknown) => {
      ended ??= { error }
      for (const { reject } of calls.splice(0)) reject(error)
    }
    const died = (reason: string, cause?: unknown) =>
      end(
        new AppError(reason === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out_of_memory' : 'worker_died', {
          details: { reason, limit: `${threadLimits.maxOldGenerationSizeMb} MB a reader` },
          cause,
        }),
      )
    const abort = () => end(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    worker.on('error', (cause: Error & { code?: string }) => died(cause.code ?? cause.name, cause))
    worker.once('exit', (code) => died(`exit code ${code}`))
    worker.on('message', (message: FromItemReader) => {
      const call = calls.shift()
      if (!call) return
      if (message.type === 'failed') {
        const { error } = message
        return call.reject('code' in error ? fromErrorForm(error) : new Error(error.unexpected))
      }
      const { parts, buffer } = message
      let isReleased = false
      call.resolve({
        items: parts.map((part) => itemOf(part, buffer)),
        release: () => {
          if (!isReleased && spare.length < maxSpare) spare.push(buffer)
          isReleased = true
        },
      })
    })

    return {
      read: (wanted) =>
        new Promise((resolve, reject) => {
          if (ended) return reject(ended.error)
          calls.push({ resolve, reject })
          const buffer = spare.pop() ?? null
          worker.postMessage({ wanted, buffer } satisfies ToItemReader, buffer ? [buffer] : [])
        }),
      close: async () => {
        signal.removeEventListener('abort', abort)
        // It only reads, and what it spools is in the work folder: nothing has to be brought to an end.
        await worker.terminate()
      },
    }
  }
