import type { FolderAccount } from '@stillbox/shared/contract/snapshot-methods.ts'
import type { ItemIssue } from '../../ports/source.ts'
import { compareRefs } from '../archive/item-line.ts'
import type { SurveyedFolder } from './plan-capture.ts'

/** Keeps the books of one folder: everything the server said it holds ends in exactly one column. */
export type FolderLedger = {
  taken(bytes: number): void
  issue(issue: ItemIssue): void
  arrived(count: number): void
  readonly issues: readonly ItemIssue[]
  /** Once, at the end: may add an issue for what nobody named. */
  account(label: string): FolderAccount
}

const wordOf = (count: number): string => (count === 1 ? 'One item is' : `${count} items are`)

/** What concerns the whole folder stands last. */
const byRefThenCode = (a: ItemIssue, b: ItemIssue): number => {
  if (a.ref === null || b.ref === null) return Number(a.ref === null) - Number(b.ref === null)
  return compareRefs(a.ref, b.ref) || (a.code < b.code ? -1 : Number(a.code > b.code))
}

export const createFolderLedger = (surveyed: SurveyedFolder): FolderLedger => {
  const issues: ItemIssue[] = [...surveyed.issues]
  let taken = 0
  let takenBytes = 0
  let arrivedMeanwhile = 0
  // Counted by the server but never listed: named by number of the folder where it cannot be named one by one.
  const unlisted = surveyed.expectedCount - surveyed.listedRefs.length
  const named = surveyed.issues.filter((issue) => issue.isLost && issue.code === 'not_listed').length
  if (unlisted > named)
    issues.push({
      ref: null,
      code: 'not_listed',
      text: `${wordOf(unlisted - named)} counted by the server, which would not list them.`,
      isLost: true,
    })

  return {
    taken(bytes) {
      taken += 1
      takenBytes += bytes
    },
    issue(issue) {
      issues.push(issue)
    },
    arrived(count) {
      arrivedMeanwhile += count
    },
    issues,
    account(label) {
      const lost = issues.filter((issue) => issue.isLost)
      const vanished = lost.filter((issue) => issue.code === 'vanished').length
      const notTaken = surveyed.expectedCount - taken - surveyed.excludedByRequest - vanished
      const namedAsLost = lost.length - vanished + (unlisted > named ? unlisted - named - 1 : 0)
      // Cannot happen while every reader keeps its promise; were one to break it, the loss must be said and not just subtracted.
      if (notTaken > namedAsLost)
        issues.push({
          ref: null,
          code: 'not_returned',
          text: `${wordOf(notTaken - namedAsLost)} neither taken nor named by the reader.`,
          isLost: true,
        })
      // Several readers may have been at one folder: the order of their remarks is chance until here.
      issues.sort(byRefThenCode)
      return {
        kind: surveyed.folder.kind,
        folder: label,
        onServer: surveyed.expectedCount,
        taken,
        excludedByRequest: surveyed.excludedByRequest,
        notTaken,
        vanished,
        arrivedMeanwhile,
        takenBytes,
      }
    },
  }
}
