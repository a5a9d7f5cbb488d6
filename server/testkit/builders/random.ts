/** A generator (mulberry32) whose sequence depends on the seed alone: same seed, same test data on every machine. */
export type Random = {
  /** 0 <= x < 1. */
  fraction(): number
  /** From `min` to `max`, both included. */
  int(min: number, max: number): number
  pick<T>(choices: readonly T[]): T
  chance(probability: number): boolean
  /** Bytes that do not compress. */
  bytes(length: number): Buffer
  /** Lower-case letters and digits. */
  word(length: number): string
  shuffle<T>(items: readonly T[]): T[]
}

export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const fraction = () => next() / 0x1_0000_0000
  const int = (min: number, max: number) => min + Math.floor(fraction() * (max - min + 1))
  const pick = <T>(choices: readonly T[]): T => {
    if (choices.length === 0) throw new Error('nothing to pick from')
    return choices[int(0, choices.length - 1)]!
  }
  return {
    fraction,
    int,
    pick,
    chance: (probability) => fraction() < probability,
    bytes: (length) => {
      const bytes = Buffer.alloc(length)
      let at = 0
      for (; at + 4 <= length; at += 4) bytes.writeUInt32LE(next(), at)
      for (let rest = next(); at < length; at++, rest >>>= 8) bytes[at] = rest & 0xff
      return bytes
    },
    word: (length) => Array.from({ length }, () => pick([...'abcdefghijklmnopqrstuvwxyz0123456789'])).join(''),
    shuffle: (items) => {
      const shuffled = [...items]
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = int(0, i)
        ;[shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!]
      }
      return shuffled
    },
  }
}
