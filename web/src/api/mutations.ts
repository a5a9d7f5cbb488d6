import type { ParamsInput } from '@stillbox/shared/contract/registry.ts'
import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from './client.ts'
import { session } from './queries.ts'
import { signIn, signOut } from './session.ts'
import { noteSessionStart } from './session-end.ts'
import { noteVerification } from './verifications.ts'

export const useSignIn = () => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: signIn,
    onSuccess: async () => {
      await queries.fetchQuery({ ...session(), staleTime: 0 })
      noteSessionStart()
      void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
    },
  })
}

export const useSignOut = () => useMutation({ mutationFn: signOut })

const useSnapshotMutation = <Params, Answer>(mutationFn: (params: Params) => Promise<Answer>) => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn,
    // Not awaited: the row that asked may be gone after the refetch, and its own callbacks with it.
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['GetSnapshots'] })
      void queries.invalidateQueries({ queryKey: ['GetSnapshotInfo'] })
    },
  })
}

export const useCreateSnapshot = () =>
  useSnapshotMutation((params: ParamsInput<'CreateSnapshot'>) => api.CreateSnapshot(params))

export const useCancelSnapshot = () =>
  useSnapshotMutation(({ snapshotId }: Snapshot) => api.CancelSnapshot({ snapshotId }))

export const useRetrySnapshot = () =>
  useSnapshotMutation(({ snapshotId, password }: { snapshotId: Snapshot['snapshotId']; password?: string }) =>
    api.RetrySnapshot({ snapshotId, ...(password ? { password } : {}) }),
  )

export const useDeleteSnapshot = () =>
  useSnapshotMutation(({ snapshotId }: Snapshot) => api.DeleteSnapshot({ snapshotId }))

export const useSetSnapshotExpiry = () =>
  useSnapshotMutation((params: ParamsInput<'SetSnapshotExpiry'>) => api.SetSnapshotExpiry(params))

export const useVerifySnapshot = () =>
  useSnapshotMutation(async (snapshot: Snapshot) => {
    const answer = await api.VerifySnapshot({ snapshotId: snapshot.snapshotId })
    noteVerification(snapshot)
    return answer
  })
