type Verification = {
  readonly lastVerifiedAt: string | null
  readonly askedAtMs: number
  readonly toast: number | null
}

// The web spends no status token; a verification is over when the snapshot's `lastVerifiedAt` has changed.
const asked = new Map<string, Verification>()
const giveUpAfterMs = 15 * 60_000

type Verifiable = { readonly snapshotId: string; readonly lastVerifiedAt: string | null }

export const noteVerification = (snapshot: Verifiable): void => {
  asked.set(snapshot.snapshotId, { lastVerifiedAt: snapshot.lastVerifiedAt, askedAtMs: Date.now(), toast: null })
}

/** Remembers the message that says a verification is under way, so that it can go when that is no longer so. */
export const noteVerificationToast = (snapshotId: string, toast: number): void => {
  const verification = asked.get(snapshotId)
  if (verification) asked.set(snapshotId, { ...verification, toast })
}

/** Whether a verification asked for on this page has not come back yet. */
export const isVerifying = ({ snapshotId, lastVerifiedAt }: Verifiable): boolean => {
  const verification = asked.get(snapshotId)
  return (
    verification !== undefined &&
    verification.lastVerifiedAt === lastVerifiedAt &&
    Date.now() - verification.askedAtMs < giveUpAfterMs
  )
}

/** Once for each verification asked for here that has come back: the message that announced it, if there was one. */
export const takeVerified = ({ snapshotId, lastVerifiedAt }: Verifiable): Pick<Verification, 'toast'> | null => {
  const verification = asked.get(snapshotId)
  if (!verification || verification.lastVerifiedAt === lastVerifiedAt) return null
  asked.delete(snapshotId)
  return { toast: verification.toast }
}
