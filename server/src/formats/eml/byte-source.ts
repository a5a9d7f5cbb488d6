/** Bytes that can be read at any place, however many there are. */
export type ByteSource = {
  readonly sizeBytes: number
  /** Fewer only where the source ends; the bytes are not to be changed. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>
}

/** From `start` up to, not including, `end`. */
export type ByteRange = { readonly start: number; readonly end: number }

const windowBytes = 262_144

export type SourceWindow = {
  readonly sizeBytes: number
  /** At least `lengthBytes` from `offset`, more when they are at hand, fewer only at the end. Valid until the next call. */
  peek(offset: number, lengthBytes: number): Promise<Buffer>
}

/** Reads ahead, so that many small looks that go forward cost few reads. Holds about 256 KB, or the longest look. */
export const openWindow = (source: ByteSource, signal: AbortSignal): SourceWindow => {
  let held: Buffer = Buffer.alloc(0)
  let heldAt = 0
  return {
    sizeBytes: source.sizeBytes,
    peek: async (offset, lengthBytes) => {
      const wanted = Math.min(lengthBytes, source.sizeBytes - offset)
      if (wanted <= 0) return Buffer.alloc(0)
      if (offset < heldAt || offset + wanted > heldAt + held.length) {
        signal.throwIfAborted()
        const bytes = await source.read(offset, Math.min(Math.max(wanted, windowBytes), source.sizeBytes - offset))
        held = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        heldAt = offset
      }
      return held.subarray(offset - heldAt)
    },
  }
}
