import { type DegradationCode, degradationOf } from '../../../formats/mapi/degradations.ts'
import type { Degradation } from '../../../formats/mapi/message.ts'

/** What could not be expressed of one message, the messages within included. */
export type MailReport = {
  note(code: DegradationCode): void
  /** And the original is to be kept, since something is nowhere else. */
  noteLoss(code: DegradationCode): void
  readonly isLossy: boolean
  list(): Degradation[]
}

export const createMailReport = (): MailReport => {
  const codes = new Set<DegradationCode>()
  let isLossy = false
  return {
    note: (code) => void codes.add(code),
    noteLoss: (code) => {
      codes.add(code)
      isLossy = true
    },
    get isLossy() {
      return isLossy
    },
    list: () => [...codes].map(degradationOf),
  }
}
