import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import type { OrganizationConfig } from '../../config/organization-schema.ts'
import { encodeMailboxName } from './mailbox-name.ts'
import { type SampleMessage, sampleMessage } from './sample-message.ts'
import { type SampleObject, sampleCalendarObject, sampleCard } from './sample-objects.ts'
import { makePeople, type Person, type SampleUser, sampleUsers } from './sample-people.ts'
import { phrases } from './sample-text.ts'
import { type SeededRandom, seededRandom } from './seeded-random.ts'

/** The sample ends here and covers the two years before, whenever it is made: the same files at every first start. */
const endsAt = Date.UTC(2026, 10, 15, 12)
const spanMs = 2 * 365 * 86_400_000
/** What a killed start left behind; a younger one may belong to a process that is at it right now. */
const leftoverAgeMs = 10 * 60_000

/** The organization that `writeSample` fills: users `anna@sample.example` and `bruno@sample.example`. */
export const sampleOrganization = (folder: string): OrganizationConfig => {
  const source = (name: string) =>
    ({ technology: 'directory', path: join(folder, '{login}', name), login: '{login}' }) as const
  return {
    organization: OrganizationId.parse('sample'),
    name: 'Sample organization',
    userNameHint: sampleUsers[0]!.address,
    maxCapturesAtOnce: 4,
    isSample: true,
    directory: { type: 'pattern', login: '{userName}' },
    mail: source('Maildir'),
    calendar: source('calendars'),
    contacts: source('contacts'),
  }
}

/**
 * Writes the mail, calendars and contacts of the sample organization, unless they are there already. They appear all at
 * once: a start that is killed in between leaves no half sample, and two starts at a time leave one.
 */
export const writeSample = async (folder: string): Promise<void> => {
  if (await isThere(folder)) return
  const parent = dirname(folder)
  const prefix = `${basename(folder)}.new-`
  await mkdir(parent, { recursive: true })
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue
    const age = Date.now() - (await stat(join(parent, name)).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs
    if (age > leftoverAgeMs) await rm(join(parent, name), { recursive: true, force: true })
  }
  const made = await mkdtemp(join(parent, prefix))
  try {
    for (const user of sampleUsers) await writeUser(join(made, user.address), user)
    await rename(made, folder).catch(async (cause) => {
      if (!(await isThere(folder))) throw cause
    })
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const writeUser = async (home: string, user: SampleUser): Promise<void> => {
  const random = seededRandom(user.seed)
  const people = makePeople(random, 40)
  await writeMail(join(home, 'Maildir'), user, people, random)
  for (const [index, { folder, displayName, color, objects }] of user.calendars.entries()) {
    const made = Array.from({ length: objects }, (_, n) => {
      const wish = {
        user,
        people,
        phrases: phrases[random.pick(user.languages)],
        at: new Date(endsAt - Math.floor(random.fraction() * spanMs)),
        serial: `${folder}-${index}${String(n).padStart(3, '0')}`,
      }
      return sampleCalendarObject(random, wish, folder === 'aufgaben')
    })
    await writeCollection(join(home, 'calendars', folder), { displayName, color }, made)
  }
  let next = 0
  const known = makePeople(random, 90)
  for (const [index, { folder, displayName, cards }] of user.addressBooks.entries()) {
    const made = Array.from({ length: cards }, (_, n) => {
      const at = new Date(endsAt - Math.floor(random.fraction() * spanMs))
      return sampleCard(random, known[next++]!, `${folder}-${index}${String(n).padStart(3, '0')}`, at)
    })
    await writeCollection(join(home, 'contacts', folder), { displayName }, made)
  }
}

const writeAt = async (path: string, bytes: Uint8Array | string, at: Date): Promise<void> => {
  await writeFile(path, bytes)
  await utimes(path, at, at)
}

const writeCollection = async (
  folder: string,
  properties: Readonly<Record<string, string>>,
  objects: readonly SampleObject[],
): Promise<void> => {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, '.properties.json'), JSON.stringify(properties))
  for (const { fileName, bytes, at } of objects) await writeAt(join(folder, fileName), bytes, at)
}

const keywords = ['$Forwarded', '$Important', 'Rechnung', 'Todo'] as const

const writeMail = async (
  root: string,
  user: SampleUser,
  people: readonly Person[],
  random: SeededRandom,
): Promise<void> => {
  const answerable: SampleMessage[] = []
  for (const [folderNo, { path, messages }] of user.folders.entries()) {
    const name = path[0] === 'INBOX' ? '' : `.${path.map(encodeMailboxName).join('.')}`
    const place = join(root, name)
    for (const part of ['cur', 'new', 'tmp']) await mkdir(join(place, part), { recursive: true })
    const isOwn = path[0] === 'Sent' || path[0] === 'Drafts'
    const times = Array.from({ length: messages }, () => endsAt - Math.floor(random.fraction() * spanMs)).sort(
      (a, b) => a - b,
    )
    const uidList = [`3 V${1_700_000_000 + folderNo} N${messages + 1} G${random.bytes(16).toString('hex')}`]
    for (const [index, time] of times.entries()) {
      const at = new Date(Math.floor(time / 1000) * 1000)
      const others = Array.from({ length: random.chance(0.2) ? random.int(2, 4) : 1 }, () => random.pick(people))
      const earlier = answerable.length > 0 && random.chance(0.3) ? random.pick(answerable) : null
      const message = sampleMessage(random, {
        from: isOwn ? user : others[0]!,
        to: isOwn ? others : [user, ...others.slice(1)],
        at,
        phrases: phrases[random.pick(user.languages)],
        serial: `${folderNo}${String(index).padStart(4, '0')}`,
        ...(earlier ? { answers: earlier } : {}),
      })
      answerable.push(message)
      const base = `${Math.floor(at.getTime() / 1000)}.M${index}P${folderNo}.sample`
      uidList.push(`${index + 1} :${base}`)
      const isNew = path[0] === 'INBOX' && index > messages - 6
      const info = isNew ? '' : `:2,${flagLetters(random, path[0]!)}`
      await writeAt(join(place, isNew ? 'new' : 'cur', `${base}${info}`), message.bytes, at)
    }
    await writeFile(join(place, 'dovecot-uidlist'), `${uidList.join('\n')}\n`)
    await writeFile(join(place, 'dovecot-keywords'), keywords.map((keyword, n) => `${n} ${keyword}\n`).join(''))
  }
}

/** In the order Maildir wants: by ASCII, system flags before keywords. */
const flagLetters = (random: SeededRandom, folder: string): string =>
  [
    folder === 'Drafts' ? 'D' : '',
    random.chance(0.08) ? 'F' : '',
    random.chance(0.25) ? 'R' : '',
    random.chance(0.85) ? 'S' : '',
    folder === 'Trash' && random.chance(0.2) ? 'T' : '',
    ...keywords.map((_, n) => (random.chance(0.06) ? String.fromCharCode(97 + n) : '')),
  ].join('')
