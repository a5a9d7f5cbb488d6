import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import { auditHash, noHash } from '../../src/domain/audit/audit-chain.ts'
import type { AuditFilter, AuditLog } from '../../src/ports/audit-log.ts'

const storable = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value), (_, part: unknown) =>
    typeof part === 'string' ? part.toWellFormed().replaceAll('\u0000', '\ufffd') : part,
  ) as T
const storableNames = (details: AuditEntry['details']): AuditEntry['details'] =>
  Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name.toWellFormed().replaceAll('\u0000', '\ufffd'), value]),
  )

const matches = (
  { actor = '', actions = [], outcome, target = '', organization, from, to, seenBy }: AuditFilter,
  entry: AuditEntry,
): boolean =>
  (actor === '' || (entry.actor?.toLowerCase().includes(actor.toLowerCase()) ?? false)) &&
  (actions.length === 0 || actions.includes(entry.action)) &&
  (outcome === undefined || entry.outcome === outcome) &&
  (target === '' || entry.target === target) &&
  (organization === undefined || entry.organization === organization) &&
  (from === undefined || entry.at >= from) &&
  (to === undefined || entry.at < to) &&
  (seenBy === undefined ||
    seenBy.organizations.some((one) => one === entry.organization) ||
    entry.actor?.toLowerCase() === seenBy.actor.toLowerCase())

export const createMemoryAuditLog = (): AuditLog & { readonly entries: readonly AuditEntry[] } => {
  const entries: AuditEntry[] = []
  return {
    entries,
    append: async (drafts) =>
      drafts.map((draft) => {
        const last = entries.at(-1)
        const content = {
          number: entries.length + 1,
          ...storable(draft),
          details: storableNames(storable(draft.details)),
          previousHash: last?.hash ?? noHash,
        }
        const entry = { ...content, hash: auditHash(content) }
        entries.push(entry)
        return entry
      }),
    page: async (filter, { limit, before = Number.POSITIVE_INFINITY }) => {
      const found = entries.filter((entry) => entry.number < before && matches(filter, entry)).toReversed()
      return { entries: found.slice(0, limit), next: found.length > limit ? found[limit - 1]!.number : null }
    },
    pages: async function* (filter, upTo) {
      const found = entries.filter((entry) => entry.number <= upTo && matches(filter, entry))
      for (let start = 0; start < found.length; start += 500) yield found.slice(start, start + 500)
    },
    state: async () => {
      const last = entries.at(-1)
      return { head: last ? { number: last.number, hash: last.hash } : null, highestNumber: entries.length }
    },
  }
}
