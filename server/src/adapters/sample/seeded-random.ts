/** A small generator (mulberry32) whose sequence depends on the seed alone. Good for samples, useless for secrets. */
export type SeededRandom = {
  /** 0 <= x < 1. */
  fraction(): number
  /** From `min` to `max`, both included. */
  int(min: number, max: number): number
  pick<T>(choices: readonly T[]): T
  chance(probability: number): boolean
  bytes(length: number): Buffer
}

export const seededRandom = (seed: number): SeededRandom => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const fraction = () => next() / 0x1_0000_0000
  const int = (min: number, max: number) => min + Math.floor(fraction() * (max - min + 1))
  return {
    fraction,
    int,
    pick: (choices) => choices[int(0, choices.length - 1)]!,
    chance: (probability) => fraction() < probability,
    bytes: (length) => {
      const words = new Uint32Array(Math.ceil(length / 4))
      for (let i = 0; i < words.length; i++) words[i] = next()
      return Buffer.from(words.buffer, 0, length)
    },
  }
}
