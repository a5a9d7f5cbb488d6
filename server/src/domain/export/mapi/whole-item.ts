import type { RawItem } from '../raw-item.ts'

const pieceBytes = 1024 * 1024

/** All bytes of an item, in pieces of a megabyte. */
export async function* piecesOf(raw: RawItem, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < raw.sizeBytes; ) {
    signal.throwIfAborted()
    const piece = await raw.read(offset, Math.min(pieceBytes, raw.sizeBytes - offset))
    if (piece.length === 0) return
    offset += piece.length
    yield piece
  }
}

/** An item as a whole, or its beginning where it is longer than `maxBytes`. */
export const readBeginning = async (raw: RawItem, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of piecesOf(raw, signal)) {
    pieces.push(piece.subarray(0, maxBytes - size))
    size += piece.length
    if (size >= maxBytes) break
  }
  return Buffer.concat(pieces)
}
