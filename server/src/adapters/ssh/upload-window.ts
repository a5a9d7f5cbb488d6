import type { DeliveryFile } from '../../ports/delivery.ts'

export type UploadWindow = {
  readonly file: DeliveryFile
  readonly startAt: number
  readonly chunkBytes: number
  /** Writes on their way at most; that many chunks are in memory. */
  readonly inFlight: number
  write(bytes: Uint8Array, position: number): Promise<void>
  /** The end of the part that has no hole in it. */
  onWritten(bytesDone: number): void
}

/**
 * Sends a file from `startAt` to its end with many writes on their way, so that a long line is filled: with one at a time
 * each would cost a round trip. Settles only when nothing is on its way any more; the first failure is the one thrown.
 */
export const uploadWindow = async (upload: UploadWindow): Promise<void> => {
  const { file, chunkBytes } = upload
  let next = upload.startAt
  let contiguous = upload.startAt
  let failed = false
  /** Written beyond the first that is still on its way: start to end. */
  const ahead = new Map<number, number>()

  const lane = async () => {
    while (!failed && next < file.sizeBytes) {
      const position = next
      const lengthBytes = Math.min(chunkBytes, file.sizeBytes - position)
      next += lengthBytes
      const bytes = await file.read(position, lengthBytes)
      if (failed) return
      await upload.write(bytes, position)
      ahead.set(position, position + lengthBytes)
      const before = contiguous
      for (let end = ahead.get(contiguous); end !== undefined; end = ahead.get(contiguous)) {
        ahead.delete(contiguous)
        contiguous = end
      }
      if (contiguous > before) upload.onWritten(contiguous)
    }
  }
  const outcomes = await Promise.allSettled(
    Array.from({ length: upload.inFlight }, async () => {
      try {
        await lane()
      } catch (error) {
        failed = true
        throw error
      }
    }),
  )
  const lost = outcomes.find((outcome) => outcome.status === 'rejected')
  if (lost) throw lost.reason
}
