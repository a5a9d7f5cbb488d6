import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleMessage } from '../../src/adapters/sample/sample-message.ts'
import { sampleCalendarObject, sampleCard } from '../../src/adapters/sample/sample-objects.ts'
import { makePeople, sampleUsers } from '../../src/adapters/sample/sample-people.ts'
import { phrases } from '../../src/adapters/sample/sample-text.ts'
import { seededRandom } from '../../src/adapters/sample/seeded-random.ts'
import { composeExport } from '../../src/compose-export.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { captureArchive } from '../doubles/scripted-archive.ts'
import { type ScriptedItem, scriptedFolder } from '../doubles/scripted-readers.ts'
import { checkFile } from './check-file.ts'
import type { FolderFacts, MailFacts } from './mail-model.ts'
import { readWithExtractor, readWithHiraoka } from './read-with-libraries.ts'

const random = seededRandom(20_000)
const [user] = sampleUsers
const people = makePeople(random, 300)
const startsAtMs = Date.UTC(2020, 0, 1)

/** What a message must still say after archive, export and reader. */
type Expected = { readonly messageId: string; readonly sender: string; readonly receivedAtMs: number }

const mails = (count: number): { readonly items: ScriptedItem[]; readonly expected: readonly Expected[] } => {
  const items: ScriptedItem[] = []
  const expected: Expected[] = []
  for (let no = 0; no < count; no++) {
    const at = new Date(startsAtMs + no * 9_000_000)
    const from = random.pick(people)
    const serial = `w${no}`
    const { id, bytes } = sampleMessage(random, { from, to: [user!], at, phrases: phrases.de, serial })
    items.push({ ref: no + 1, text: bytes.toString('latin1'), receivedAtMs: at.getTime() })
    expected.push({ messageId: id.replace(/[<>]/g, ''), sender: from.address, receivedAtMs: at.getTime() })
  }
  return { items, expected }
}

const unfolded = (text: string): string => text.replace(/\r?\n[ \t]/g, '')
/** The value of a property in the source: FN of a card, UID of an event. */
const fieldOf = (text: string, name: string): string =>
  new RegExp(`^${name}[^:\\r\\n]*:(.*)$`, 'm').exec(unfolded(text))?.[1]?.trim() ?? ''

const folderOf = (found: readonly FolderFacts[], name: string): FolderFacts => {
  const one = found.find(({ path }) => path.split('/').at(-1) === name)
  if (!one) throw new Error(`there is no folder ${name} among ${found.map(({ path }) => path).join(', ')}`)
  return one
}
const messageIdOf = ({ headers = '' }: MailFacts): string =>
  /^message-id:\s*<([^>]*)>/im.exec(unfolded(headers))?.[1] ?? ''

/** One PST of a whole snapshot, or of a share of it, is what the archive holds, by the checker and two readers. */
export const wholeSnapshot = (share: number): void => {
  const folders = { inbox: mails(15_000 * share), archive: mails(5_000 * share) }
  const itemCount = 21_000 * share
  const events: ScriptedItem[] = Array.from({ length: 500 * share }, (_, no) => {
    const wish = {
      user: user!,
      people,
      phrases: phrases.de,
      at: new Date(startsAtMs + no * 86_400_000),
      serial: `v${no}`,
    }
    const { bytes } = sampleCalendarObject(random, wish, false)
    return { ref: `/dav/Work/v${no}.ics`, text: bytes.toString('utf8') }
  })
  const cards: ScriptedItem[] = Array.from({ length: 500 * share }, (_, no) => ({
    ref: `/dav/Friends/k${no}.vcf`,
    text: sampleCard(random, people[no % people.length]!, `k${no}`, new Date(startsAtMs)).bytes.toString('utf8'),
  }))

  describe(`a snapshot of ${20_000 * share} messages, ${500 * share} events and ${500 * share} contacts`, () => {
    let folder: Awaited<ReturnType<typeof ownFolder>>
    let path: string
    beforeAll(async () => {
      folder = await ownFolder('whole-pst')
      const { archivePath, fullTextPath } = await captureArchive(folder.path, 'archive', [
        scriptedFolder('mail', ['INBOX'], folders.inbox.items),
        scriptedFolder('mail', ['Archiv'], folders.archive.items),
        scriptedFolder('calendar', ['Work'], events),
        scriptedFolder('contact', ['Friends'], cards),
      ])
      const workFolder = join(folder.path, 'export')
      await mkdir(workFolder)
      const order = { format: 'pst', folder: null, words: null, maxGb: null } as const
      const report = await composeExport(
        { order, archivePath, fullTextPath, workFolder },
        () => {},
        new AbortController().signal,
      )
      expect(report.counts).toMatchObject({ inArchive: itemCount, written: itemCount, skipped: 0 })
      const names = (await readdir(join(workFolder, 'out'))).filter((name) => name.endsWith('.pst'))
      expect(names).toHaveLength(1)
      path = join(workFolder, 'out', names[0]!)
    })
    afterAll(() => folder.remove())

    test('is one PST that the checker finds clean', async () => {
      expect(await checkFile(path)).toMatchObject({ faults: [], warnings: [] })
    })

    test.each([
      ['@hiraokahypertools/pst-extractor', readWithHiraoka],
      ['pst-extractor', async (file: string) => readWithExtractor(file)],
    ])('is read by %s with every item in its place', async (_, read) => {
      const found = await read(path)
      for (const [name, { expected, items }] of [
        ['INBOX', folders.inbox],
        ['Archiv', folders.archive],
      ] as const) {
        const { mails: read, itemCount } = folderOf(found, name)
        expect(itemCount).toBe(items.length)
        const byId = new Map(read.map((mail) => [messageIdOf(mail), mail]))
        expect(byId.size).toBe(expected.length)
        const wrong = expected.filter(({ messageId, sender }) => byId.get(messageId)?.sender.address !== sender)
        expect(wrong).toEqual([])
      }
      const readCards = folderOf(found, 'Friends').mails
      expect(readCards.map(({ subject }) => subject).sort()).toEqual(
        cards.map(({ text }) => fieldOf(text, 'FN')).sort(),
      )
      // Tasks among them lie in a folder of their own.
      const readEvents = found.filter(({ path: one }) => /Work/.test(one)).flatMap(({ mails: read }) => read)
      expect(readEvents.length).toBeGreaterThanOrEqual(events.length)
      const summaries = new Set(readEvents.map(({ subject }) => subject))
      expect(
        events.map(({ text }) => fieldOf(text, 'SUMMARY').replaceAll('\\,', ',')).filter((one) => !summaries.has(one)),
      ).toEqual([])
    })
  })
}
