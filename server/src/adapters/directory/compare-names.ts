export const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

/** Canonical order: segment by segment in UTF-16 code units, a parent before its children. */
export const comparePaths = (a: readonly string[], b: readonly string[]): number => {
  for (const [index, segment] of a.entries()) {
    const order = index < b.length ? compare(segment, b[index]!) : 1
    if (order !== 0) return order
  }
  return a.length - b.length
}
