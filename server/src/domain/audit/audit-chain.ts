import { hash } from 'node:crypto'
import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import type { AuditContent, AuditHead } from '../../ports/audit-log.ts'
import { canonicalJson } from '../archive/canonical-json.ts'

/** What the first entry has in place of the hash of the one before. */
export const noHash = '0'.repeat(64)

/** Nothing more than this is needed to check an export: SHA-256 of the hash before, a line feed and the rest as RFC 8785 has it. */
export const auditHash = (content: AuditContent): string =>
  hash('sha256', `${content.previousHash}\n${canonicalJson(content)}`, 'hex')

/** The first entry that does not fit, and why. */
export type AuditFault = { readonly number: number; readonly text: string }

export type ChainCheck = {
  /** Takes the entries one after the other; answers the fault of this one, after which the rest says nothing. */
  take(entry: AuditEntry): AuditFault | null
  /** The last entry that fitted; null before the first. */
  last(): AuditHead | null
}

/** Whether entries, from the first one on, are as they were written, all there and in order. */
export const createChainCheck = (): ChainCheck => {
  let last: AuditHead | null = null
  const faultOf = ({ hash: own, ...content }: AuditEntry): AuditFault | null => {
    const expected = (last?.number ?? 0) + 1
    const at = (number: number, text: string): AuditFault => ({ number, text })
    if (content.number > expected)
      return at(expected, `entry ${expected} is missing: entry ${content.number} comes next`)
    if (content.number < expected) return at(content.number, `entry ${content.number} comes once more, or too late`)
    if (content.previousHash !== (last?.hash ?? noHash))
      return at(
        expected,
        `entry ${expected} does not follow the entry before it: one of the two was changed or put in later`,
      )
    return isOwnHash(content, own) ? null : at(expected, `entry ${expected} was changed: its hash is another`)
  }
  return {
    take: (entry) => {
      const fault = faultOf(entry)
      if (fault === null) last = { number: entry.number, hash: entry.hash }
      return fault
    },
    last: () => last,
  }
}

/** What canonical JSON cannot carry was never written by this service. */
const isOwnHash = (content: AuditContent, own: string): boolean => {
  try {
    return auditHash(content) === own
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}
