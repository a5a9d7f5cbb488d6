import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { LoaderCircle, Shield, ShieldAlert, ShieldCheck } from 'lucide-react'
import { isVerifying } from '../../api/verifications.ts'
import { Moment } from '../../ui/figures.tsx'

/** Whether the archive was read back and found whole, and when. */
export const Integrity = ({ snapshot }: { snapshot: Snapshot }) => {
  if (snapshot.state !== 'available')
    return (
      <span className="text-soft">
        <span aria-hidden="true">–</span>
        <span className="sr-only">no archive</span>
      </span>
    )
  if (isVerifying(snapshot))
    return (
      <span className="inline-flex h-6 items-center gap-1.5 text-working">
        <LoaderCircle size={14} className="animate-spin" aria-hidden="true" />
        verifying
      </span>
    )
  if (snapshot.lastVerifiedAt === null)
    return (
      <span className="inline-flex h-6 items-center gap-1.5 text-soft">
        <Shield size={14} aria-hidden="true" />
        not verified
      </span>
    )
  return (
    <span className="flex flex-col">
      {snapshot.lastVerifiedOk ? (
        <span className="inline-flex h-6 items-center gap-1.5 font-medium text-available">
          <ShieldCheck size={14} aria-hidden="true" />
          verified
        </span>
      ) : (
        <span className="inline-flex h-6 items-center gap-1.5 font-medium text-failed">
          <ShieldAlert size={14} aria-hidden="true" />
          damaged
        </span>
      )}
      <span className="text-12 text-soft">
        <Moment at={snapshot.lastVerifiedAt} />
      </span>
    </span>
  )
}
