import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { ExportId } from '@stillbox/shared/vocabulary/ids.ts'
import type { ExportFiles } from '../../ports/export-files.ts'
import { toStoreError } from './file-errors.ts'
import { storedFile, syncFolder } from './stored-file.ts'

const workEnding = '.part'

const translated = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw toStoreError(error)
  }
}

const removeAll = (path: string): Promise<void> =>
  translated(() => rm(path, { recursive: true, force: true, maxRetries: 3 }))

const notThere = (): AppError => new AppError('not_found', { details: { what: 'file of an export' } })

/** Files of exports as `exports/<id>/<name>` in a folder; attempts work in `exports/<id>.part/`. Several processes may share it. */
export const createFileExportFiles = async ({ folder }: { readonly folder: string }): Promise<ExportFiles> => {
  const exports = join(folder, 'exports')
  const doneFolder = (exportId: ExportId) => join(exports, exportId)
  const workFolder = (exportId: ExportId) => join(exports, `${exportId}${workEnding}`)
  await translated(() => mkdir(exports, { recursive: true, mode: 0o700 }))

  return {
    openWorkFolder: async (exportId) => {
      await removeAll(workFolder(exportId))
      // A name of its own for each attempt: one that lost its job and lags behind must not write into the next one's files.
      const path = join(workFolder(exportId), randomUUID())
      await translated(() => mkdir(path, { recursive: true, mode: 0o700 }))
      return path
    },
    discardWorkFolder: (exportId) => removeAll(workFolder(exportId)),
    publish: (exportId, from) =>
      translated(async () => {
        // An attempt that published and died before its row was written.
        await rm(doneFolder(exportId), { recursive: true, force: true })
        await syncFolder(join(from, 'out'))
        await rename(join(from, 'out'), doneFolder(exportId))
        await syncFolder(exports)
        await rm(workFolder(exportId), { recursive: true, force: true })
        const names = await readdir(doneFolder(exportId))
        const sizes = names
          .sort()
          .map(async (name) => ({ name, sizeBytes: (await stat(join(doneFolder(exportId), name))).size }))
        return Promise.all(sizes)
      }),
    open: async (exportId, name) => {
      // Only a name that is in the folder: nothing of what was asked for becomes a path otherwise.
      const names: readonly string[] = await readdir(doneFolder(exportId)).catch(() => [])
      if (!names.includes(name)) throw notThere()
      return storedFile(join(doneFolder(exportId), name), notThere)
    },
    remove: async (exportId) => {
      await removeAll(doneFolder(exportId))
      await removeAll(workFolder(exportId))
    },
    list: () =>
      translated(async () => {
        const stems = (await readdir(exports)).map((name) =>
          name.endsWith(workEnding) ? name.slice(0, -workEnding.length) : name,
        )
        return [...new Set(stems)].flatMap((stem) => {
          const id = ExportId.safeParse(stem)
          return id.success && id.data === stem ? [id.data] : []
        })
      }),
  }
}
