import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { useEffect } from 'react'
import { takeVerified } from '../../api/verifications.ts'
import { dismissToast, showToast } from '../../ui/toast.tsx'

/** Tells what a verification asked for on this page came to, in place of the message that it is under way. */
export const useVerificationOutcomes = (snapshots: readonly Snapshot[] | undefined): void => {
  useEffect(() => {
    for (const snapshot of snapshots ?? []) {
      const verified = takeVerified(snapshot)
      if (!verified) continue
      if (verified.toast !== null) dismissToast(verified.toast)
      if (snapshot.lastVerifiedOk) showToast('good', `The archive of ${snapshot.userName} is whole.`)
      else showToast('bad', `The archive of ${snapshot.userName} is damaged.`)
    }
  }, [snapshots])
}
