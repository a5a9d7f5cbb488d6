import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import { sql, type Transaction } from 'kysely'
import type { AuditContent, AuditDraft, AuditFilter, AuditHead, AuditLog } from '../../ports/audit-log.ts'
import type { Secrets } from '../../ports/secrets.ts'
import { matches, storableDraft, toEntry, toRow } from './audit-rows.ts'
import type { Database } from './open-database.ts'
import type { Schema } from './schema.ts'
import { storableText } from './storable.ts'

export type AuditLogNeeds = {
  readonly database: Pick<Database, 'db'>
  readonly secrets: Pick<Secrets, 'seal' | 'open'>
  /** How an entry is hashed, and what the first one has in place of the hash before. */
  readonly chain: { readonly hashOf: (content: AuditContent) => string; readonly noHash: string }
  /** What is noted where the sealed head is gone or was not made with this service's key, so that what was before may have been cut off. */
  readonly onLostHead: (highestNumber: number) => AuditDraft
}

const sealContext = 'head of the audit log'
const pageSize = 500
/** More actors than this are not looked up one by one: so many match that the newest are soon found among all. */
const namesAtMost = 200

/**
 * The audit log as rows of a table that refuses every change. Appends of all processes wait for one another at the row of the head, which
 * is sealed: whoever can write to the database and has no key cannot cut off the end of the log and hide it.
 */
export const createDatabaseAuditLog = ({
  database: { db },
  secrets,
  chain: { hashOf, noHash },
  onLostHead,
}: AuditLogNeeds): AuditLog => {
  const opened = (sealed: string): AuditHead | null => {
    try {
      return JSON.parse(secrets.open(sealed, sealContext)) as AuditHead
    } catch {
      return null
    }
  }

  /** Numbers go on behind whatever lies in the table, so that a row somebody put there cannot stop the log. */
  const highest = sql<number>`(select coalesce(max(number), 0) from audit_log)`

  const lastHash = async (transaction: Transaction<Schema>): Promise<string> => {
    const row = await transaction
      .selectFrom('audit_log')
      .select('hash')
      .orderBy('number', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row?.hash ?? noHash
  }

  const append: AuditLog['append'] = (drafts) =>
    db.transaction().execute(async (transaction) => {
      const row = await transaction
        .selectFrom('audit_head')
        .select('sealed')
        .where('head_id', '=', 1)
        .forUpdate()
        .executeTakeFirst()
      // Asked after the wait for the lock, and not within it: it must see what the others have added meanwhile.
      const { highestNumber } = await transaction.selectNoFrom(highest.as('highestNumber')).executeTakeFirstOrThrow()
      const sealed = row?.sealed ?? ''
      const isNew = sealed === '' && highestNumber === 0
      const head = isNew ? { number: 0, hash: noHash } : opened(sealed)
      const isLost = head === null

      let number = Math.max(head?.number ?? 0, highestNumber)
      let previousHash = head?.hash ?? (await lastHash(transaction))
      const entries = [...(isLost ? [onLostHead(highestNumber)] : []), ...drafts].map((draft): AuditEntry => {
        const content = { number: ++number, ...storableDraft(draft), previousHash }
        const entry = { ...content, hash: hashOf(content) }
        previousHash = entry.hash
        return entry
      })
      if (entries.length === 0) return []
      await transaction.insertInto('audit_log').values(entries.map(toRow)).execute()
      const newHead = secrets.seal(JSON.stringify({ number, hash: previousHash } satisfies AuditHead), sealContext)
      await transaction
        .insertInto('audit_head')
        .values({ head_id: 1, sealed: newHead })
        .onConflict((conflict) => conflict.column('head_id').doUpdateSet({ sealed: newHead }))
        .execute()
      return isLost ? entries.slice(1) : entries
    })

  /** The names that contain the text, by stepping from name to name through the index; null when there are too many. */
  const actorsNamed = async (text: string | undefined): Promise<readonly string[] | null> => {
    if (text === undefined || text === '') return null
    const { rows } = await sql<{ name: string }>`
      with recursive names(name) as (
        select min(lower(actor)) from audit_log where actor is not null
        union all
        select (select min(lower(a.actor)) from audit_log a where a.actor is not null and lower(a.actor) > names.name)
        from names where names.name is not null
      )
      select name from names where strpos(name, lower(${storableText(text)}::text)) > 0 limit ${namesAtMost + 1}
    `.execute(db)
    return rows.length > namesAtMost ? null : rows.map(({ name }) => name)
  }

  const select = async (filter: AuditFilter) => {
    const given = filter.actor === undefined ? filter : { ...filter, actor: storableText(filter.actor) }
    const names = await actorsNamed(given.actor)
    return () =>
      db
        .selectFrom('audit_log')
        .selectAll()
        .where((builder) => matches(builder, given, names))
  }

  async function* pages(filter: AuditFilter, upTo: number): AsyncGenerator<readonly AuditEntry[]> {
    const query = await select(filter)
    let after = 0
    while (true) {
      const rows = await query()
        .where('number', '>', after)
        .where('number', '<=', upTo)
        .orderBy('number')
        .limit(pageSize)
        .execute()
      if (rows.length > 0) yield rows.map(toEntry)
      if (rows.length < pageSize) return
      after = rows.at(-1)!.number
    }
  }

  return {
    append,
    pages,
    page: async (filter, { limit, before }) => {
      const query = await select(filter)
      const rows = await query()
        .$if(before !== undefined, (narrowed) => narrowed.where('number', '<', before!))
        .orderBy('number', 'desc')
        .limit(limit + 1)
        .execute()
      const entries = rows.slice(0, limit).map(toEntry)
      return { entries, next: rows.length > limit ? (entries.at(-1)?.number ?? null) : null }
    },
    state: async () => {
      const { sealed, highestNumber } = await db
        .selectNoFrom([
          sql<string | null>`(select sealed from audit_head where head_id = 1)`.as('sealed'),
          highest.as('highestNumber'),
        ])
        .executeTakeFirstOrThrow()
      return { head: sealed === null || sealed === '' ? null : opened(sealed), highestNumber }
    },
  }
}
