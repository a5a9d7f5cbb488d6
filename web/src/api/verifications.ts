type Verification = { readonly lastVerifiedAt: string | null; readonly askedAtMs: number }

// The web spends no status token; a verification is over when the snapshot's `lastVerifiedAt` has changed.
const asked = new Map<string, Verification>()
const giveUpAfterMs = 15 * 60_000

type Verifiable = { readonly snapshotId: string; readonly lastVerifiedAt: string | null }

export const noteVerification = (snapshot: Verifiable): void => {
  asked.set(snapshot.snapshotId, { lastVerifiedAt: snapshot.lastVerifiedAt, askedAtMs: Date.now() })
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
