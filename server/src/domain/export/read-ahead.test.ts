import { expect, test } from 'vitest'
import type { ItemReader, WantedItem } from '../../ports/item-reader.ts'
import type { PlacedItem } from '../archive/read-archive.ts'
import { bufferBytes, heldBytes } from './fill-items.ts'
import { readAhead } from './read-ahead.ts'

const itemOf = (no: number, sizeBytes: number, isThere = true): PlacedItem => ({
  record: { entry: `mail/${no}.eml`, kind: 'mail', folder: 'INBOX', sizeBytes, sha256: '', uid: no },
  place: isThere ? { headerOffset: no, compressedBytes: sizeBytes, method: 0, crc32: 0 } : null,
})
const listed = async function* (items: readonly PlacedItem[]): AsyncGenerator<PlacedItem> {
  yield* items
}

/** Answers each item with its number, and keeps what was under way and held at a time. */
const createReader = (fails = (_: WantedItem) => false) => {
  let unreleasedBytes = 0
  let unreleasedSpools = 0
  const most = { heldBytes: 0, spools: 0, items: 0 }
  const reader: ItemReader = {
    read: async (wanted) => {
      if (wanted.some(fails)) throw new Error('broken')
      const held = wanted.filter(({ sizeBytes }) => sizeBytes <= heldBytes)
      const bytes = held.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      const spools = wanted.length - held.length
      unreleasedBytes += bytes
      unreleasedSpools += spools
      most.heldBytes = Math.max(most.heldBytes, unreleasedBytes)
      most.spools = Math.max(most.spools, unreleasedSpools)
      most.items = Math.max(most.items, wanted.length)
      return {
        items: wanted.map(({ sizeBytes, place }) =>
          sizeBytes > heldBytes
            ? { form: 'spool', path: String(place.headerOffset) }
            : { form: 'held', bytes: Uint8Array.of(place.headerOffset & 255) },
        ),
        release: () => {
          unreleasedBytes -= bytes
          unreleasedSpools -= spools
        },
      }
    },
    close: async () => {},
  }
  return { reader, most, unreleased: () => unreleasedBytes }
}

const numbersOf = async (items: readonly PlacedItem[], reader: ItemReader) => {
  const found: [number | undefined, string | number | undefined][] = []
  for await (const batch of readAhead(listed(items), reader))
    for (const { item, taken } of batch)
      found.push([
        item.record.uid,
        taken.form === 'held' ? taken.bytes[0] : taken.form === 'spool' ? Number(taken.path) & 255 : taken.code,
      ])
  return found
}

test('items come in their order with what was read of each, missing ones too', async () => {
  const items = Array.from({ length: 1_000 }, (_, no) =>
    itemOf(no, no % 97 === 0 ? heldBytes + 1 : (no * 7919) % 40_000, no % 10 !== 3),
  )
  const { reader, unreleased } = createReader()
  expect(await numbersOf(items, reader)).toEqual(
    items.map(({ place }, no) => [no, place === null ? 'entry_missing' : no & 255]),
  )
  expect(unreleased()).toBe(0)
})

test.each([
  ['small', 3_000, 300],
  ['as large as a buffer', bufferBytes, 40],
  ['as large as is held', heldBytes, 40],
])('of items that are %s little is held at a time', async (_, sizeBytes, count) => {
  const { reader, most } = createReader()
  await numbersOf(
    Array.from({ length: count }, (_, no) => itemOf(no, sizeBytes)),
    reader,
  )
  expect(most.heldBytes).toBeLessThanOrEqual(4 * Math.max(heldBytes, bufferBytes))
  expect(most.items).toBeLessThanOrEqual(200)
})

test('of items too large for memory few lie on the disk at a time', async () => {
  const { reader, most } = createReader()
  await numbersOf(
    Array.from({ length: 20 }, (_, no) => itemOf(no, heldBytes * 3)),
    reader,
  )
  expect(most.spools).toBeGreaterThan(0)
  expect(most.spools).toBeLessThanOrEqual(3)
})

test('what the reader throws comes at the place of the item, after all that was read before', async () => {
  const { reader } = createReader(({ place }) => place.headerOffset === 700)
  const seen: (number | undefined)[] = []
  const items = Array.from({ length: 1_000 }, (_, no) => itemOf(no, 1_000))
  const all = async () => {
    for await (const batch of readAhead(listed(items), reader)) seen.push(...batch.map(({ item }) => item.record.uid))
  }
  await expect(all()).rejects.toThrow('broken')
  expect(seen).toEqual(Array.from({ length: 600 }, (_, no) => no))
})

test('nothing is asked for when there is nothing', async () => {
  const { reader, most } = createReader()
  expect(await numbersOf([], reader)).toEqual([])
  expect(most.items).toBe(0)
})
