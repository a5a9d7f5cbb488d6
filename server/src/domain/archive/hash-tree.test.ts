import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createHashTree, inclusionProof, isIncluded } from './hash-tree.ts'

/** Leaves, roots and a proof published with the reference implementation of RFC 6962, whose tree RFC 9162 keeps. */
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => Buffer.from(hex, 'hex'),
)
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

const rootOf = (lines: readonly (Uint8Array | string)[]): string => {
  const tree = createHashTree()
  for (const line of lines) tree.add(line)
  return tree.root()
}

describe('the published vectors', () => {
  test.each(roots.map((root, count) => [count, root] as const))('of %d leaves', (count, root) => {
    expect(rootOf(leaves.slice(0, count))).toBe(root)
  })

  test('of a proof', () => {
    expect(inclusionProof(leaves, 0)).toEqual([
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ])
  })
})

test('the root may be asked for at any time, and lines go on being added', () => {
  const tree = createHashTree()
  leaves.forEach((leaf, index) => {
    expect(tree.root()).toBe(roots[index])
    tree.add(leaf)
  })
  expect(tree.root()).toBe(roots[8])
})

test('a line is in the tree at its place and nowhere else, and no other line is', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 70 }), fc.nat(), (lines, seed) => {
      const index = seed % lines.length
      const proof = inclusionProof(lines, index)
      const claim = { line: lines[index]!, index, count: lines.length, proof, root: rootOf(lines) }
      expect(isIncluded(claim)).toBe(true)
      expect(isIncluded({ ...claim, line: `${claim.line}x` })).toBe(false)
      expect(isIncluded({ ...claim, index: (index + 1) % (lines.length + 1) })).toBe(false)
      expect(isIncluded({ ...claim, proof: [...proof, roots[0]!] })).toBe(false)
      if (proof.length > 0) expect(isIncluded({ ...claim, proof: proof.slice(1) })).toBe(false)
    }),
  )
})

test('there is no proof for a line that is not there', () => {
  expect(() => inclusionProof(leaves, 8)).toThrow(RangeError)
  expect(() => inclusionProof([], 0)).toThrow(RangeError)
})
