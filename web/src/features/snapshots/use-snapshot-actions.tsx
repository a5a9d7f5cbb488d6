import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import type { SnapshotAction } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { errorText } from '../../api/error-text.ts'
import { useCancelSnapshot, useRetrySnapshot, useVerifySnapshot } from '../../api/mutations.ts'
import { session } from '../../api/queries.ts'
import { isVerifying, noteVerificationToast } from '../../api/verifications.ts'
import { showToast } from '../../ui/toast.tsx'
import { isOffered, whyNot } from './action-reason.ts'
import { DeleteDialog } from './delete-dialog.tsx'
import { hasFailedDelivery } from './delivery-words.ts'
import { ExpiryDialog } from './expiry-dialog.tsx'
import { RetryDialog } from './retry-dialog.tsx'

export type SnapshotActions = {
  /** Whether the role may ever do it; what it may not is not shown. */
  readonly isOffered: (action: SnapshotAction) => boolean
  /** Why the action cannot be used now; null when it can. */
  readonly reason: (action: SnapshotAction) => string | null
  readonly verify: () => void
  readonly cancel: () => void
  readonly retry: () => void
  readonly askToDelete: () => void
  readonly askForExpiry: () => void
  /** The question that is open, to be rendered beside the buttons. */
  readonly dialog: ReactNode
}

/** What can be done with one snapshot: the same for a row of the list and for its page. */
export const useSnapshotActions = (snapshot: Snapshot): SnapshotActions => {
  const { data: signedIn } = useQuery(session())
  const [question, setQuestion] = useState<'delete' | 'retry' | 'expiry' | null>(null)
  const verify = useVerifySnapshot()
  const cancel = useCancelSnapshot()
  const retry = useRetrySnapshot()
  const onError = (error: unknown) => showToast('bad', errorText(error))
  const tell = (text: string) => ({ onSuccess: () => showToast('good', text), onError })
  const close = (): void => setQuestion(null)
  const role = signedIn?.role ?? 'auditor'
  return {
    isOffered: (action) => isOffered(action, role),
    reason: (action) => {
      if (action === 'verify' && (verify.isPending || isVerifying(snapshot))) return 'It is being verified now.'
      return whyNot(action, snapshot, role)
    },
    verify: () =>
      verify.mutate(snapshot, {
        onError,
        onSuccess: () =>
          noteVerificationToast(
            snapshot.snapshotId,
            showToast('good', `Verifying the archive of ${snapshot.userName}.`),
          ),
      }),
    cancel: () => cancel.mutate(snapshot, tell(`The snapshot of ${snapshot.userName} was cancelled.`)),
    retry: () => {
      // Only a refused sign-in can be helped by a password, so only then is it asked for.
      if (snapshot.error?.code === 'source_sign_in_refused') setQuestion('retry')
      else
        retry.mutate(
          { snapshotId: snapshot.snapshotId },
          tell(
            hasFailedDelivery(snapshot)
              ? `The archive of ${snapshot.userName} is uploaded again.`
              : `The snapshot of ${snapshot.userName} starts again.`,
          ),
        )
    },
    askToDelete: () => setQuestion('delete'),
    askForExpiry: () => setQuestion('expiry'),
    dialog:
      question === 'delete' ? (
        <DeleteDialog snapshot={snapshot} onClose={close} />
      ) : question === 'retry' ? (
        <RetryDialog snapshot={snapshot} onClose={close} />
      ) : question === 'expiry' ? (
        <ExpiryDialog snapshot={snapshot} onClose={close} />
      ) : null,
  }
}
