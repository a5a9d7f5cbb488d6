import { DatabaseSync } from 'node:sqlite'

/** How words are told apart and folded, the same wherever they are indexed: case and diacritics do not matter. */
const tokenizer = `tokenize = 'unicode61 remove_diacritics 2'`

/** The table of words, as `create virtual table` takes it: without content and positions. */
export const wordTable = `words using fts5(text, content = '', columnsize = 0, detail = none, ${tokenizer})`

/** More words than this narrow nothing down. */
const maxWords = 32
const maxQueryLength = 1_000

export type WordReader = {
  /** An FTS5 query for rows in which every word occurs, at least as the beginning of one; null when there is no word in it. */
  query(words: string): string | null
  close(): void
}

/**
 * Turns what a person typed into a query. The words are cut by the very tokenizer that made the index, in a database in
 * memory, so that no typed character can act as FTS5 syntax and none is taken for a phrase, which these indexes cannot answer.
 */
export const createWordReader = (): WordReader => {
  const database = new DatabaseSync(':memory:')
  database.exec(`create virtual table typed using fts5(words, content = '', contentless_delete = 1, ${tokenizer});
    create virtual table typed_words using fts5vocab('typed', 'row');`)
  const put = database.prepare('insert into typed(rowid, words) values (1, ?)')
  const read = database.prepare(`select term from typed_words limit ${maxWords}`)
  const clear = database.prepare('delete from typed where rowid = 1')
  return {
    query: (words) => {
      put.run(words.slice(0, maxQueryLength))
      const terms = read.all().map((row) => `"${String(row.term).replaceAll('"', '""')}"*`)
      clear.run()
      return terms.length === 0 ? null : terms.join(' AND ')
    },
    close: () => {
      if (database.isOpen) database.close()
    },
  }
}
