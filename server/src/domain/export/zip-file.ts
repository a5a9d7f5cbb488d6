import type { ExportedFile } from '@stillbox/shared/vocabulary/export-report.ts'
import type { ZipEntry } from '../../formats/zip/local-header.ts'
import { createZipWriter } from '../../formats/zip/zip-writer.ts'
import { readAll } from '../capture/archive-draft.ts'
import type { ExportTarget } from './export-writer.ts'
import { gathered } from './gathered-file.ts'

export type ZipFile = {
  append(entry: ZipEntry, data: AsyncIterable<Uint8Array>): Promise<void>
  finish(): Promise<ExportedFile>
  close(): Promise<void>
}

/** A ZIP among the files of an export; its directory is kept in a work file until the end. */
export const createZipFile = async (
  { out, work }: Pick<ExportTarget, 'out' | 'work'>,
  name: string,
): Promise<ZipFile> => {
  const file = await out.create(name)
  const central = await work.create(`${name}.directory.part`)
  const data = gathered(file)
  const directory = gathered(central)
  const zip = createZipWriter({
    write: data.append,
    spool: {
      append: directory.append,
      read: async function* () {
        await directory.flush()
        yield* readAll(central)
      },
    },
  })
  return {
    append: async (entry, bytes) => {
      await zip.appendStream(entry, bytes)
    },
    finish: async () => {
      const { sizeBytes } = await zip.finish()
      await data.flush()
      await file.finish()
      return { name, sizeBytes }
    },
    close: async () => {
      await file.close()
      await central.close()
    },
  }
}
