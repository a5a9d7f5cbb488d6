import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { useEffect, useRef } from 'react'
import { announce } from '../../ui/toast.tsx'

/** Says aloud when a snapshot on the page changes its state; not every tick of its progress. */
export const useAnnouncedStates = (snapshots: readonly Snapshot[] | undefined): void => {
  const before = useRef(new Map<string, string>())
  useEffect(() => {
    if (!snapshots) return
    const changed = snapshots.filter(({ snapshotId, state }) => {
      const known = before.current.get(snapshotId)
      return known !== undefined && known !== state
    })
    if (changed.length > 0)
      announce(changed.map(({ userName, state }) => `Snapshot of ${userName}: ${state}.`).join(' '))
    before.current = new Map(snapshots.map(({ snapshotId, state }) => [snapshotId, state]))
  }, [snapshots])
}
