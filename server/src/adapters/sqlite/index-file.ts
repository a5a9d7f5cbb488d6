import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { AppError } from '@stillbox/shared/errors/app-error.ts'

/** What kind of file it is, in the header of the database, where `file` and our reader look for it. */
export type FileMark = { readonly applicationId: number; readonly version: number }

/** Names of what a file of this kind has, and their definitions as SQLite keeps them. */
export type Definitions = Readonly<Record<string, string>>

/** Page cache of each database in KiB. Small: pages are written once and hardly read again. */
const cacheKib = 4_096

/**
 * A new, empty database for writing once. Without journal and sync, because a draft that fails is thrown away as a whole;
 * `fsyncFile` comes at the end.
 */
export const createDraft = (path: string, mark: FileMark): DatabaseSync => {
  rmSync(path, { force: true })
  const database = new DatabaseSync(path, { defensive: false })
  database.exec(`pragma page_size = 4096;
    pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive; pragma cache_size = -${cacheKib};
    pragma application_id = ${mark.applicationId}; pragma user_version = ${mark.version};`)
  return database
}

/** No value of an index is longer: a line of items.jsonl has 4 MiB at most. What a forged file holds is not read into memory. */
const longestValueBytes = 16 << 20

const inOneLine = (sql: string): string => sql.replace(/\s+/g, ' ')

/**
 * A file may come from anywhere. A view or a computed column in place of a table would run what its maker wants, for as long as he wants, each
 * time a row is read; so only the tables of the format are read, and those that FTS5 makes for `words`.
 */
const hasOwnTablesOnly = (database: DatabaseSync, definitions: Definitions): boolean => {
  const objects = database.prepare('select type, name, sql from sqlite_schema').all()
  const isKnown = ({ type, name, sql }: (typeof objects)[number]): boolean => {
    const definition = definitions[String(name)]
    if (definition !== undefined) return inOneLine(String(sql)) === inOneLine(definition)
    return type === 'table' && /^words_\w+$/.test(String(name)) && /^create table /i.test(String(sql))
  }
  const computed = database
    .prepare(
      'select 1 from sqlite_schema as made, pragma_table_xinfo(made.name) as columns where columns.hidden in (2, 3)',
    )
    .get()
  return (
    objects.every(isKnown) &&
    Object.keys(definitions).every((name) => objects.some((object) => object.name === name)) &&
    computed === undefined
  )
}

/** Opens a finished file that nobody changes any more: no locks, no journal, no writes. @throws AppError `archive_invalid` */
export const openFinished = (path: string, mark: FileMark, definitions: Definitions): DatabaseSync => {
  const url = pathToFileURL(path)
  url.searchParams.set('immutable', '1')
  const database = new DatabaseSync(url, { readOnly: true, limits: { length: longestValueBytes } })
  try {
    database.exec(`pragma query_only = on; pragma trusted_schema = off; pragma cache_size = -${cacheKib}`)
    const number = (pragma: string): unknown => database.prepare(`pragma ${pragma}`).get()?.[pragma]
    if (number('application_id') !== mark.applicationId || number('user_version') !== mark.version)
      throw new AppError('archive_invalid', { details: { reason: 'its index is of another kind or version' } })
    if (!hasOwnTablesOnly(database, definitions))
      throw new AppError('archive_invalid', { details: { reason: 'its index has other tables than an index has' } })
  } catch (error) {
    database.close()
    throw error
  }
  return database
}

export const fsyncFile = (path: string): void => {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
