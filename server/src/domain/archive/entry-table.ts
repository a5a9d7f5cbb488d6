import { hash, randomBytes } from 'node:crypto'

/** Numbers the names of an archive from 0, in the order they are added. */
export type EntryTable = {
  /** Answers the number of the new name, or -1 when it is there already. */
  add(name: string): number
  /** Answers -1 when the name is not there. */
  find(name: string): number
}

/**
 * A set of up to `capacity` names in 16 to 24 bytes each, however long they are: of a name only 64 bits of a salted SHA-256 are
 * kept. The salt is new every time, so nobody can prepare two names that are taken for one.
 */
export const createEntryTable = (capacity: number): EntryTable => {
  const salt = randomBytes(16).toString('hex')
  const slotCount = 2 ** Math.ceil(Math.log2(Math.max(2, capacity * 1.5)))
  const slots = new Uint32Array(slotCount) // number + 1; 0 is free
  const keys = new Uint32Array(capacity * 2)
  let count = 0

  const slotOf = (name: string): { slot: number; low: number; high: number } => {
    const digest = hash('sha256', salt + name, 'buffer')
    const low = digest.readUInt32LE(0)
    const high = digest.readUInt32LE(4)
    let slot = low & (slotCount - 1)
    for (let number = slots[slot]!; number !== 0; number = slots[slot]!) {
      if (keys[number * 2 - 2] === low && keys[number * 2 - 1] === high) break
      slot = (slot + 1) & (slotCount - 1)
    }
    return { slot, low, high }
  }

  return {
    add: (name) => {
      const { slot, low, high } = slotOf(name)
      if (slots[slot] !== 0) return -1
      if (count === capacity) throw new RangeError('more names than announced')
      keys[count * 2] = low
      keys[count * 2 + 1] = high
      slots[slot] = ++count
      return count - 1
    },
    find: (name) => slots[slotOf(name).slot]! - 1,
  }
}
