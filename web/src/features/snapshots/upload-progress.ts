import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import type { TimeLeft } from './time-left.ts'

type Delivered = Pick<NonNullable<Snapshot['delivery']>, 'bytesDone' | 'bytesExpected' | 'bytesPerSecond'>

/** Part of the archive that is known to be written at the server, from 0 to 1; null while that is not known. */
export const uploadedShare = ({ bytesDone, bytesExpected }: Delivered): number | null =>
  bytesExpected === null ? null : bytesExpected === 0 ? 1 : Math.min(1, bytesDone / bytesExpected)

/** A line is less even than a disk: what the rate of now says, a third more or less. */
const slack = 0.3

/** How long the rest of an upload will take; null while there is no rate. A resumed one says nothing by its average. */
export const uploadTimeLeft = ({ bytesDone, bytesExpected, bytesPerSecond }: Delivered): TimeLeft | null => {
  if (bytesExpected === null || !bytesPerSecond || bytesDone >= bytesExpected) return null
  const seconds = (bytesExpected - bytesDone) / bytesPerSecond
  return { fromSeconds: seconds * (1 - slack), toSeconds: seconds * (1 + slack) }
}
