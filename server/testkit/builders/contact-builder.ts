import type { BuiltObject } from './calendar-builder.ts'
import { contentLines, escaped } from './content-lines.ts'
import { type Random, seededRandom } from './random.ts'

export const contactKinds = [
  'v3',
  'v4',
  'photo-v3',
  'photo-v4',
  'group-v3',
  'group-v4',
  'labelled',
  'company',
  'long-note',
  'many-of-all',
] as const
export type ContactKind = (typeof contactKinds)[number]
export type BuiltContact = BuiltObject<ContactKind> & { readonly version: '3.0' | '4.0' }

const givenNames = ['Zoë', 'Jürgen', 'Łucja', 'Дарья', '美咲', 'نور', 'Ανδρέας', 'O’Neal', 'Ann; Marie'] as const
const familyNames = [
  'Müller',
  'Nádasföld',
  'Śliwa',
  'Иванова',
  '山川',
  'الحسن',
  'Tannenrück',
  'van der Uferwald',
  'Comma, Jr.',
] as const

type Draft = { readonly version?: '4.0'; readonly lines: readonly string[]; readonly title?: string }

const drafts: Readonly<Record<ContactKind, (random: Random) => Draft>> = {
  v3: (random) => ({
    lines: [
      `EMAIL;TYPE=INTERNET,WORK:${random.word(8)}@mail.example`,
      `TEL;TYPE=CELL:+49 30 ${random.int(100_000, 999_999)}`,
      'BDAY:1985-04-12',
    ],
  }),
  v4: (random) => ({
    version: '4.0',
    lines: [
      `EMAIL;TYPE=work;PREF=1:${random.word(8)}@mail.example`,
      `TEL;VALUE=uri;TYPE="cell,voice":tel:+49-30-${random.int(100_000, 999_999)}`,
      'BDAY:--0412',
      'LANG:de',
      'GENDER:F',
    ],
  }),
  'photo-v3': (random) => ({
    lines: [`PHOTO;ENCODING=b;TYPE=JPEG:${random.bytes(random.int(1_000, 40_000)).toString('base64')}`],
  }),
  'photo-v4': (random) => ({
    version: '4.0',
    lines: [`PHOTO:data:image/jpeg;base64,${random.bytes(random.int(1_000, 40_000)).toString('base64')}`],
  }),
  // How address books that know vCard 3 only keep a group.
  'group-v3': (random) => ({
    title: 'Wanderfreunde',
    lines: [
      'X-ADDRESSBOOKSERVER-KIND:group',
      ...members(random).map((uid) => `X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:${uid}`),
    ],
  }),
  'group-v4': (random) => ({
    version: '4.0',
    title: 'Équipe du matin',
    lines: ['KIND:group', ...members(random).map((uid) => `MEMBER:urn:uuid:${uid}`)],
  }),
  labelled: (random) => ({
    lines: [
      `item1.EMAIL;TYPE=INTERNET:${random.word(8)}@mail.example`,
      'item1.X-ABLabel:Ferienhaus',
      `item2.ADR;TYPE=HOME:;;${escaped('Straße 1; Hof')};Köln;;50667;Deutschland`,
      'item2.X-ABADR:de',
    ],
  }),
  company: () => ({
    title: 'Rückenwind GmbH & Co. KG',
    lines: [`ORG:${escaped('Rückenwind GmbH & Co. KG')};${escaped('Lager, Süd')}`, 'X-ABShowAs:COMPANY'],
  }),
  'long-note': (random) => ({
    lines: [`NOTE:${escaped('Zeile mit Umlauten äöü, und; Zeichen\n'.repeat(random.int(10, 100)))}終`],
  }),
  'many-of-all': (random) => ({
    lines: [
      ...Array.from({ length: 20 }, () => `EMAIL;TYPE=INTERNET:${random.word(8)}@mail.example`),
      ...Array.from({ length: 20 }, () => `TEL;TYPE=WORK:+49 221 ${random.int(10_000, 99_999)}`),
      'CATEGORIES:Freunde,Büro',
      'URL:https://www.mail.example/~x?a=1\\;b=2',
      'X-SOCIALPROFILE;TYPE=other:https://social.example/@x',
    ],
  }),
}

const uuid = (random: Random): string => {
  const hex = random.bytes(16).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}
const members = (random: Random): readonly string[] => Array.from({ length: random.int(1, 12) }, () => uuid(random))

const buildWith = (random: Random, wanted: ContactKind | undefined): BuiltContact => {
  const kind = wanted ?? random.pick(contactKinds)
  const own = uuid(random)
  const given = random.pick(givenNames)
  const family = random.pick(familyNames)
  const { version = '3.0', lines, title = `${given} ${family}` } = drafts[kind](random)
  const uid = version === '4.0' ? `urn:uuid:${own}` : own
  const bytes = contentLines([
    'BEGIN:VCARD',
    `VERSION:${version}`,
    `UID:${uid}`,
    `FN:${escaped(title)}`,
    `N:${escaped(family)};${escaped(given)};;;`,
    ...lines,
    'REV:20260101T000000Z',
    'END:VCARD',
  ])
  return { kind, uid, fileName: `${own}.vcf`, title, version, bytes }
}

/** One vCard: same seed and kind, same bytes. */
export const buildContact = (seed: number, kind?: ContactKind): BuiltContact => buildWith(seededRandom(seed), kind)

/** As many as wanted, every kind in turn. */
export function* buildContacts(
  seed: number,
  count: number,
  kinds: readonly ContactKind[] = contactKinds,
): Generator<BuiltContact> {
  const random = seededRandom(seed)
  for (let n = 0; n < count; n++) yield buildWith(random, kinds[n % kinds.length])
}
