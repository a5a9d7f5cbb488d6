import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { LoaderCircle, Shield, ShieldAlert, ShieldCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import { isVerifying } from '../../api/verifications.ts'
import { classNames } from '../../ui/class-names.ts'
import { Moment } from '../../ui/figures.tsx'

const looks = {
  verifying: { icon: LoaderCircle, look: 'text-working', iconLook: 'animate-spin' },
  unknown: { icon: Shield, look: 'text-soft', iconLook: '' },
  whole: { icon: ShieldCheck, look: 'font-medium text-available', iconLook: '' },
  damaged: { icon: ShieldAlert, look: 'font-medium text-failed', iconLook: '' },
} as const

const standing = (snapshot: Snapshot): keyof typeof looks =>
  isVerifying(snapshot)
    ? 'verifying'
    : snapshot.lastVerifiedAt === null
      ? 'unknown'
      : snapshot.lastVerifiedOk
        ? 'whole'
        : 'damaged'

const Marked = ({ as, children }: { as: keyof typeof looks; children: ReactNode }) => {
  const { icon: Icon, look, iconLook } = looks[as]
  return (
    <span className={classNames('inline-flex h-6 items-center gap-1.5 whitespace-nowrap', look)}>
      <Icon size={14} className={classNames('shrink-0', iconLook)} aria-hidden="true" />
      {children}
    </span>
  )
}

/** Whether the archive was read back and found whole, and when; two lines for a cell. */
export const Integrity = ({ snapshot }: { snapshot: Snapshot }) => {
  if (!snapshot.isStored && snapshot.lastVerifiedAt === null)
    return (
      <span className="text-soft">
        <span aria-hidden="true">–</span>
        <span className="sr-only">no archive</span>
      </span>
    )
  const now = standing(snapshot)
  if (now === 'verifying') return <Marked as={now}>verifying</Marked>
  if (now === 'unknown') return <Marked as={now}>not verified</Marked>
  return (
    <span className="flex flex-col">
      <Marked as={now}>{now === 'whole' ? 'verified' : 'damaged'}</Marked>
      <span className="text-12 text-soft">{snapshot.lastVerifiedAt && <Moment at={snapshot.lastVerifiedAt} />}</span>
    </span>
  )
}

/** The same in one line, to stand beside the button that verifies: “verified 14:12, whole”. */
export const IntegrityLine = ({ snapshot }: { snapshot: Snapshot }) => {
  const now = standing(snapshot)
  return (
    <span className="text-13">
      <Marked as={now}>
        {now === 'verifying' ? (
          'verifying…'
        ) : snapshot.lastVerifiedAt === null ? (
          'not verified yet'
        ) : (
          <span>
            verified <Moment at={snapshot.lastVerifiedAt} />, {now}
          </span>
        )}
      </Marked>
    </span>
  )
}
