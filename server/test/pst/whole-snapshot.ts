import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { composeExport } from '../../src/compose-export.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { unpack } from '../../testkit/unpack.ts'
import { captureArchive } from '../doubles/scripted-archive.ts'
import { checkFile } from './check-file.ts'
import type { ItemFacts } from './item-facts.ts'
import { hashOf } from './mail-model.ts'
import { archivedFacts } from './read-archive-items.ts'
import { asExtractorTells, asHiraokaTells, type Visit, visitWithExtractor, visitWithHiraoka } from './read-pst-items.ts'
import { sampleSnapshot } from './sample-snapshot.ts'

/** The facts of all items of a folder, as text and so without their order. */
type Folders = Map<string, string[]>

const collect = (folders: Folders, folder: string, facts: ItemFacts): void => {
  const known = folders.get(folder) ?? []
  known.push(JSON.stringify(facts))
  folders.set(folder, known)
}

/** What of one list is not in the other; an item that is there twice is needed twice. */
const without = (all: readonly string[], others: readonly string[]): string[] => {
  const left = new Map<string, number>()
  for (const one of others) left.set(one, (left.get(one) ?? 0) + 1)
  return all.filter((one) => {
    const count = left.get(one) ?? 0
    left.set(one, count - 1)
    return count <= 0
  })
}

/** Where Outlook shows it: calendars and address books lie below folders of their kind. */
const folderOf = (kind: ItemFacts['kind'], folder: string): string =>
  ({ mail: '', event: 'Calendars/', task: 'Tasks/', card: 'Contacts/' })[kind] + folder

/** One PST of a whole snapshot, or of a share of it, is what the archive holds, by the checker and two readers. */
export const wholeSnapshot = (share: number): void => {
  const counts = { mail: 20_000 * share, event: 500 * share, card: 500 * share }
  const folders = sampleSnapshot(share)
  const itemCount = folders.reduce((count, { items }) => count + items.length, 0)

  describe(`a snapshot of ${counts.mail} messages, ${counts.event} events and ${counts.card} contacts`, () => {
    let folder: Awaited<ReturnType<typeof ownFolder>>
    let archivePath: string
    let path: string
    /** By postal-mime and ical.js, of the bytes that `unzip` finds in the archive. */
    const archived: Folders = new Map()
    beforeAll(async () => {
      folder = await ownFolder('whole-pst')
      const captured = await captureArchive(folder.path, 'archive', [...folders])
      archivePath = captured.archivePath
      const workFolder = join(folder.path, 'export')
      await mkdir(workFolder)
      const order = { format: 'pst', folder: null, words: null, maxGb: null } as const
      const report = await composeExport(
        { order, archivePath, fullTextPath: null, workFolder },
        () => {},
        new AbortController().signal,
      )
      expect(report.counts).toMatchObject({ inArchive: itemCount, written: itemCount, skipped: 0 })
      const names = (await readdir(join(workFolder, 'out'))).filter((name) => name.endsWith('.pst'))
      expect(names).toHaveLength(1)
      path = join(workFolder, 'out', names[0]!)
    }, 1_200_000)
    afterAll(() => folder.remove())

    test('is one PST that the checker finds clean', async () => {
      expect(await checkFile(path)).toMatchObject({ faults: [], warnings: [] })
    })

    test('has in its archive what two other libraries read, a third of the events in series', async () => {
      const unpacked = await unpack(archivePath, join(folder.path, 'unpacked'))
      expect(unpacked.items).toHaveLength(itemCount)
      const found = { mail: 0, event: 0, task: 0, card: 0 }
      const kinds = { series: 0, exceptions: 0, leftOut: 0, attachments: 0 }
      for (const item of unpacked.items) {
        const bytes = await unpacked.bytesOf(item.entry)
        expect(hashOf(bytes)).toBe(item.sha256)
        const facts = await archivedFacts(bytes, item)
        found[facts.kind]++
        collect(archived, folderOf(facts.kind, item.folder), facts)
        if (facts.kind === 'mail') kinds.attachments += facts.attachments.length
        if (facts.kind !== 'event' || facts.recurrence === null) continue
        kinds.series++
        kinds.exceptions += facts.recurrence.exceptions.length
        if (/^EXDATE/m.test(bytes.toString())) kinds.leftOut++
      }
      expect(found).toMatchObject(counts)
      expect(kinds.series).toBeGreaterThanOrEqual(counts.event / 3)
      expect(kinds.exceptions).toBeGreaterThanOrEqual(counts.event / 4)
      expect(kinds.leftOut).toBeGreaterThanOrEqual(counts.event / 4)
      expect(kinds.attachments).toBeGreaterThan(counts.mail / 5)
    })

    test.each<[string, (path: string, visit: Visit) => void | Promise<void>, typeof asHiraokaTells]>([
      ['@hiraokahypertools/pst-extractor', visitWithHiraoka, asHiraokaTells],
      ['pst-extractor', visitWithExtractor, asExtractorTells],
    ])('is read by %s, field by field and folder by folder, as the archive is', async (_, read, tells) => {
      const found: Folders = new Map()
      await read(path, (where, facts) => collect(found, where, facts))
      expect([...found.keys()].sort()).toEqual([...archived.keys()].sort())
      expect(archived.size).toBeGreaterThanOrEqual(8)
      for (const [where, lines] of archived) {
        const expected = lines.map((line) => JSON.stringify(tells(JSON.parse(line))))
        const read = found.get(where)!
        const few = (some: readonly string[]) => some.slice(0, 3).map((line) => JSON.parse(line))
        // Keys in one order make a line, so that the first that differ are shown as they are.
        expect(few(without(read, expected)), `in ${where}`).toEqual(few(without(expected, read)))
        expect(read, `in ${where}`).toHaveLength(expected.length)
      }
    })
  })
}
