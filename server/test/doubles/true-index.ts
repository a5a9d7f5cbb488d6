import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createArchiveIndexBuilder } from '../../src/adapters/sqlite/archive-index.ts'
import type { SmallArchiveChanges } from '../../src/domain/archive/small-archive.ts'

type MakeIndex = NonNullable<SmallArchiveChanges['index']>

/** index.sqlite as the product writes it, made in `folder`; `forge` may change the finished file. */
export const trueIndex =
  (folder: string, forge?: (database: DatabaseSync) => void): MakeIndex =>
  async (rows, folders) => {
    const path = join(folder, `${randomUUID()}.sqlite`)
    const builder = createArchiveIndexBuilder(path)
    builder.addFolders(folders)
    builder.add(rows)
    builder.finish()
    if (forge) {
      const database = new DatabaseSync(path, { defensive: false })
      forge(database)
      database.close()
    }
    const bytes = await readFile(path)
    await rm(path)
    return bytes
  }
