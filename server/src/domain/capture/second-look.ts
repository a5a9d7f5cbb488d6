import type { ItemIssue, ItemRef } from '../../ports/source.ts'

type Refs = Uint32Array | readonly string[]

/** In `a` and not in `b`. UIDs come ascending, so two million need no set. */
const missingFrom = (a: Refs, b: Refs): ItemRef[] => {
  if (!(a instanceof Uint32Array) || !(b instanceof Uint32Array)) {
    const known = new Set<ItemRef>(b)
    return Array.from<ItemRef>(a).filter((ref) => !known.has(ref))
  }
  const missing: ItemRef[] = []
  let at = 0
  for (const uid of a) {
    while (at < b.length && b[at]! < uid) at++
    if (b[at] !== uid) missing.push(uid)
  }
  return missing
}

/** What changed in a folder while it was captured, item by item. */
export const compareLooks = (
  before: Refs,
  after: Refs,
): { readonly arrived: readonly ItemRef[]; readonly gone: readonly ItemRef[] } => ({
  arrived: missingFrom(after, before),
  gone: missingFrom(before, after),
})

/** Of what went, the items that were taken: each is in the archive and on the server no more. */
export const removedIssues = (
  gone: readonly ItemRef[],
  wanted: Refs,
  issues: readonly ItemIssue[],
): readonly ItemIssue[] => {
  if (gone.length === 0) return []
  const wantedRefs = new Set<ItemRef>(wanted)
  const lost = new Set(issues.filter(({ isLost }) => isLost).map(({ ref }) => ref))
  return gone
    .filter((ref) => wantedRefs.has(ref) && !lost.has(ref))
    .map((ref) => ({
      ref,
      code: 'removed_meanwhile',
      text: 'Was removed from the server after the capture had begun; it is in this snapshot.',
      isLost: false,
    }))
}

export const arrivedIssue = (ref: ItemRef): ItemIssue => ({
  ref,
  code: 'arrived_meanwhile',
  text: 'Arrived after the capture had begun; it is not part of this snapshot.',
  isLost: false,
})
