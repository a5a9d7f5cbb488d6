import { type DateRange, isWithin } from '@stillbox/shared/vocabulary/date-range.ts'
import type { CompactListing, ReadTask } from '../../ports/readers.ts'
import type { ItemIssue, SourceFolder } from '../../ports/source.ts'

/** A folder as it was found, and what of it is to be taken. */
export type SurveyedFolder = {
  readonly sourceIndex: number
  readonly folder: SourceFolder
  readonly expectedCount: number
  /** Everything the server listed, ascending: the second look compares against it. */
  readonly listedRefs: Uint32Array | readonly string[]
  readonly wantedRefs: Uint32Array | readonly string[]
  readonly wantedBytes: number
  /** Aligned with `wantedRefs`; 0 where the server does not say. */
  readonly wantedSizes: Float64Array
  readonly excludedByRequest: number
  readonly issues: readonly ItemIssue[]
}

/** At most this much in one task, so that a cut connection repeats little and no thread is left with a long end. */
export const taskLimits = { refs: 1000, bytes: 32 * 1024 * 1024 } as const

const select = (refs: Uint32Array | readonly string[], chosen: readonly number[]): Uint32Array | readonly string[] =>
  refs instanceof Uint32Array ? Uint32Array.from(chosen, (index) => refs[index]!) : chosen.map((index) => refs[index]!)

/** Applies the date range exactly: SEARCH SINCE knows days of the server's zone only (RFC 9051 §6.4.4). */
export const applyRange = (
  sourceIndex: number,
  folder: SourceFolder,
  listing: CompactListing,
  range: DateRange | null,
): SurveyedFolder => {
  const chosen: number[] = []
  for (let index = 0; index < listing.refs.length; index++) {
    const at = listing.receivedAtMs[index]!
    // Without a date the range cannot speak about it: better one message too many than one lost.
    if (folder.kind !== 'mail' || range === null || Number.isNaN(at) || isWithin(range, at)) chosen.push(index)
  }
  const wantedSizes = Float64Array.from(chosen, (index) => listing.sizes[index]!)
  return {
    sourceIndex,
    folder,
    // More listed than counted: something arrived between the two; it is listed, so it counts.
    expectedCount: Math.max(listing.expectedCount, listing.refs.length),
    listedRefs: listing.refs,
    wantedRefs: chosen.length === listing.refs.length ? listing.refs : select(listing.refs, chosen),
    wantedBytes: wantedSizes.reduce((sum, size) => sum + size, 0),
    wantedSizes,
    excludedByRequest: listing.refs.length - chosen.length,
    issues: listing.issues,
  }
}

/** Cuts what is wanted into tasks, most bytes first, so that the last task running is a small one. */
export const planTasks = (folders: readonly SurveyedFolder[]): readonly ReadTask[] => {
  const tasks: (ReadTask & { readonly weight: number })[] = []
  folders.forEach(({ sourceIndex, wantedRefs, wantedSizes }, folderIndex) => {
    let from = 0
    let bytes = 0
    for (let at = 0; at < wantedRefs.length; at++) {
      bytes += wantedSizes[at]!
      const isLast = at === wantedRefs.length - 1
      if (!isLast && at - from + 1 < taskLimits.refs && bytes < taskLimits.bytes) continue
      tasks.push({ sourceIndex, folderIndex, refs: wantedRefs.slice(from, at + 1), weight: bytes || at + 1 - from })
      from = at + 1
      bytes = 0
    }
  })
  return tasks.sort((a, b) => b.weight - a.weight)
}
