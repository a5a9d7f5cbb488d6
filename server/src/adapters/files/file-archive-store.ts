import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { ArchiveStore } from '../../ports/archive-store.ts'
import { codeOf, toStoreError } from './file-errors.ts'
import { storedFile, syncFolder } from './stored-file.ts'

const archiveEnding = '.zip'
const fullTextEnding = '.fulltext.sqlite'
/** Of whatever is written beside an archive and has another name once it is done, or none. */
const draftEnding = '.part'

/**
 * Archives as files: `archives/<id>.zip`, `archives/<id>.fulltext.sqlite` and `work/<id>/<attempt>/` in a folder. Several processes may share it.
 * @throws AppError `disk_full`, `store_failed`
 */
export const createFileArchiveStore = async ({ folder }: { readonly folder: string }): Promise<ArchiveStore> => {
  const archives = join(folder, 'archives')
  const work = join(folder, 'work')
  const archivePath = (snapshotId: SnapshotId) => join(archives, `${snapshotId}${archiveEnding}`)
  const fullTextPath = (snapshotId: SnapshotId) => join(archives, `${snapshotId}${fullTextEnding}`)
  const discardWorkFolder = (snapshotId: SnapshotId) =>
    translated(() => rm(join(work, snapshotId), { recursive: true, force: true, maxRetries: 3 }))

  await translated(async () => {
    for (const path of [archives, work]) await mkdir(path, { recursive: true, mode: 0o700 })
  })

  const list = () =>
    translated(async () =>
      (await readdir(archives)).map((name) => idOf(name, archiveEnding)).filter((id) => id !== null),
    )

  return {
    openWorkFolder: async (snapshotId) => {
      await discardWorkFolder(snapshotId)
      // A name of its own for each attempt: one that lost its job and lags behind must not write into the next one's files.
      const path = join(work, snapshotId, randomUUID())
      await translated(() => mkdir(path, { recursive: true, mode: 0o700 }))
      return path
    },
    discardWorkFolder,
    workFolders: () =>
      translated(async () => (await readdir(work)).map((name) => idOf(name, '')).filter((id) => id !== null)),

    publish: (snapshotId, draftPath) =>
      translated(async () => {
        const draft = await open(draftPath, 'r+')
        const { size } = await draft
          .stat()
          .then(async (facts) => {
            await draft.sync()
            return facts
          })
          .finally(() => draft.close())
        // What was derived from an earlier attempt's archive does not belong to this one.
        await rm(fullTextPath(snapshotId), { force: true })
        await rename(draftPath, archivePath(snapshotId))
        await syncFolder(archives)
        return { sizeBytes: size }
      }),

    open: (snapshotId) => storedFile(archivePath(snapshotId), () => new AppError('archive_missing')),

    has: (snapshotId) => translated(() => exists(archivePath(snapshotId))),

    remove: (snapshotId) =>
      translated(async () => {
        await rm(archivePath(snapshotId), { force: true })
        // With it everything derived from it, drafts that a killed process left included.
        for (const name of await readdir(archives))
          if (name.startsWith(`${snapshotId}.`)) await rm(join(archives, name), { force: true })
        await syncFolder(archives)
      }),

    removeDrafts: () =>
      translated(async () => {
        for (const name of await readdir(archives))
          if (name.endsWith(draftEnding) && idOf(name.slice(0, name.indexOf('.')), '') !== null)
            await rm(join(archives, name), { force: true })
      }),

    list,

    usage: () =>
      translated(async () => {
        let archiveCount = 0
        let archiveBytes = 0
        for (const id of await list()) {
          const size = await sizeOf(archivePath(id))
          if (size === null) continue
          archiveCount++
          archiveBytes += size
        }
        const space = await statfs(archives).catch(() => null)
        return { archiveCount, archiveBytes, freeBytes: space && space.bavail * space.bsize }
      }),

    archivePath,
    fullTextPath,
  }
}

const translated = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw toStoreError(error)
  }
}

const idOf = (name: string, ending: string): SnapshotId | null => {
  if (!name.endsWith(ending)) return null
  const stem = name.slice(0, name.length - ending.length)
  const id = SnapshotId.safeParse(stem)
  // Only as we write it: another spelling of the id would be another file.
  return id.success && id.data === stem ? id.data : null
}

const sizeOf = (path: string): Promise<number | null> =>
  stat(path).then(
    (facts) => facts.size,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null
      throw error
    },
  )
const exists = async (path: string): Promise<boolean> => (await sizeOf(path)) !== null
