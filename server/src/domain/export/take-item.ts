import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { DraftFile, WorkFiles } from '../../ports/draft-file.ts'
import type { Archive, PlacedItem } from '../archive/read-archive.ts'
import { type RawItem, rawItemOf } from './raw-item.ts'

/** Larger items go to a file of the work folder. */
const heldBytes = 4 << 20

export type TakenItem =
  | { readonly isWhole: true; readonly raw: RawItem /** Frees what holds the bytes. */; release(): Promise<void> }
  | { readonly isWhole: false; readonly code: string; readonly text: string }

const nothing = async (): Promise<void> => {}

/**
 * Reads one item and compares it with what the archive lists. An item that is damaged is an answer, not an error.
 * @throws AppError `disk_full`, `store_failed`; `signal.reason`
 */
export const takeItem = async (
  archive: Archive,
  item: PlacedItem,
  work: WorkFiles,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<TakenItem> => {
  const { record } = item
  const sha256 = createHash('sha256')
  const parts: Uint8Array[] = []
  const spool = record.sizeBytes > heldBytes ? await work.create('item.part') : null
  const release = spool ? () => discard(spool, work) : nothing
  try {
    for await (const chunk of archive.openItem(item, signal)) {
      signal.throwIfAborted()
      sha256.update(chunk)
      if (spool) await spool.append(chunk)
      else parts.push(chunk)
      onBytes(chunk.length)
    }
  } catch (error) {
    await release()
    // Failures of our own files have other codes.
    if (!isAppError(error, 'archive_invalid')) throw error
    const { fault, reason } = error.details
    return { isWhole: false, code: String(fault ?? 'damaged'), text: `Damaged: ${String(reason)}` }
  }
  if (sha256.digest('hex') !== record.sha256) {
    await release()
    return { isWhole: false, code: 'hash_differs', text: 'Damaged: its SHA-256 is not the one that the archive lists.' }
  }
  if (spool) return { isWhole: true, raw: spool, release }
  return { isWhole: true, raw: rawItemOf(parts.length === 1 ? parts[0]! : Buffer.concat(parts)), release }
}

const discard = async (spool: DraftFile, work: WorkFiles): Promise<void> => {
  await spool.close()
  await work.remove(spool.path)
}
