/** One holder at a time, in the order they came. The promise gives what lets go of it. */
export const createLock = (): (() => Promise<() => void>) => {
  let last: Promise<void> = Promise.resolve()
  return async () => {
    const before = last
    const { promise, resolve } = Promise.withResolvers<void>()
    last = promise
    await before
    return resolve
  }
}
