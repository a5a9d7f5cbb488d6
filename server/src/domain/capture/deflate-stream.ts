import { createHash } from 'node:crypto'
import { crc32, createDeflateRaw } from 'node:zlib'
import type { DraftFile } from '../../ports/draft-file.ts'
import { alphabetOnly, isHopeless, searching } from './compression.ts'

/** Two of these are filled in turn: one is deflated by the thread pool while the other is filled from the socket. */
const windowBytes = 256 * 1024
/** Compressed bytes held at most before they go to a spool file. */
const heldBytes = 2 * 1024 * 1024

export type Deflated = {
  readonly sizeBytes: number
  readonly compressedBytes: number
  readonly crc32: number
  readonly sha256: string
  /** The compressed bytes, or the file they lie in. */
  readonly body: readonly Uint8Array[] | DraftFile
}

export type DeflateStream = {
  /** The chunk belongs to the caller again at once; a promise means: wait before the next one. */
  write(chunk: Uint8Array): void | Promise<void>
  end(): Promise<Deflated>
  /** Frees everything without a result. */
  discard(): Promise<void>
}

/** Hashes and deflates one item of any size with bounded memory; the strategy follows the content, window by window. */
export const createDeflateStream = (createSpool: () => Promise<DraftFile>): DeflateStream => {
  const sha256 = createHash('sha256')
  const deflate = createDeflateRaw({ ...searching, chunkSize: windowBytes })
  const windows = [Buffer.allocUnsafe(windowBytes), Buffer.allocUnsafe(windowBytes)] as const
  let filling = 0
  let filled = 0
  let hopeless = false
  let sizeBytes = 0
  let crc = 0
  let compressedBytes = 0
  let held: Uint8Array[] = []
  let heldSize = 0
  let spool: DraftFile | null = null
  let deflating: Promise<void> = Promise.resolve()

  deflate.on('data', (chunk: Buffer) => {
    held.push(chunk)
    heldSize += chunk.length
    compressedBytes += chunk.length
  })
  const failed = new Promise<never>((_, reject) => deflate.once('error', reject))
  failed.catch(() => {})

  const spill = async (all: boolean) => {
    if (heldSize <= heldBytes && !(all && spool)) return
    spool ??= await createSpool()
    const chunks = held
    held = []
    heldSize = 0
    for (const chunk of chunks) await spool.append(chunk)
  }
  const written = (bytes: Uint8Array) =>
    Promise.race([
      new Promise<void>((resolve, reject) => deflate.write(bytes, (error) => (error ? reject(error) : resolve()))),
      failed,
    ])
  const deflateWindow = async (bytes: Uint8Array) => {
    if (isHopeless(bytes) !== hopeless) {
      hopeless = !hopeless
      const { level, strategy } = hopeless ? alphabetOnly : searching
      await Promise.race([new Promise<void>((resolve) => deflate.params(level, strategy, resolve)), failed])
    }
    await written(bytes)
    await spill(false)
  }
  const swap = async () => {
    const bytes = windows[filling]!.subarray(0, filled)
    await deflating
    sha256.update(bytes)
    crc = crc32(bytes, crc)
    deflating = deflateWindow(bytes)
    // Seen by whoever awaits it next; until then a rejection must not count as unhandled.
    deflating.catch(() => {})
    filling = 1 - filling
    filled = 0
  }
  const writeSlowly = async (chunk: Uint8Array) => {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + windowBytes - filled)
      windows[filling]!.set(part, filled)
      filled += part.length
      at += part.length
      if (filled === windowBytes) await swap()
    }
  }

  return {
    write(chunk) {
      sizeBytes += chunk.length
      if (filled + chunk.length >= windowBytes) return writeSlowly(chunk)
      windows[filling]!.set(chunk, filled)
      filled += chunk.length
    },
    async end() {
      if (filled > 0) await swap()
      await deflating
      await Promise.race([
        new Promise<void>((resolve) => {
          deflate.once('end', resolve)
          deflate.end()
        }),
        failed,
      ])
      await spill(true)
      return { sizeBytes, compressedBytes, crc32: crc, sha256: sha256.digest('hex'), body: spool ?? held }
    },
    async discard() {
      await deflating.catch(() => {})
      deflate.destroy()
      held = []
      await spool?.close()
    },
  }
}
