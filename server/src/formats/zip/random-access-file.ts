/** A file of known size that is read at any place. */
export type RandomAccessFile = {
  readonly sizeBytes: number
  /** Answers exactly these bytes; fewer only where the file ends. They belong to the caller and do not change afterwards. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>
}

/** Bytes in memory as a file. */
export const memoryFile = (bytes: Uint8Array): RandomAccessFile => ({
  sizeBytes: bytes.length,
  read: async (offset, lengthBytes) => bytes.subarray(offset, offset + lengthBytes),
})

/** The same file, read in large steps: many small reads that follow each other cost one read of `windowBytes`. */
export const readAhead = (file: RandomAccessFile, windowBytes: number): RandomAccessFile => {
  let start = 0
  let window: Uint8Array = new Uint8Array(0)
  return {
    sizeBytes: file.sizeBytes,
    read: async (offset, lengthBytes) => {
      if (lengthBytes >= windowBytes) return file.read(offset, lengthBytes)
      if (offset < start || offset + lengthBytes > start + window.length) {
        window = await file.read(offset, windowBytes)
        start = offset
      }
      return window.subarray(offset - start, offset - start + lengthBytes)
    },
  }
}
