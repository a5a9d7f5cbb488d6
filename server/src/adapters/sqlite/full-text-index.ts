import { createDraft, type Definitions, type FileMark, fsyncFile, openFinished } from './index-file.ts'
import { createWordReader, wordTable } from './search-words.ts'
import { reading, writing } from './sqlite-errors.ts'

/** "SBFT", and the version of the table in docs/archive-format.md, §6. */
const mark: FileMark = { applicationId: 0x53424654, version: 1 }

/** As SQLite keeps it. */
const definitions: Definitions = { words: `CREATE VIRTUAL TABLE ${wordTable}` }

/** Rows after which the words gathered so far are written out in a transaction of their own. */
const rowsPerCommit = 5_000

export type FullTextBuilder = {
  /** `rowNo` is the `no` of the item in index.sqlite; each number at most once, ascending is cheapest. */
  add(rowNo: number, text: string): void
  /** Writes everything, syncs it to disk and closes. The caller renames the file. */
  finish(): void
  /** Closes without finishing; for failures. A second call does nothing. */
  abandon(): void
}

export type FullText = {
  /**
   * Numbers of rows in which every word occurs, at least as the beginning of one, ascending, after the row `after`.
   * Empty when `words` holds no letter or digit.
   */
  search(words: string, page: { readonly limit: number; readonly after?: number }): readonly number[]
  close(): void
}

/** Replaces what is at `path`. Holds no text: memory does not grow with what is added. @throws AppError `disk_full`, `store_failed` */
export const createFullTextBuilder = (path: string): FullTextBuilder => {
  const database = writing(() => createDraft(path, mark))
  const insert = writing(() => {
    database.exec(`create virtual table ${wordTable};
      begin`)
    return database.prepare('insert into words(rowid, text) values (?, ?)')
  })
  let pending = 0
  const close = () => {
    if (database.isOpen) database.close()
  }
  return {
    add: (rowNo, text) =>
      writing(() => {
        insert.run(rowNo, text)
        if (++pending < rowsPerCommit) return
        database.exec('commit; begin')
        pending = 0
      }),
    finish: () =>
      writing(() => {
        database.exec(`insert into words(words) values ('optimize'); commit`)
        close()
        fsyncFile(path)
      }),
    abandon: close,
  }
}

/** @throws AppError `archive_invalid` when it is no full-text index of this version or damaged, here or in `search`; `store_failed` */
export const openFullText = (path: string): FullText => {
  const database = reading(() => openFinished(path, mark, definitions))
  const words = createWordReader()
  const close = () => {
    words.close()
    if (database.isOpen) database.close()
  }
  const select = reading(() => {
    try {
      return database.prepare('select rowid from words where words match ? and rowid > ? order by rowid limit ?')
    } catch (error) {
      close()
      throw error
    }
  })
  return {
    search: (typed, { limit, after = 0 }) =>
      reading(() => {
        const query = words.query(typed)
        return query === null ? [] : select.all(query, after, limit).map(({ rowid }) => Number(rowid))
      }),
    close,
  }
}
