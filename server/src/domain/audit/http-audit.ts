import type { Clock } from '../../ports/clock.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import { createCallAudit } from './audit-calls.ts'
import { createDownloadAudit } from './audit-downloads.ts'
import { createSignInAudit } from './audit-sign-ins.ts'
import type { NoteAudit } from './audit-trail.ts'
import { createNoteRepeated } from './note-repeated.ts'

export type HttpAuditNeeds = {
  readonly note: NoteAudit
  readonly snapshots: Pick<SnapshotStore, 'get'>
  readonly clock: Clock
  /** Hears what went wrong where nobody waits for it. */
  readonly onError: (error: unknown) => void
}

const minuteMs = 60_000

/** What is noted of the calls, sign-ins and downloads of people and programs. */
export const createHttpAudit = ({ note, snapshots, clock, onError }: HttpAuditNeeds) => {
  const needs = { note, clock, onError }
  const reads = createNoteRepeated(needs, { everyMs: minuteMs, keysAtMost: 1_000 })
  const refusedSignIns = createNoteRepeated(needs, { everyMs: minuteMs, keysAtMost: 60 })
  const parts = createNoteRepeated(needs, { everyMs: 60 * minuteMs, keysAtMost: 10_000 })
  return {
    calls: createCallAudit({ note, repeated: reads, snapshots }),
    signIns: createSignInAudit({ note, repeated: refusedSignIns, clock }),
    downloads: createDownloadAudit({ note, repeated: parts, snapshots }),
    flush: async (): Promise<void> => {
      await Promise.all([reads.flush(), refusedSignIns.flush(), parts.flush()])
    },
  }
}
export type HttpAudit = ReturnType<typeof createHttpAudit>
