import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareLooks } from './second-look.ts'

test('names what arrived and what went', () => {
  expect(compareLooks(Uint32Array.of(1, 2, 5), Uint32Array.of(2, 5, 9))).toEqual({ arrived: [9], gone: [1] })
  expect(compareLooks(['/a', '/c'], ['/b', '/c', '/d'])).toEqual({ arrived: ['/b', '/d'], gone: ['/a'] })
  expect(compareLooks(Uint32Array.of(), Uint32Array.of())).toEqual({ arrived: [], gone: [] })
})

test('agrees with sets for any two looks', () => {
  const uids = fc.uniqueArray(fc.integer({ min: 1, max: 60 })).map((list) => Uint32Array.from(list).sort())
  fc.assert(
    fc.property(uids, uids, (before, after) => {
      const { arrived, gone } = compareLooks(before, after)
      expect(arrived).toEqual([...after].filter((uid) => !before.includes(uid)))
      expect(gone).toEqual([...before].filter((uid) => !after.includes(uid)))
    }),
  )
})
