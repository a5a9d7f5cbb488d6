import { rmSync } from 'node:fs'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'
import type { ArchiveIndex, ArchiveIndexBuilder } from '../../ports/archive-index.ts'
import { createDraft, type Definitions, type FileMark, fsyncFile, openFinished } from './index-file.ts'
import {
  columnDefinitions,
  columnNames,
  entryCrc,
  placeholders,
  type StoredRow,
  toColumns,
  toIndexRow,
  toRecord,
} from './item-columns.ts'
import { createWordReader, wordTable } from './search-words.ts'
import { reading, writing } from './sqlite-errors.ts'

/** "SBIX", and the version of the tables in docs/archive-format.md, §6. */
const mark: FileMark = { applicationId: 0x53424958, version: 1 }

const canonicalOrder = 'folder_no, uid, href'
const searchedText = `title || ' ' || sender || ' ' || recipients || ' ' || place || ' ' || company || ' ' || categories || ' ' || phone`

const tables = {
  folders: `folders(folder_no integer primary key, kind text not null, label text not null,
        first_no integer, item_count integer not null default 0, total_bytes integer not null default 0) strict`,
  items: `items(no integer primary key, ${columnDefinitions}) strict`,
} as const
const entryIndex = 'items_by_entry on items(entry_crc)'

/** As SQLite keeps the definitions above. They are part of version 1 of the format. */
const definitions: Definitions = {
  folders: `CREATE TABLE ${tables.folders}`,
  items: `CREATE TABLE ${tables.items}`,
  items_by_entry: `CREATE INDEX ${entryIndex}`,
  words: `CREATE VIRTUAL TABLE ${wordTable}`,
}

/**
 * Rows come in any order and go to a draft file beside the index; `finish` copies them over in canonical order, so that the
 * number of a row is its place in the archive, and indexes all words in one go. Not for `add` while `records` is being read.
 * Every call throws AppError `disk_full` or `store_failed`; after that only `abandon` may follow.
 */
export const createArchiveIndexBuilder = (path: string): ArchiveIndexBuilder => {
  const draftPath = `${path}.draft`
  rmSync(draftPath, { force: true })
  const database = writing(() => createDraft(path, mark))
  writing(() =>
    database.exec(`attach '${draftPath.replaceAll("'", "''")}' as draft;
      pragma draft.journal_mode = off; pragma draft.synchronous = off; pragma draft.cache_size = -4096;
      begin;
      create table ${tables.folders};
      create table draft.rows(${columnDefinitions}) strict;`),
  )
  const insertFolder = database.prepare('insert into folders(folder_no, kind, label) values (?, ?, ?)')
  const insertRow = database.prepare(`insert into draft.rows(${columnNames}) values (${placeholders})`)
  let isOpen = true
  const close = () => {
    if (!isOpen) return
    isOpen = false
    database.close()
    rmSync(draftPath, { force: true })
  }
  const sort = () => database.exec(`create index if not exists draft.rows_in_order on rows(${canonicalOrder})`)

  return {
    addFolders: (folders) =>
      writing(() => {
        for (const { folderNo, kind, label } of folders) insertFolder.run(folderNo, kind, label)
      }),
    add: (rows) =>
      writing(() => {
        for (const row of rows) insertRow.run(...toColumns(row))
      }),
    records: function* () {
      const rows = writing(() => {
        sort()
        const select = database.prepare(
          `select ${columnNames}, kind, label from draft.rows join folders using (folder_no) order by ${canonicalOrder}`,
        )
        select.setReturnArrays(true)
        return select.iterate()
      })
      const next = () => writing(() => rows.next())
      try {
        for (let row = next(); row.done !== true; row = next()) yield toRecord(row.value as unknown as StoredRow)
      } finally {
        rows.return?.() // lets go of the rows when the reader stops half way
      }
    },
    finish: () =>
      writing(() => {
        sort()
        database.exec(`create table ${tables.items};
          insert into items(${columnNames}) select ${columnNames} from draft.rows order by ${canonicalOrder};
          update folders set first_no = totals.first_no, item_count = totals.item_count, total_bytes = totals.total_bytes
            from (select folder_no, min(no) as first_no, count(*) as item_count, sum(size_bytes) as total_bytes
              from items group by folder_no) as totals
            where folders.folder_no = totals.folder_no;
          create index ${entryIndex};
          create virtual table ${wordTable};
          insert into words(rowid, text) select no, ${searchedText} from items order by no;
          insert into words(words) values ('optimize');
          commit;`)
        close()
        fsyncFile(path)
      }),
    abandon: close,
  }
}

const everything = { first: 1, last: Number.MAX_SAFE_INTEGER }

/**
 * Opens `index.sqlite` of a finished archive. Takes no lock and changes nothing.
 * @throws AppError `archive_invalid` when it is no index of this version, here or where a damaged page is met later; `store_failed`
 */
export const openArchiveIndex = (path: string): ArchiveIndex => {
  const database = reading(() => openFinished(path, mark, definitions))
  const words = createWordReader()
  const close = () => {
    words.close()
    if (database.isOpen) database.close()
  }
  const prepare = (sql: string) =>
    reading(() => {
      try {
        const statement = database.prepare(sql)
        statement.setReturnArrays(true)
        return statement
      } catch (error) {
        close()
        throw error
      }
    })
  const rowOf = `select ${columnNames}, kind, label, no from items join folders using (folder_no)`
  const range = 'no > ? and no >= ? and no <= ?'
  const selectFolders = prepare(
    'select folder_no, kind, label, item_count, total_bytes, first_no from folders order by folder_no',
  )
  const selectPage = prepare(`${rowOf} where ${range} and (? is null or kind = ?) order by no limit ?`)
  // The words decide which rows; their numbers are canonical order already, so nothing is sorted.
  const selectFound = prepare(`select ${columnNames}, kind, label, no
    from words cross join items on items.no = words.rowid join folders using (folder_no)
    where words match ? and ${range.replaceAll('no ', 'words.rowid ')} and (? is null or kind = ?) order by words.rowid limit ?`)
  const selectAll = `select ${columnNames}, kind, label, no from items cross join folders using (folder_no) order by no`
  const selectEntry = prepare(`${rowOf} where entry_crc = ? and entry = ?`)

  const folders = () =>
    reading(() => selectFolders.all() as unknown as StoredRow[]).map((row) => ({
      folderNo: Number(row[0]),
      kind: row[1] as ItemKind,
      label: String(row[2]),
      itemCount: Number(row[3]),
      sizeBytes: Number(row[4]),
      firstNo: row[5] === null ? null : Number(row[5]),
    }))
  const known = folders()
  /** The rows of a folder, or of a kind, lie side by side; another folder among them is left out by the query. */
  const spanOf = ({ folderNo, kind }: Parameters<ArchiveIndex['page']>[0]) => {
    if (folderNo === undefined && kind === undefined) return everything
    const spans = known
      .filter((folder) => folderNo === undefined || folder.folderNo === folderNo)
      .filter((folder) => kind === undefined || folder.kind === kind)
      .flatMap(({ firstNo, itemCount }) =>
        firstNo === null ? [] : [{ first: firstNo, last: firstNo + itemCount - 1 }],
      )
    if (spans.length === 0) return null
    return { first: spans[0]!.first, last: spans.at(-1)!.last }
  }

  return {
    count: () => known.reduce((sum, folder) => sum + folder.itemCount, 0),
    folders: () => known,
    records: function* () {
      // A statement of its own, so that other queries may be asked while it is read.
      const rows = reading(() => prepare(selectAll).iterate())
      const next = () => reading(() => rows.next())
      try {
        for (let row = next(); row.done !== true; row = next()) {
          const columns = row.value as unknown as StoredRow
          const no = Number(columns.at(-1))
          const { record, place } = toRecord(columns)
          if (columns[4] !== entryCrc(record.entry))
            throw new AppError('archive_invalid', { details: { reason: `row ${no} is not found by its entry` } })
          yield { no, record, place }
        }
      } finally {
        rows.return?.()
      }
    },
    page: (filter, { limit, after = 0 }) =>
      reading(() => {
        const span = spanOf(filter)
        if (span === null) return []
        const kind = filter.kind ?? null
        const where = [after, span.first, span.last, kind, kind, limit]
        // Words without a letter or digit in them are no condition.
        const query = filter.words === undefined ? null : words.query(filter.words)
        const rows = query === null ? selectPage.all(...where) : selectFound.all(query, ...where)
        return (rows as unknown as StoredRow[]).map((row) => ({ ...toIndexRow(row), no: Number(row.at(-1)) }))
      }),
    find: (entry) =>
      reading(() => {
        const row = selectEntry.get(entryCrc(entry), entry) as unknown as StoredRow | undefined
        return row === undefined ? null : toIndexRow(row)
      }),
    close,
  }
}
