import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'

/** Name of the tree in a manifest. */
export const treeAlgorithm = 'RFC 9162 SHA-256'

export type HashTree = {
  /** Adds the next leaf: a line without its newline, as text or UTF-8. */
  add(line: Uint8Array | string): void
  /** Lower-case hexadecimal; of all lines so far. */
  root(): string
}

const leafPrefix = Buffer.of(0)
const nodePrefix = Buffer.of(1)
// In one call each: a Hash object for every line costs several times what the hashing does.
const leafHash = (line: Uint8Array | string): Buffer =>
  hash('sha256', Buffer.concat([leafPrefix, typeof line === 'string' ? Buffer.from(line) : line]), 'buffer')
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([nodePrefix, left, right]), 'buffer')
const emptyRoot = hash('sha256', '', 'hex')

/**
 * The Merkle tree hash of RFC 9162 §2.1.1 over lines that come one by one. Only the roots of the complete subtrees to the
 * left are kept: one hash for each bit of the number of lines.
 */
export const createHashTree = (): HashTree => {
  const complete: Buffer[] = []
  let count = 0
  return {
    add: (line) => {
      let node = leafHash(line)
      // Each trailing 1 bit of the count is a complete subtree of that size which this leaf makes twice as large.
      for (let rest = count; rest % 2 === 1; rest = (rest - 1) / 2) node = nodeHash(complete.pop()!, node)
      complete.push(node)
      count++
    },
    root: () =>
      complete.length === 0 ? emptyRoot : complete.reduceRight((right, left) => nodeHash(left, right)).toString('hex'),
  }
}

/** The largest power of two smaller than `count` (RFC 9162 §2.1.1). */
const splitOf = (count: number): number => {
  let split = 1
  while (split * 2 < count) split *= 2
  return split
}

const rootOf = (leaves: readonly Buffer[]): Buffer => {
  if (leaves.length === 1) return leaves[0]!
  const split = splitOf(leaves.length)
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)))
}

/**
 * The hashes which, with the line at `index`, give the root (RFC 9162 §2.1.3.1), from the leaf upwards, in hexadecimal.
 * @throws RangeError when there is no such line
 */
export const inclusionProof = (lines: readonly (Uint8Array | string)[], index: number): readonly string[] => {
  if (!Number.isInteger(index) || index < 0 || index >= lines.length) throw new RangeError('there is no such line')
  const path = (leaves: readonly Buffer[], at: number): Buffer[] => {
    if (leaves.length === 1) return []
    const split = splitOf(leaves.length)
    return at < split
      ? [...path(leaves.slice(0, split), at), rootOf(leaves.slice(split))]
      : [...path(leaves.slice(split), at - split), rootOf(leaves.slice(0, split))]
  }
  return path(lines.map(leafHash), index).map((node) => node.toString('hex'))
}

export type InclusionClaim = {
  readonly line: Uint8Array | string
  readonly index: number
  /** How many lines the tree has. */
  readonly count: number
  readonly proof: readonly string[]
  readonly root: string
}

/** Whether a line stands at this index of a tree with this root (RFC 9162 §2.1.3.2). */
export const isIncluded = ({ line, index, count, proof, root }: InclusionClaim): boolean => {
  if (!Number.isInteger(index) || index < 0 || index >= count) return false
  let node = leafHash(line)
  let at = index
  let last = count - 1
  for (const step of proof) {
    if (last === 0) return false
    const sibling = Buffer.from(step, 'hex')
    if (at % 2 === 1 || at === last) {
      node = nodeHash(sibling, node)
      while (at % 2 === 0 && at !== 0) {
        at /= 2
        last = Math.floor(last / 2)
      }
    } else node = nodeHash(node, sibling)
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && node.toString('hex') === root
}
