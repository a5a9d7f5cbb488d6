type Numbered<Letter extends string, Last extends number> = `${Letter}${Last}`

/** V: pages and blocks, L: heaps, properties and tables, M: store, folders and messages. */
export type PstCheck =
  | Numbered<'V', 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10>
  | Numbered<'L', 1 | 2 | 3 | 4 | 5 | 6>
  | Numbered<'M', 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11>

export type PstFinding = {
  readonly check: PstCheck
  /** Where: an offset, a block (bid), a node (nid), or several of them from the outside in. */
  readonly place: string
  readonly text: string
}

/** So much of a structure is wrong that the rest of it cannot be read. */
export class BrokenStructure extends Error {
  readonly check: PstCheck
  readonly place: string
  constructor(check: PstCheck, place: string, text: string) {
    super(text)
    this.name = 'BrokenStructure'
    this.check = check
    this.place = place
  }
}

export type Findings = {
  readonly faults: readonly PstFinding[]
  readonly warnings: readonly PstFinding[]
  /** Those beyond the limit too. */
  readonly faultCount: number
  readonly warningCount: number
  fault(check: PstCheck, place: string, text: string): void
  warn(check: PstCheck, place: string, text: string): void
  /** Runs `work`; a structure that turns out broken becomes a fault, and the answer null. Other errors pass. */
  during<T>(work: () => Promise<T>): Promise<T | null>
}

/** Keeps `most` faults and as many warnings, and counts the rest: one cut can make every block wrong. */
export const createFindings = (most: number): Findings => {
  const faults: PstFinding[] = []
  const warnings: PstFinding[] = []
  let faultCount = 0
  let warningCount = 0
  const fault = (check: PstCheck, place: string, text: string): void => {
    faultCount++
    if (faults.length < most) faults.push({ check, place, text })
  }
  return {
    faults,
    warnings,
    get faultCount() {
      return faultCount
    },
    get warningCount() {
      return warningCount
    },
    fault,
    warn: (check, place, text) => {
      warningCount++
      if (warnings.length < most) warnings.push({ check, place, text })
    },
    during: async (work) => {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof BrokenStructure)) throw error
        fault(error.check, error.place, error.message)
        return null
      }
    },
  }
}
