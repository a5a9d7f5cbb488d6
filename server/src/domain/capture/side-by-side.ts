/**
 * Carries out `work` for every item, `width` at a time, in order of start. After the first failure no further one is started;
 * rejects with it once those under way have settled, so that nothing goes on behind the caller's back.
 */
export const sideBySide = async <T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = []
  let next = 0
  let failure: { readonly cause: unknown } | null = null
  const goOn = async () => {
    while (next < items.length && !failure) {
      const index = next++
      try {
        results[index] = await work(items[index]!, index)
      } catch (cause) {
        // The first to fail, in time and not in order.
        failure ??= { cause }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, goOn))
  if (failure) throw (failure as { readonly cause: unknown }).cause
  return results
}
