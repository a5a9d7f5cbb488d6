import type { ArchiveStore } from '../../ports/archive-store.ts'
import type { ArchiveWork } from '../../ports/capture.ts'
import type { Clock } from '../../ports/clock.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Log } from '../job/log.ts'

/** What an attempt at something with an archive that is there needs: verifying it, or indexing its texts. */
export type ArchiveAttemptNeeds = {
  readonly snapshots: SnapshotStore
  readonly jobs: JobQueue
  readonly archives: ArchiveStore
  readonly work: ArchiveWork
  readonly clock?: Clock
  readonly log?: Log
  /** How long to wait before each further attempt. */
  readonly delaysSeconds?: readonly number[]
}
