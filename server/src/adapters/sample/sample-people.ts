import { companies, familyNames, givenNames, type Language } from './sample-text.ts'
import type { SeededRandom } from './seeded-random.ts'

export type Person = {
  readonly given: string
  readonly family: string
  readonly name: string
  readonly address: string
  readonly company: (typeof companies)[number]
}

const ascii = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ø', 'o')
    .replaceAll('Ø', 'O')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()

export const makePeople = (random: SeededRandom, count: number): readonly Person[] => {
  const people = new Map<string, Person>()
  while (people.size < count) {
    const given = random.pick(givenNames)
    const family = random.pick(familyNames)
    const company = random.pick(companies)
    const address = `${ascii(given)}.${ascii(family)}@${company.domain}`
    people.set(address, { given, family, name: `${given} ${family}`, address, company })
  }
  return [...people.values()]
}

/** A user of the sample organization, and what fills the user's folders. */
export type SampleUser = {
  readonly address: string
  readonly name: string
  readonly seed: number
  readonly languages: readonly Language[]
  readonly timeZone: string
  /** Folder paths with the number of messages; no dots in names, which Maildir++ separates by. */
  readonly folders: readonly { readonly path: readonly string[]; readonly messages: number }[]
  readonly calendars: readonly {
    readonly folder: string
    readonly displayName: string
    readonly color: string
    readonly objects: number
  }[]
  readonly addressBooks: readonly { readonly folder: string; readonly displayName: string; readonly cards: number }[]
}

export const sampleUsers: readonly SampleUser[] = [
  {
    address: 'anna@sample.example',
    name: 'Anna Sommerfeld',
    seed: 20_261_101,
    languages: ['de', 'de', 'de', 'en', 'en', 'es', 'ja'],
    timeZone: 'Europe/Berlin',
    folders: [
      { path: ['INBOX'], messages: 110 },
      { path: ['Sent'], messages: 70 },
      { path: ['Drafts'], messages: 6 },
      { path: ['Trash'], messages: 12 },
      { path: ['Archiv', '2025'], messages: 60 },
      { path: ['Archiv', '2026', 'Frühjahr'], messages: 30 },
      { path: ['Projekte', 'Büro Köln', 'Umzug'], messages: 25 },
      { path: ['Projekte', 'Größen & Maße'], messages: 12 },
      { path: ['Reisen', '東京'], messages: 15 },
      { path: ['Noch leer'], messages: 0 },
    ],
    calendars: [
      { folder: 'arbeit', displayName: 'Arbeit', color: '#2563eb', objects: 48 },
      { folder: 'privat', displayName: 'Privat & Familie', color: '#16a34a', objects: 22 },
      { folder: 'aufgaben', displayName: 'Aufgaben', color: '#d97706', objects: 12 },
    ],
    addressBooks: [
      { folder: 'kontakte', displayName: 'Kontakte', cards: 44 },
      { folder: 'verein', displayName: 'Wanderverein Höhenweg', cards: 18 },
    ],
  },
  {
    address: 'bruno@sample.example',
    name: 'Bruno Délicourt',
    seed: 20_261_102,
    languages: ['fr', 'fr', 'fr', 'en', 'en', 'pl', 'de'],
    timeZone: 'Europe/Paris',
    folders: [
      { path: ['INBOX'], messages: 90 },
      { path: ['Sent'], messages: 60 },
      { path: ['Drafts'], messages: 4 },
      { path: ['Trash'], messages: 10 },
      { path: ['Clients', 'Atelier du Quai'], messages: 40 },
      { path: ['Clients', 'Zielony Most', 'Łódź'], messages: 25 },
      { path: ['Congés', 'Été 2026'], messages: 15 },
      { path: ['Старое', 'Зима'], messages: 20 },
    ],
    calendars: [
      { folder: 'travail', displayName: 'Travail', color: '#7c3aed', objects: 52 },
      { folder: 'maison', displayName: 'Maison', color: '#dc2626', objects: 28 },
    ],
    addressBooks: [
      { folder: 'contacts', displayName: 'Contacts', cards: 40 },
      { folder: 'fournisseurs', displayName: 'Fournisseurs', cards: 20 },
    ],
  },
]
