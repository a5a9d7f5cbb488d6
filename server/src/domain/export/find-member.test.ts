import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { expect, it } from 'vitest'
import { itemLine } from '../archive/item-line.ts'
import type { Manifest } from '../archive/manifest.ts'
import type { Archive, ListedItem } from '../archive/read-archive.ts'
import { createMemberFinder } from './find-member.ts'

const place = { headerOffset: 0, compressedBytes: 1, method: 0, crc32: 0 } as const

/** An archive of these cards, the kind, UID and text of each, that counts what is read of it. */
const archiveOf = (items: readonly (readonly [kind: 'calendar' | 'contact', uid: string, text: string | null])[]) => {
  const reads = { lists: 0, listed: 0, cards: 0 }
  const records = items.map(([kind, objectUid], no): ListedItem => {
    const record = { entry: `${no}`, kind, folder: '', sizeBytes: 1, sha256: '', href: `/${no}`, objectUid }
    return { record, place, line: itemLine(record) }
  })
  const folders = (['calendar', 'contact'] as const).map((kind) => ({
    kind,
    taken: items.filter(([one]) => one === kind).length,
  }))
  const archive: Pick<Archive, 'items' | 'openItem'> = {
    async *items() {
      reads.lists++
      for (const record of records) {
        reads.listed++
        yield record
      }
    },
    async *openItem({ record }) {
      reads.cards++
      const text = items[Number(record.entry)]![2]
      if (text === null) throw new AppError('archive_invalid', { details: { reason: 'damaged' } })
      yield Buffer.from(`BEGIN:VCARD\r\nVERSION:4.0\r\n${text}\r\nEND:VCARD\r\n`)
    },
  }
  return { archive: { ...archive, manifest: { folders } as unknown as Manifest } as unknown as Archive, reads }
}
const { signal } = new AbortController()

it('finds a card by its UID however both write it, and reads each once', async () => {
  const { archive, reads } = archiveOf([
    ['calendar', 'a1', 'FN:No card\r\nEMAIL:no@example.org'],
    ['contact', 'urn:uuid:A1', 'FN:First\r\nEMAIL:mailto:first@example.org'],
    ['contact', 'a1', 'FN:Second\r\nEMAIL:second@example.org'],
    ['contact', 'B2', 'FN:Other\r\nEMAIL:other@example.org'],
    ['calendar', 'c3', ''],
  ])
  const find = createMemberFinder(archive, signal)
  expect(reads.lists).toBe(0)
  const first = { name: 'First', address: 'first@example.org' }
  expect(await find('a1')).toEqual(first)
  expect(await find('A1')).toEqual(first)
  expect(await find('b2')).toEqual({ name: 'Other', address: 'other@example.org' })
  expect(await find('c3')).toBe(null)
  // One that no list has may stand behind the first card of an object.
  expect(reads).toEqual({ lists: 2, listed: 8, cards: 5 })
  expect(await find('d4')).toBe(null)
  expect(reads).toEqual({ lists: 2, listed: 8, cards: 5 })
})

it('finds a card behind the first of its object', async () => {
  const second = 'UID:1\r\nFN:First\r\nEND:VCARD\r\nBEGIN:VCARD\r\nUID:urn:uuid:2\r\nFN:Bo\r\nEMAIL:bo@example.org'
  const { archive, reads } = archiveOf([
    ['contact', '0', 'UID:0\r\nFN:Other\r\nEMAIL:other@example.org'],
    ['contact', '1', second],
  ])
  const find = createMemberFinder(archive, signal)
  expect(await find('2')).toEqual({ name: 'Bo', address: 'bo@example.org' })
  expect(await find('1')).toBe(null)
  expect(await find('urn:uuid:2')).toEqual({ name: 'Bo', address: 'bo@example.org' })
  expect(reads.cards).toBe(3)
})

it('leaves out cards that are damaged or have no address', async () => {
  const { archive, reads } = archiveOf([
    ['contact', '1', null],
    ['contact', '2', 'FN:Nowhere'],
  ])
  const find = createMemberFinder(archive, signal)
  for (const uid of ['1', '2', '1', '2']) expect(await find(uid)).toBe(null)
  expect(reads.cards).toBe(2)
})

it('reads no list where there are no cards, and stops when told', async () => {
  const empty = archiveOf([['calendar', '1', '']])
  expect(await createMemberFinder(empty.archive, signal)('1')).toBe(null)
  expect(empty.reads.lists).toBe(0)
  const reason = new Error('stop')
  const stopped = createMemberFinder(archiveOf([['contact', '1', '']]).archive, AbortSignal.abort(reason))
  await expect(stopped('1')).rejects.toBe(reason)
})
