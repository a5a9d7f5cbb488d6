import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkFile, clean } from './check-file.ts'
import { folderFacts, type Mail, type MailFolder, mapiMessage } from './mail-model.ts'
import { readWithHiraoka } from './read-with-libraries.ts'
import { anna, patternBytes, plainMail } from './sample-mailbox.ts'
import { diskFile, neverAborted, testPst, writeMailbox } from './write-mailbox.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pst-boundaries-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const inbox = (mails: readonly Mail[], name = 'Inbox'): MailFolder => ({
  path: [name],
  containerClass: 'IPF.Note',
  mails,
})
const comesBack = async (name: string, folders: readonly MailFolder[]): Promise<void> => {
  const path = join(folder, `${name}.pst`)
  await writeMailbox(path, folders)
  const count = folders.reduce((sum, { mails }) => sum + mails.length, 0)
  expect(await checkFile(path)).toEqual(clean(count))
  expect(await readWithHiraoka(path)).toEqual(folderFacts(folders))
  await rm(path)
}

const oneList = 1021 * 8176
const sizes = [0, 1, 3579, 3580, 3581, 8175, 8176, 8177, 16_352, oneList - 1, oneList, oneList + 1, 2 * oneList + 1]

describe('sizes at which the layout changes', () => {
  test('attachments', () =>
    comesBack('attachments', [
      inbox(
        sizes.map((size) =>
          plainMail(`${size}`, { attachments: [{ name: `${size}.bin`, bytes: patternBytes(size, size) }] }),
        ),
      ),
    ]))

  test('bodies', () =>
    comesBack('bodies', [
      inbox(
        [0, 1, 1789, 1790, 1791, 4087, 4088, 4089, 8176, 100_000].map((length) =>
          plainMail(`${length}`, { body: 'ä'.repeat(length), headers: 'h'.repeat(length) }),
        ),
      ),
    ]))

  test('folders', () =>
    comesBack(
      'folders',
      [1, 27, 28, 29, 64, 65, 447, 448].map((count) =>
        inbox(
          Array.from({ length: count }, (_, index) => plainMail(`${count} ${index}`, { recipients: [] })),
          `With ${count}`,
        ),
      ),
    ))

  test('recipients of a message', () =>
    comesBack('recipients', [
      inbox(
        [0, 1, 60, 2000].map((count) =>
          plainMail(`${count} recipients`, {
            recipients: Array.from({ length: count }, (_, index) => ({
              type: (1 + (index % 3)) as 1 | 2 | 3,
              name: `Person number ${index}`,
              address: `person${index}@example.org`,
            })),
          }),
        ),
      ),
    ]))

  test('as many attachments as one list of subnodes has room for', () =>
    comesBack('subnodes', [
      inbox([
        plainMail('338 attachments', {
          attachments: Array.from({ length: 338 }, (_, index) => ({
            name: `${index}.txt`,
            bytes: patternBytes(1 + (index % 50), index),
          })),
        }),
      ]),
    ]))

  test('a folder whose heap passes its 8th and its 136th block', () =>
    comesBack('heap', [
      inbox(
        Array.from({ length: 1500 }, (_, index) =>
          plainMail(`${index} ${'long subject '.repeat(15)}`, { body: 'short', recipients: [] }),
        ),
      ),
    ]))

  test('messages in messages, four deep', () => {
    const nested = (depth: number): Mail =>
      plainMail(`Depth ${depth}`, { attachments: depth === 0 ? [] : [{ name: `${depth}`, mail: nested(depth - 1) }] })
    return comesBack('nested', [inbox([nested(4)])])
  })
})

// Outlook has no control characters in names and subjects, nor blanks at the end of a folder's name.
const nameText = (maxLength: number) =>
  fc
    .string({ unit: 'binary', minLength: 1, maxLength })
    .map((text) => text.replace(/[\p{Cc}\p{Cs}]/gu, 'x').trim() || 'empty')
const person = fc.record({ name: nameText(40), address: fc.emailAddress() })
const mail: fc.Arbitrary<Mail> = fc.record({
  subject: fc.oneof(nameText(200), fc.constantFrom('', 'Re: ', 'AW: WG: x', 'FW:no blank')),
  sender: person,
  recipients: fc.array(
    fc
      .record({ type: fc.constantFrom(1 as const, 2 as const, 3 as const) })
      .chain(({ type }) => person.map((one) => ({ ...one, type }))),
    { maxLength: 5 },
  ),
  submittedAtMs: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map(Number),
  isRead: fc.boolean(),
  body: fc.string({ unit: 'grapheme', maxLength: 5000 }).map((text) => text.replaceAll('\0', '')),
  attachments: fc.array(
    fc.record({
      name: nameText(60),
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 100 }),
        fc.integer({ min: 3500, max: 20_000 }).map((length) => patternBytes(length)),
      ),
    }),
    { maxLength: 3 },
  ),
})
const mailbox: fc.Arbitrary<readonly MailFolder[]> = fc.uniqueArray(
  fc.record({
    path: fc.tuple(nameText(30).map((name) => `f ${name}`.replaceAll('/', '-'))),
    containerClass: fc.constantFrom('IPF.Note', 'IPF.Contact', 'IPF.Appointment'),
    mails: fc.array(mail, { maxLength: 6 }),
  }),
  { maxLength: 5, selector: ({ path }) => path[0].toLowerCase() },
)

test('any mailbox comes back', async () => {
  await fc.assert(
    fc.asyncProperty(mailbox, (folders) => comesBack('any', folders)),
    { numRuns: 40, seed: 20_260_115 },
  )
})

test('what is too long is cut, and told', async () => {
  const path = join(folder, 'cut.pst')
  const file = await diskFile(path)
  const pst = testPst(file)
  const long = 'l'.repeat(400)
  const recipients = Array.from({ length: 5 }, () => ({ type: 1 as const, name: long, address: 'a@example.org' }))
  const added = await pst.add(
    pst.addFolder(['In'], 'IPF.Note'),
    mapiMessage(plainMail(long, { sender: { ...anna, name: long }, recipients })),
    neverAborted,
  )
  expect([...added.cut].sort()).toEqual(
    ['PidTagDisplayName', 'PidTagDisplayTo', 'PidTagSenderName', 'PidTagSentRepresentingName', 'PidTagSubject'].sort(),
  )
  await pst.finish()
  await file.close()
  expect(await checkFile(path)).toEqual(clean(1))
})
