import type { ItemReader, ReadBatch, ReadItem, WantedItem } from '../../ports/item-reader.ts'
import type { PlacedItem } from '../archive/read-archive.ts'
import { bufferBytes, heldBytes } from './fill-items.ts'

/** Of one request. */
const batchItems = 200
/** Requests that may be under way or waiting: one is worked on, one is being read, and one waits so that the reader need not. */
const maxAhead = 3
/** The same once an item is too large for memory: disk is not without end either. */
const maxSpooledAhead = 2

/** An item with its bytes, which are good until the next batch is asked for. */
export type TakenItem = { readonly item: PlacedItem; readonly taken: ReadItem }

const missing: ReadItem = { form: 'damaged', code: 'entry_missing', text: 'It is missing.' }

type Ahead = { readonly items: readonly PlacedItem[]; readonly read: Promise<ReadBatch> }

const wantedOf = ({ record: { entry, sizeBytes, sha256 }, place }: PlacedItem): readonly WantedItem[] =>
  place === null ? [] : [{ entry, sizeBytes, sha256, place }]

/**
 * Reads items ahead of whoever works on them, in their order and batch by batch. At most some 16 MB are held, and few files of what is larger than `heldBytes`.
 * @throws AppError what `reader` and `items` throw
 */
export async function* readAhead(
  items: AsyncIterable<PlacedItem>,
  reader: ItemReader,
): AsyncGenerator<readonly TakenItem[]> {
  const ahead: Ahead[] = []
  let batch: PlacedItem[] = []
  let batchBytes = 0
  const ask = () => {
    if (batch.length === 0) return
    const read = reader.read(batch.flatMap(wantedOf))
    // Whoever comes to it gets the error; until then it is nobody's.
    read.catch(() => {})
    ahead.push({ items: batch, read })
    batch = []
    batchBytes = 0
  }
  async function* oldest(): AsyncGenerator<readonly TakenItem[]> {
    const { items, read } = ahead.shift()!
    const { items: found, release } = await read
    let no = 0
    yield items.map((item) => ({ item, taken: item.place === null ? missing : found[no++]! }))
    release()
  }
  for await (const item of items) {
    const { sizeBytes } = item.record
    // What is larger than a buffer goes alone, so that nobody waits for it longer than necessary.
    if (batchBytes + Math.min(sizeBytes, heldBytes) > bufferBytes || batch.length === batchItems) ask()
    batch.push(item)
    batchBytes += sizeBytes
    if (batchBytes > bufferBytes) ask()
    while (ahead.length >= (sizeBytes > heldBytes ? maxSpooledAhead : maxAhead)) yield* oldest()
  }
  ask()
  while (ahead.length > 0) yield* oldest()
}
