import type { MessagePort } from 'node:worker_threads'
import { isAppError, toErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { WantedItem } from '../../ports/item-reader.ts'
import type { FromItemReader, ReadPart, ToItemReader } from './item-reader-messages.ts'

/** Reads items into a buffer, or into one of its own when that is too small. */
export type FillBuffer = (
  wanted: readonly WantedItem[],
  buffer: ArrayBuffer | null,
) => Promise<{ readonly parts: readonly ReadPart[]; readonly buffer: ArrayBuffer }>

/** Serves one thread: one request after the other. */
export const serveItemReader = (port: MessagePort, fill: FillBuffer): void => {
  let turn: Promise<void> = Promise.resolve()
  const answer = async ({ wanted, buffer }: ToItemReader) => {
    try {
      const read = await fill(wanted, buffer)
      port.postMessage({ type: 'read', ...read } satisfies FromItemReader, [read.buffer])
    } catch (error) {
      const form = isAppError(error)
        ? toErrorForm(error)
        : { unexpected: error instanceof Error ? (error.stack ?? error.message) : String(error) }
      port.postMessage({ type: 'failed', error: form } satisfies FromItemReader)
    }
  }
  port.on('message', (message: ToItemReader) => {
    turn = turn.then(() => answer(message))
  })
}
