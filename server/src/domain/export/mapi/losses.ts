import { type DegradationCode, degradationOf } from '../../../formats/mapi/degradations.ts'
import type { Degradation } from '../../../formats/mapi/message.ts'

/** What could not be expressed of one object. */
export type Losses = {
  /** Once a code and detail; `detail` names properties or counts, never content. */
  add(code: DegradationCode, detail?: string): void
  readonly any: boolean
  list(): readonly Degradation[]
}

export const createLosses = (): Losses => {
  const found = new Map<string, Degradation>()
  return {
    add: (code, detail) => {
      const { text } = degradationOf(code)
      found.set(`${code} ${detail ?? ''}`, { code, text: detail === undefined ? text : `${text} (${detail})` })
    },
    get any() {
      return found.size > 0
    },
    list: () => [...found.values()],
  }
}
