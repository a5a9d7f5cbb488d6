import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sampleMessage } from '../src/adapters/sample/sample-message.ts'
import { sampleCalendarObject, sampleCard } from '../src/adapters/sample/sample-objects.ts'
import { makePeople, sampleUsers } from '../src/adapters/sample/sample-people.ts'
import { phrases } from '../src/adapters/sample/sample-text.ts'
import { seededRandom } from '../src/adapters/sample/seeded-random.ts'
import { projectCalendar } from '../src/domain/export/mapi/project-calendar.ts'
import { projectContact } from '../src/domain/export/mapi/project-contact.ts'
import { projectMail } from '../src/domain/export/mapi/project-mail.ts'
import { rawItemOf } from '../src/domain/export/raw-item.ts'
import type { MapiMessage, Projected } from '../src/formats/mapi/message.ts'
import { createPst, type PstWriter } from '../src/formats/pst/create-pst.ts'
import { collect } from '../testkit/collect.ts'

const usage = `pnpm pst-samples --out <folder> [--large-gb 3]
  Makes the three files that a person opens in Outlook and checks with SCANPST.EXE (docs/pst.md):
  small.pst, calendar-and-contacts.pst and large.pst (beyond 2 GB, where the format has a page of its own).
`

const { values } = parseArgs({ options: { out: { type: 'string' }, 'large-gb': { type: 'string', default: '3' } } })
const largeBytes = Number(values['large-gb']) * 1e9
if (values.out === undefined || !(largeBytes > 0)) {
  console.error(usage)
  process.exit(2)
}
const folder = values.out
const { signal } = new AbortController()
const random = seededRandom(20_261_122)
const [user] = sampleUsers
const people = makePeople(random, 60)
const startsAtMs = Date.UTC(2026, 0, 5)
const dayMs = 86_400_000
const momentOf = (no: number) => new Date(startsAtMs + no * (dayMs / 3))

const mails = async (count: number): Promise<readonly Projected[]> =>
  Promise.all(
    Array.from({ length: count }, (_, no) => {
      const at = momentOf(no)
      const wish = { from: random.pick(people), to: [user!], at, phrases: phrases.de, serial: `s${no}` }
      const { bytes } = sampleMessage(random, wish)
      const flags = no % 3 === 0 ? [] : ['\\Seen', ...(no % 5 === 0 ? ['\\Flagged', 'Büro'] : [])]
      return projectMail(rawItemOf(bytes), { flags, receivedAtMs: at.getTime() }, signal)
    }),
  )
const events = async (count: number, onlyTasks: boolean): Promise<readonly Projected[]> => {
  const made = Array.from({ length: count }, (_, no) => {
    const wish = { user: user!, people, phrases: phrases.de, at: momentOf(no), serial: `e${no}` }
    return collect(projectCalendar(rawItemOf(sampleCalendarObject(random, wish, onlyTasks).bytes), signal))
  })
  return (await Promise.all(made)).flat()
}
const cards = async (count: number): Promise<readonly Projected[]> => {
  const made = people
    .slice(0, count)
    .map((person, no) => projectContact(rawItemOf(sampleCard(random, person, `c${no}`, momentOf(no)).bytes), signal))
  return (await Promise.all(made)).flat()
}

const make = async (name: string, fill: (pst: PstWriter) => Promise<void>): Promise<void> => {
  const path = join(folder, name)
  const handle = await open(`${path}.part`, 'w')
  const pst = createPst({
    file: {
      write: async (offset, bytes) => {
        for (let done = 0; done < bytes.length; )
          done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
      },
    },
    displayName: name.replace('.pst', ''),
    now: Date.now,
    randomBytes,
  })
  await fill(pst)
  const { sizeBytes, folders, messages } = await pst.finish()
  await handle.sync()
  await handle.close()
  await rename(`${path}.part`, path)
  console.log(`${path}: ${(sizeBytes / 1e6).toFixed(1)} MB, ${folders} folders, ${messages} items`)
}
const addAll = async (pst: PstWriter, path: readonly string[], kind: string, all: readonly Projected[]) => {
  const ref = pst.addFolder(path, kind)
  for (const { message } of all) await pst.add(ref, message, signal)
}

/** A message with one attachment of bytes that do not compress, the same ones each time. */
const withLargeAttachment = ({ message }: Projected, bytes: number): MapiMessage => {
  const block = createHash('shake256', { outputLength: 1 << 20 })
    .update('attachment')
    .digest()
  const [first] = message.attachments
  if (!first) throw new Error('the message has no attachment to be replaced')
  const content = {
    kind: 'bytes' as const,
    async *open() {
      for (let left = bytes; left > 0; left -= block.length) yield block.subarray(0, Math.min(left, block.length))
    },
  }
  return { ...message, attachments: [{ ...first, content }] }
}

await mkdir(folder, { recursive: true })
await make('small.pst', async (pst) => {
  await addAll(pst, ['Posteingang'], 'IPF.Note', await mails(20))
  await addAll(pst, ['Posteingang', 'Žluťoučký kůň'], 'IPF.Note', await mails(5))
  await addAll(pst, ['Kalender'], 'IPF.Appointment', await events(5, false))
  await addAll(pst, ['Kontakte'], 'IPF.Contact', await cards(5))
})
await make('calendar-and-contacts.pst', async (pst) => {
  await addAll(pst, ['Kalender'], 'IPF.Appointment', await events(400, false))
  await addAll(pst, ['Aufgaben'], 'IPF.Task', await events(60, true))
  await addAll(pst, ['Kontakte'], 'IPF.Contact', await cards(60))
})
await make('large.pst', async (pst) => {
  const ref = pst.addFolder(['Posteingang'], 'IPF.Note')
  const withAttachment = (await mails(400)).filter(({ message }) =>
    message.attachments.some(({ content }) => content.kind === 'bytes'),
  )
  const eachBytes = 25_000_000
  for (let no = 0; no * eachBytes < largeBytes; no++)
    await pst.add(ref, withLargeAttachment(withAttachment[no % withAttachment.length]!, eachBytes), signal)
})
console.log('\nWhat to look at is told in docs/pst.md.')
