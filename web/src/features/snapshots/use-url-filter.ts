import { useNavigate, useSearch } from '@tanstack/react-router'
import { SnapshotFilter } from './snapshot-filter.ts'

/** The filter as the address bar holds it, and how to change part of it. Another filter starts at its first page. */
export const useUrlFilter = (): readonly [SnapshotFilter, (change: Partial<SnapshotFilter>) => void] => {
  const filter = SnapshotFilter.parse(useSearch({ from: '/signed-in/snapshots' }))
  const navigate = useNavigate({ from: '/snapshots' })
  const change = (part: Partial<SnapshotFilter>): void => {
    void navigate({ search: (current) => ({ ...current, before: undefined, ...part }), replace: true })
  }
  return [filter, change]
}
