/** The bytes of one item of an archive, wherever they lie: small ones in memory, large ones in a file of the work folder. */
export type RawItem = {
  readonly sizeBytes: number
  /** Fewer only where the item ends; the bytes may be a view of a buffer that is shared, so they are not to be changed. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>
}

export const rawItemOf = (bytes: Uint8Array): RawItem => ({
  sizeBytes: bytes.length,
  read: async (offset, lengthBytes) => bytes.subarray(offset, offset + lengthBytes),
})
