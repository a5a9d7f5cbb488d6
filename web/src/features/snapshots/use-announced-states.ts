import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { useEffect, useRef } from 'react'
import { announce } from '../../ui/toast.tsx'
import { announcementOf } from './announcements.ts'

/** Says aloud what changed on the page: a state, or a quarter of the way. */
export const useAnnouncedStates = (snapshots: readonly Snapshot[] | undefined): void => {
  const before = useRef(new Map<string, Snapshot>())
  useEffect(() => {
    if (!snapshots) return
    const said = snapshots
      .map((snapshot) => announcementOf(before.current.get(snapshot.snapshotId), snapshot))
      .filter((text) => text !== null)
    if (said.length > 0) announce(said.join(' '))
    before.current = new Map(snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  }, [snapshots])
}
