import { nameKey } from '../archive/safe-name.ts'

/** Gives each name once: a second one that some file system takes for the same gets a number before its extension. */
export const createNames = (): ((name: string) => string) => {
  const taken = new Set<string>()
  return (name) => {
    const dot = name.lastIndexOf('.')
    for (let number = 1; ; number++) {
      const tried = number === 1 ? name : `${name.slice(0, dot)} (${number})${name.slice(dot)}`
      if (taken.has(nameKey(tried))) continue
      taken.add(nameKey(tried))
      return tried
    }
  }
}
