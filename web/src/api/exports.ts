import type { SnapshotExport } from '@stillbox/shared/contract/export-methods.ts'
import type { ParamsInput } from '@stillbox/shared/contract/registry.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from './client.ts'

const whileBusyMs = 2_000
const whileLostMs = 4_000

const isUnderWay = ({ state }: SnapshotExport): boolean => state === 'waiting' || state === 'running'

export const snapshotExports = (snapshotId: SnapshotId) =>
  queryOptions({
    queryKey: ['GetExports', snapshotId],
    queryFn: async ({ signal }) => (await api.GetExports({ snapshotId }, { signal })).exports,
    refetchInterval: ({ state }) =>
      state.status === 'error' && state.data ? whileLostMs : state.data?.some(isUnderWay) ? whileBusyMs : false,
  })

const useExportMutation = <Params, Answer>(mutationFn: (params: Params) => Promise<Answer>) => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn,
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['GetExports'] })
    },
  })
}

type OneExport = Pick<SnapshotExport, 'snapshotId' | 'exportId'>

export const useExportSnapshot = () =>
  useExportMutation((params: ParamsInput<'ExportSnapshot'>) => api.ExportSnapshot(params))
export const useCancelExport = () =>
  useExportMutation(({ snapshotId, exportId }: OneExport) => api.CancelExport({ snapshotId, exportId }))
export const useDeleteExport = () =>
  useExportMutation(({ snapshotId, exportId }: OneExport) => api.DeleteExport({ snapshotId, exportId }))
