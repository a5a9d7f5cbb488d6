/** C1 to C5: the compound file; C6 to C10: the message in it. */
export type MsgCheck = `C${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}`

export type MsgFinding = {
  readonly check: MsgCheck
  /** Where: a place in the container, or storage and stream from the outside in. */
  readonly place: string
  readonly text: string
}

export type Findings = {
  readonly faults: readonly MsgFinding[]
  readonly warnings: readonly MsgFinding[]
  /** Those beyond the limit too. */
  readonly faultCount: number
  readonly warningCount: number
  fault(check: MsgCheck, place: string, text: string): void
  warn(check: MsgCheck, place: string, text: string): void
}

/** Keeps `most` faults and as many warnings, and counts the rest. */
export const createFindings = (most: number): Findings => {
  const faults: MsgFinding[] = []
  const warnings: MsgFinding[] = []
  let faultCount = 0
  let warningCount = 0
  return {
    faults,
    warnings,
    get faultCount() {
      return faultCount
    },
    get warningCount() {
      return warningCount
    },
    fault: (check, place, text) => {
      faultCount++
      if (faults.length < most) faults.push({ check, place, text })
    },
    warn: (check, place, text) => {
      warningCount++
      if (warnings.length < most) warnings.push({ check, place, text })
    },
  }
}
