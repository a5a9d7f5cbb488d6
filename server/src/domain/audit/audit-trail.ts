import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { AuditDraft, AuditLog } from '../../ports/audit-log.ts'
import type { Clock } from '../../ports/clock.ts'

/** What is to be noted; what is left out is null, so that without `actor` the service itself did it. `outcome` is `done` if left out. */
export type AuditNote = Pick<AuditDraft, 'action'> & Partial<Omit<AuditDraft, 'action' | 'at'>>

/**
 * Notes something in the audit log; once it has answered, it is in it.
 * @throws whatever the database throws: then what was done must not look as if it had succeeded
 */
export type NoteAudit = (note: AuditNote) => Promise<unknown>

/** Where a call came from. */
export type CallOrigin = { readonly address: string; readonly requestId: string }

export type AuditTrail = {
  note(note: AuditNote): Promise<AuditEntry>
  /** Resolved once everything that was noted is written or has failed. */
  settled(): Promise<void>
}

type Waiting = {
  readonly draft: AuditDraft
  readonly resolve: (entry: AuditEntry) => void
  readonly reject: (error: unknown) => void
}

const togetherAtMost = 100
const waitingAtMost = 10_000
const longestText = 500

/** What breaks a line or turns its direction round. */
const misleading = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu

/** One line of bounded length: a name somebody made up must not look like two entries, nor fill the log. */
const plain = (text: string): string => {
  const line = text.toWellFormed().replace(misleading, '\ufffd')
  return line.length > longestText ? `${line.slice(0, longestText - 1).toWellFormed()}…` : line
}
const plainOrNull = (text: string | null | undefined): string | null => (text == null ? null : plain(text))

const toDraft = (note: AuditNote, at: string): AuditDraft => ({
  at,
  action: note.action,
  outcome: note.outcome ?? 'done',
  code: note.code ?? null,
  actor: plainOrNull(note.actor),
  client: note.client ?? null,
  address: plainOrNull(note.address),
  requestId: note.requestId ?? null,
  target: plainOrNull(note.target),
  organization: note.organization ?? null,
  details: Object.fromEntries(
    Object.entries(note.details ?? {}).map(([name, value]) => [name, typeof value === 'string' ? plain(value) : value]),
  ),
})

/** Everybody who notes something waits for it to be written; what comes meanwhile is written together next. */
export const createAuditTrail = ({
  log,
  clock,
}: {
  readonly log: Pick<AuditLog, 'append'>
  readonly clock: Clock
}): AuditTrail => {
  const waiting: Waiting[] = []
  let writing: Promise<void> | null = null

  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, togetherAtMost)
      try {
        const entries = await log.append(batch.map(({ draft }) => draft))
        for (const [index, { resolve }] of batch.entries()) resolve(entries[index]!)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    writing = null
  }

  return {
    note: (note) =>
      new Promise((resolve, reject) => {
        if (waiting.length >= waitingAtMost) return reject(new AppError('too_busy'))
        waiting.push({ draft: toDraft(note, clock.now().toISOString()), resolve, reject })
        writing ??= write()
      }),
    settled: async () => {
      await writing
    },
  }
}
