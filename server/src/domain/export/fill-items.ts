import { createHash } from 'node:crypto'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { ZipReader } from '../../formats/zip/read-zip.ts'
import type { DraftFile, WorkFiles } from '../../ports/draft-file.ts'
import type { WantedItem } from '../../ports/item-reader.ts'

/** Larger items go to a file of the work folder. */
export const heldBytes = 4 << 20
/** Of a buffer that is filled again and again. A larger item gets one of its own. */
export const bufferBytes = 1 << 20

export type FilledItem =
  | { readonly form: 'held'; readonly offset: number; readonly sizeBytes: number }
  | { readonly form: 'spool'; readonly path: string }
  | { readonly form: 'damaged'; readonly code: string; readonly text: string }

export type FilledBuffer = { readonly parts: readonly FilledItem[]; readonly buffer: ArrayBuffer }

/**
 * Reads items of an archive and compares each with what the archive lists. An item that is damaged is an answer, not an error.
 * @throws AppError `disk_full`, `store_failed`
 */
export const createItemFiller = (zip: ZipReader, work: WorkFiles) => {
  let spools = 0

  /** Answers the reason when it is not whole. */
  const readWhole = async (
    { entry, sizeBytes, sha256, place }: WantedItem,
    receive: (chunk: Uint8Array) => void | Promise<void>,
  ): Promise<FilledItem | null> => {
    const hash = createHash('sha256')
    try {
      for await (const chunk of zip.openEntry({ ...place, name: entry, sizeBytes })) {
        hash.update(chunk)
        await receive(chunk)
      }
    } catch (error) {
      // Failures of our own files have other codes.
      if (!isAppError(error, 'archive_invalid')) throw error
      const { fault, reason } = error.details
      return { form: 'damaged', code: String(fault ?? 'damaged'), text: `Damaged: ${String(reason)}` }
    }
    if (hash.digest('hex') === sha256) return null
    return {
      form: 'damaged',
      code: 'hash_differs',
      text: 'Damaged: its SHA-256 is not the one that the archive lists.',
    }
  }

  const spool = async (wanted: WantedItem): Promise<FilledItem> => {
    const file = await work.create(`item-${++spools}.part`)
    let isKept = false
    try {
      const damage = await readWhole(wanted, (chunk) => file.append(chunk))
      isKept = damage === null
      return damage ?? { form: 'spool', path: file.path }
    } finally {
      await leave(file, isKept)
    }
  }
  const leave = async (file: DraftFile, isKept: boolean) => {
    await file.close()
    if (!isKept) await work.remove(file.path)
  }

  return async (wanted: readonly WantedItem[], spare: ArrayBuffer | null): Promise<FilledBuffer> => {
    const needed = wanted.reduce((sum, { sizeBytes }) => sum + (sizeBytes > heldBytes ? 0 : sizeBytes), 0)
    const buffer = spare && spare.byteLength >= needed ? spare : new ArrayBuffer(Math.max(needed, bufferBytes))
    const bytes = new Uint8Array(buffer)
    const parts: FilledItem[] = []
    let used = 0
    for (const each of wanted) {
      if (each.sizeBytes > heldBytes) {
        parts.push(await spool(each))
        continue
      }
      const offset = used
      const damage = await readWhole(each, (chunk) => {
        bytes.set(chunk, used)
        used += chunk.length
      })
      if (damage) used = offset
      parts.push(damage ?? { form: 'held', offset, sizeBytes: used - offset })
    }
    return { parts, buffer }
  }
}
