import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { isBusy, type SnapshotState } from '@stillbox/shared/vocabulary/snapshot-state.ts'

export type Step = {
  readonly state: SnapshotState
  readonly phase: 'done' | 'current' | 'ahead' | 'failed'
  /** When it was reached; null while it lies ahead. */
  readonly at: string | null
  /** How long it lasted, or has lasted; null where that says nothing. */
  readonly ms: number | null
}

const between = (from: string | null, to: string | null, nowMs: number | null): number | null =>
  from === null
    ? null
    : to !== null
      ? Date.parse(to) - Date.parse(from)
      : nowMs === null
        ? null
        : nowMs - Date.parse(from)

/** The life of a snapshot as a line: what it went through, where it stands, what is ahead. */
export const stepsOf = (snapshot: Snapshot, nowMs: number): readonly Step[] => {
  const { state, action, createdAt, startedAt, dumpedAt, finishedAt } = snapshot
  const path: SnapshotState[] = [
    'pending',
    'dumping',
    'dumped',
    ...(action === 'download' ? [] : ['uploading' as const]),
  ]
  const reachedAt: Partial<Record<SnapshotState, string | null>> = {
    pending: createdAt,
    dumping: startedAt,
    dumped: dumpedAt,
    uploading: action === 'download' ? null : dumpedAt,
  }
  // A failed snapshot got as far as its last instant says.
  const lastReached =
    state === 'failed' || state === 'deleted'
      ? Math.max(
          0,
          path.findLastIndex((step) => reachedAt[step]),
        )
      : path.indexOf(state)
  const now = isBusy(snapshot) ? nowMs : null
  const steps = path.map((step, index): Step => {
    const isReached = lastReached === -1 || index <= lastReached
    const next =
      path
        .slice(index + 1, lastReached === -1 ? undefined : lastReached + 1)
        .map((later) => reachedAt[later])
        .find(Boolean) ?? finishedAt
    return {
      state: step,
      phase: state === step ? 'current' : isReached ? 'done' : 'ahead',
      at: isReached ? (reachedAt[step] ?? null) : null,
      ms: isReached ? between(reachedAt[step] ?? null, next, now) : null,
    }
  })
  if (state === 'failed') {
    const passed = steps.filter(({ phase }) => phase === 'done')
    return [...passed, { state: 'failed', phase: 'failed', at: finishedAt, ms: null }]
  }
  const isOver = state === 'available' || state === 'deleted'
  const last: Step = { state: 'available', phase: isOver ? 'done' : 'ahead', at: isOver ? finishedAt : null, ms: null }
  return state === 'deleted'
    ? [...steps, last, { state: 'deleted', phase: 'done', at: snapshot.lastChangedAt, ms: null }]
    : [...steps, last]
}
