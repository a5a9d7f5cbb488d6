import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'
import type { MapiMessage } from '../../formats/mapi/message.ts'
import { msgBytes } from '../../formats/msg/msg-bytes.ts'
import { writeMsg } from '../../formats/msg/write-msg.ts'
import { readAll } from '../capture/archive-draft.ts'
import { wholeFileOptions } from '../capture/compression.ts'
import { createDeflateStream } from '../capture/deflate-stream.ts'
import { modifiedAt } from '../capture/item-packer.ts'
import type { ExportTarget, ExportWriterKind } from './export-writer.ts'
import { projectItem, writeProjected } from './project-item.ts'
import { createZipFile, type ZipFile } from './zip-file.ts'

/** Larger files are written to the disk first. */
const heldBytes = 2 << 20
/** Files that are being deflated by the thread pool, or wait for those before them. */
const maxFlying = 3

const deflate = promisify(deflateRaw)

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* listed(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

/** No two items of a folder differ by their extension alone, and no name of an item ends with a number in brackets. */
const nameOf = (entry: string, index: number): string =>
  `${entry.replace(/\.[a-z]{3}$/, '')}${index === 0 ? '' : ` (${index + 1})`}.msg`

/** Appends small files in their order while the next are made. A failure comes out of a later call. */
const createSmallFiles = (zip: ZipFile) => {
  const flying: Promise<void>[] = []
  let last: Promise<void> = Promise.resolve()
  const drain = async (most = 0) => {
    for (; flying.length > most; flying.shift()) await flying[0]
  }
  return {
    drain,
    append: async (name: string, moment: Date | null, bytes: Uint8Array): Promise<void> => {
      await drain(maxFlying - 1)
      const before = last
      const options = wholeFileOptions(bytes)
      const method = options === null ? 0 : 8
      const packing = options === null ? Promise.resolve(bytes) : deflate(bytes, options)
      last = Promise.all([packing, before]).then(([packed]) => {
        const sizes = { sizeBytes: bytes.length, compressedBytes: packed.length }
        return zip.append({ name, method, crc32: crc32(bytes), modifiedAt: moment, ...sizes }, only(packed))
      })
      // Whoever waits for it gets the error.
      last.catch(() => {})
      flying.push(last)
    },
    /** Waits until nothing is under way any more, whatever became of it. */
    settled: async () => {
      await Promise.allSettled(flying)
    },
  }
}

const appendLarge = async (
  zip: ZipFile,
  name: string,
  moment: Date | null,
  message: MapiMessage,
  { work, signal }: ExportTarget,
): Promise<void> => {
  const file = await work.createPlaced('item.msg.part')
  const stream = createDeflateStream(() => work.create('item.msg.deflated.part'))
  try {
    const { sizeBytes } = await writeMsg(message, { file, signal })
    for await (const chunk of readAll({ sizeBytes, read: file.read })) {
      signal.throwIfAborted()
      await stream.write(chunk)
    }
    const { body, sha256: _, ...facts } = await stream.end()
    const entry = { name, method: 8, modifiedAt: moment, ...facts } as const
    if (!('path' in body)) return await zip.append(entry, listed(body))
    await zip.append(entry, readAll(body))
    await body.close()
    await work.remove(body.path)
  } finally {
    await stream.discard()
    await file.close()
    await work.remove(file.path)
  }
}

/** A ZIP with each item as an MSG file, in the folders of the archive. */
export const msg: ExportWriterKind = {
  // Attachments are plain in an MSG and a third larger in an EML; each small item costs some KB more.
  diskFactor: 1.5,
  notes: ['Messages that Outlook cannot show as they were have their original attached, and are listed.'],
  open: async (target) => {
    const { signal } = target
    const zip = await createZipFile(target, `${target.baseName} msg.zip`)
    const small = createSmallFiles(zip)
    return {
      add: async (item) => {
        const { entry, internalDate } = item.record
        const moment = modifiedAt(internalDate)
        return writeProjected(projectItem(item, target), async ({ message }, index) => {
          const name = nameOf(entry, index)
          const bytes = item.raw.sizeBytes > heldBytes ? undefined : await msgBytes(message, heldBytes * 2, signal)
          if (bytes) await small.append(name, moment, bytes)
          else {
            await small.drain()
            await appendLarge(zip, name, moment, message, target)
          }
          return []
        })
      },
      finish: async () => {
        await small.drain()
        return [await zip.finish()]
      },
      close: async () => {
        await small.settled()
        await zip.close()
      },
    }
  },
}
