import { dirname } from 'node:path'
import { openDatabase } from './adapters/database/open-database.ts'
import { createDatabaseSnapshotStore } from './adapters/database/snapshot-store.ts'
import { createFileArchiveStore } from './adapters/files/file-archive-store.ts'
import { createWorkFiles } from './adapters/work/work-files.ts'
import type { Config } from './config/read-config.ts'
import { snapshotOfArchive } from './domain/archive/snapshot-of-archive.ts'
import { type Adopted, adoptArchives } from './domain/snapshot/adopt-archives.ts'

/** Joins what `stillbox rebuild` needs: the database and the archives, and nothing that runs jobs. */
export const composeRebuild = async ({
  databaseUrl,
  dataFolder,
}: Config): Promise<{ run(): Promise<Adopted>; close(): Promise<void> }> => {
  const database = await openDatabase({ url: databaseUrl?.reveal() ?? null, folder: dataFolder })
  const archives = await createFileArchiveStore({ folder: dataFolder }).catch(async (error: unknown) => {
    await database.close()
    throw error
  })
  const readArchive = async (path: string) => {
    const file = await createWorkFiles(dirname(path)).open(path)
    try {
      return await snapshotOfArchive(file)
    } finally {
      await file.close()
    }
  }
  return {
    run: adoptArchives({ snapshots: createDatabaseSnapshotStore({ database }), archives, readArchive }),
    close: database.close,
  }
}
