import type { ParamsInput } from '@stillbox/shared/contract/registry.ts'
import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { api } from './client.ts'
import { askForPasskey, PasskeyError } from './passkeys.ts'
import { session } from './queries.ts'
import { challengeIn, type SecondFactorChallenge } from './second-factor-challenge.ts'
import { type Credentials, signIn, signOut } from './session.ts'
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

/** Sends the password alone, which the service answers with a new challenge; null when that was enough by now. */
const askAnew = async ({ userName, password }: Credentials): Promise<SecondFactorChallenge['passkeyOptions']> => {
  try {
    await signIn({ userName, password })
  } catch (error) {
    const challenge = challengeIn(error)
    if (!challenge) throw error
    if (!challenge.passkeyOptions) throw new PasskeyError('failed', error)
    return challenge.passkeyOptions
  }
  return null
}

/**
 * The answer of a passkey to the challenge that came with the sign-in, or to a new one once that is used up; null when the account
 * needs none any more.
 */
export const usePasskeyAnswer = ({ passkeyOptions }: SecondFactorChallenge) => {
  const unused = useRef(passkeyOptions)
  return useMutation({
    mutationFn: async (credentials: Credentials) => {
      const options = unused.current ?? (await askAnew(credentials))
      unused.current = null
      return options && askForPasskey(options)
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
