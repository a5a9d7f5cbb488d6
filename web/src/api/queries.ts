import type { GetSnapshotsParams, Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { isBusy } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'
import { readSession } from './session.ts'
import { isVerifying } from './verifications.ts'

const whileBusyMs = 2_000
const whileLostMs = 4_000

const isMoving = (snapshot: Snapshot): boolean => isBusy(snapshot) || isVerifying(snapshot)

export const session = () =>
  queryOptions({
    queryKey: ['session'],
    queryFn: ({ signal }) => readSession(signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const organizations = () =>
  queryOptions({
    queryKey: ['GetOrganizations'],
    queryFn: async ({ signal }) => (await api.GetOrganizations({}, { signal })).organizations,
    staleTime: 5 * 60_000,
  })

export const serverInfo = () =>
  queryOptions({
    queryKey: ['GetServerInfo'],
    queryFn: ({ signal }) => api.GetServerInfo({}, { signal }),
    staleTime: 60_000,
  })

export const snapshotList = (filter: GetSnapshotsParams) =>
  queryOptions({
    queryKey: ['GetSnapshots', filter],
    queryFn: ({ signal }) => api.GetSnapshots(filter, { signal }),
    placeholderData: keepPreviousData,
    // Quiet while nothing moves; after a lost connection it asks on until the service is back.
    refetchInterval: ({ state }) =>
      state.status === 'error' && state.data ? whileLostMs : state.data?.snapshots.some(isMoving) ? whileBusyMs : false,
  })

export const snapshotInfo = (snapshotId: SnapshotId) =>
  queryOptions({
    queryKey: ['GetSnapshotInfo', snapshotId],
    queryFn: ({ signal }) => api.GetSnapshotInfo({ snapshotId }, { signal }),
    refetchInterval: ({ state }) => {
      if (!state.data) return false
      if (state.status === 'error') return whileLostMs
      return isMoving(state.data) || state.data.fullTextState === 'building' ? whileBusyMs : false
    },
  })
