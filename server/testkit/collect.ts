/** All that comes, in its order. */
export const collect = async <T>(all: AsyncIterable<T>): Promise<readonly T[]> => {
  const found: T[] = []
  for await (const one of all) found.push(one)
  return found
}
