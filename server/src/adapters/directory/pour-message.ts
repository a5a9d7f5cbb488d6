import type { ItemFacts, ItemRef, ItemSink } from '../../ports/source.ts'
import { internalDateOf } from './internal-date.ts'
import { headerLimitBytes, readStoredMessage } from './message-facts.ts'

export type MessageToPour = {
  readonly ref: ItemRef
  readonly announcedBytes: number
  /** What is known beside the header of when it came: used before the header's own date, and after it. */
  readonly dates: { readonly first: number | null; readonly last: number }
  /** Each chunk may be used until the next one is asked for. */
  readonly chunks: AsyncIterable<Uint8Array>
}

const factsOf = ({ ref, dates }: MessageToPour, head: Uint8Array): ItemFacts => {
  const { headerDateMs, flags } = readStoredMessage(head)
  const receivedAtMs = dates.first ?? headerDateMs ?? dates.last
  return { ref, receivedAtMs, internalDate: internalDateOf(receivedAtMs), ...(flags === null ? {} : { flags }) }
}

/** The bytes of one stored message into the sink; of its header it takes the flags, and the date where none is known before. */
export const pourMessage = async (message: MessageToPour, sink: ItemSink, signal: AbortSignal): Promise<void> => {
  let head: Uint8Array[] | null = []
  let headBytes = 0
  const begin = async () => {
    const gathered = head!.length === 1 ? head![0]! : Buffer.concat(head!)
    head = null
    sink.begin(factsOf(message, gathered), message.announcedBytes)
    if (gathered.length > 0) await sink.write(gathered)
  }
  for await (const chunk of message.chunks) {
    signal.throwIfAborted()
    if (head === null) {
      await sink.write(chunk)
      continue
    }
    // The first chunk is used at once when it is long enough, as nearly every one is; else it has to be kept.
    head.push(headBytes + chunk.length >= headerLimitBytes && head.length === 0 ? chunk : Buffer.from(chunk))
    headBytes += chunk.length
    if (headBytes >= headerLimitBytes) await begin()
  }
  if (head !== null) await begin()
  await sink.end()
}
