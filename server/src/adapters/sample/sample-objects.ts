import { png } from './sample-attachments.ts'
import type { Person, SampleUser } from './sample-people.ts'
import { type Phrases, places } from './sample-text.ts'
import type { SeededRandom } from './seeded-random.ts'

export type SampleObject = { readonly fileName: string; readonly bytes: Buffer; readonly at: Date }

const dayMs = 86_400_000

/** Lines of iCalendar or vCard: CRLF, folded at 75 octets and never inside a character (RFC 5545 §3.1, RFC 6350 §3.2). */
const fold = (lines: readonly string[]): Buffer => {
  const folded = lines.map((line) => {
    let out = ''
    let octets = 0
    for (const character of line) {
      const width = Buffer.byteLength(character)
      if (octets + width > 75) {
        out += '\r\n '
        octets = 1
      }
      out += character
      octets += width
    }
    return out
  })
  return Buffer.from(`${folded.join('\r\n')}\r\n`)
}

const escaped = (text: string): string => text.replace(/[\\,;]/g, '\\$&').replace(/\r?\n/g, '\\n')
const utc = (at: Date): string => `${at.toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`
const local = (at: Date): string => utc(at).slice(0, 15)
const day = (at: Date): string => utc(at).slice(0, 8)

/** Central European rules since 1996, the same for all zones of the sample. */
const timeZone = (name: string): readonly string[] => [
  'BEGIN:VTIMEZONE',
  `TZID:${name}`,
  'BEGIN:DAYLIGHT',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0200',
  'TZNAME:CEST',
  'DTSTART:19960331T020000',
  'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
  'END:DAYLIGHT',
  'BEGIN:STANDARD',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'TZNAME:CET',
  'DTSTART:19961027T030000',
  'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
  'END:STANDARD',
  'END:VTIMEZONE',
]

export type ObjectWish = {
  readonly user: SampleUser
  readonly people: readonly Person[]
  readonly phrases: Phrases
  readonly at: Date
  readonly serial: string
}

/** An appointment, a series with an exception, a day or a birthday, or a task. */
export const sampleCalendarObject = (random: SeededRandom, wish: ObjectWish, onlyTasks: boolean): SampleObject => {
  const { user, people, phrases, at, serial } = wish
  const uid = `${serial}@sample.example`
  const summary = random.pick(phrases.subjects).replace('{n}', String(random.int(10, 99)))
  const start = new Date(Math.floor(at.getTime() / dayMs) * dayMs + random.int(16, 36) * 1_800_000)
  const end = new Date(start.getTime() + random.int(1, 6) * 1_800_000)
  const common = [`UID:${uid}`, `DTSTAMP:${utc(at)}`, `CREATED:${utc(at)}`]
  const zoned = (name: string, when: Date) => `${name};TZID=${user.timeZone}:${local(when)}`
  const event = (...lines: readonly string[]) => ['BEGIN:VEVENT', ...common, ...lines, 'END:VEVENT']
  const invited = random.chance(0.35)
    ? [
        `ORGANIZER;CN=${user.name}:mailto:${user.address}`,
        ...Array.from({ length: random.int(1, 4) }, () => random.pick(people)).map(
          (person) =>
            `ATTENDEE;CN=${person.name};PARTSTAT=${random.pick(['ACCEPTED', 'TENTATIVE', 'NEEDS-ACTION'])}:mailto:${person.address}`,
        ),
      ]
    : []
  const alarm = random.chance(0.4)
    ? ['BEGIN:VALARM', 'ACTION:DISPLAY', `DESCRIPTION:${escaped(summary)}`, 'TRIGGER:-PT15M', 'END:VALARM']
    : []
  const kind = onlyTasks ? 1 : random.fraction()
  const body = ((): readonly string[] => {
    if (kind === 1 || kind > 0.93)
      return [
        'BEGIN:VTODO',
        ...common,
        `SUMMARY:${escaped(summary)}`,
        `DUE;VALUE=DATE:${day(new Date(start.getTime() + 14 * dayMs))}`,
        `PRIORITY:${random.int(1, 9)}`,
        ...(random.chance(0.5)
          ? ['STATUS:COMPLETED', 'PERCENT-COMPLETE:100', `COMPLETED:${utc(end)}`]
          : ['STATUS:NEEDS-ACTION']),
        'END:VTODO',
      ]
    if (kind > 0.83) {
      const person = random.pick(people)
      return event(
        `DTSTART;VALUE=DATE:19${random.int(55, 99)}${day(start).slice(4)}`,
        'RRULE:FREQ=YEARLY',
        `SUMMARY:${escaped(`🎂 ${person.name}`)}`,
        'CATEGORIES:BIRTHDAY',
        'TRANSP:TRANSPARENT',
      )
    }
    if (kind > 0.68)
      return event(
        `DTSTART;VALUE=DATE:${day(start)}`,
        `DTEND;VALUE=DATE:${day(new Date(start.getTime() + random.int(1, 12) * dayMs))}`,
        `SUMMARY:${escaped(summary)}`,
        'TRANSP:TRANSPARENT',
      )
    if (kind > 0.5) {
      const week = (n: number, when: Date) => new Date(when.getTime() + 7 * n * dayMs)
      return [
        ...event(
          zoned('DTSTART', start),
          zoned('DTEND', end),
          `RRULE:FREQ=WEEKLY;COUNT=${random.int(6, 30)}`,
          zoned('EXDATE', week(2, start)),
          `SUMMARY:${escaped(summary)}`,
          ...invited,
          ...alarm,
        ),
        ...event(
          zoned('RECURRENCE-ID', week(4, start)),
          zoned('DTSTART', new Date(week(4, start).getTime() + 3_600_000)),
          zoned('DTEND', new Date(week(4, end).getTime() + 3_600_000)),
          `SUMMARY:${escaped(summary)} (+1 h)`,
        ),
      ]
    }
    return event(
      zoned('DTSTART', start),
      zoned('DTEND', end),
      `SUMMARY:${escaped(summary)}`,
      `LOCATION:${escaped(random.pick(places))}`,
      `DESCRIPTION:${escaped(`${random.pick(phrases.sentences)}\n${random.pick(phrases.sentences)}`)}`,
      ...invited,
      ...alarm,
    )
  })()
  const needsZone = body.some((line) => line.includes('TZID='))
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Stillbox//Sample//EN',
    ...(needsZone ? timeZone(user.timeZone) : []),
    ...body,
    'END:VCALENDAR',
  ]
  return { fileName: `${serial}.ics`, bytes: fold(lines), at }
}

/** A person as a vCard 3.0 (RFC 2426) or 4.0 (RFC 6350), some with a picture. */
export const sampleCard = (random: SeededRandom, person: Person, serial: string, at: Date): SampleObject => {
  const isFour = random.chance(0.5)
  const phone = `+49 30 ${random.int(1_000_000, 9_999_999)}`
  const picture = random.chance(0.2) ? png(random, '', 48, 48, 12).bytes.toString('base64') : null
  const street = `${random.pick(['Lindenweg', 'Rue du Puits', 'Mill Lane', 'Aleja Różana', 'Calle Ñandú'])} ${random.int(1, 140)}`
  const lines = [
    'BEGIN:VCARD',
    `VERSION:${isFour ? '4.0' : '3.0'}`,
    `UID:${isFour ? `urn:uuid:00000000-0000-4000-8000-${serial.replace(/\D/g, '').padStart(12, '0').slice(-12)}` : `${serial}@sample.example`}`,
    `FN:${escaped(person.name)}`,
    `N:${escaped(person.family)};${escaped(person.given)};;;`,
    `ORG:${escaped(person.company.name)}`,
    `EMAIL;TYPE=${isFour ? 'work' : 'INTERNET,WORK'}:${person.address}`,
    ...(random.chance(0.7)
      ? [isFour ? `TEL;VALUE=uri;TYPE=cell:tel:${phone.replaceAll(' ', '-')}` : `TEL;TYPE=CELL:${phone}`]
      : []),
    ...(random.chance(0.5)
      ? [
          `ADR;TYPE=${isFour ? 'work' : 'WORK'}:;;${escaped(street)};${random.pick(['Köln', 'Lyon', 'Łódź', 'Leeds'])};;${random.int(10_000, 99_999)};`,
        ]
      : []),
    ...(random.chance(0.4)
      ? [
          `BDAY:${random.int(1950, 2002)}${isFour ? '' : '-'}0${random.int(1, 9)}${isFour ? '' : '-'}${random.int(10, 28)}`,
        ]
      : []),
    ...(random.chance(0.3) ? ['CATEGORIES:Freunde,Büro'] : []),
    ...(picture ? [isFour ? `PHOTO:data:image/png;base64,${picture}` : `PHOTO;ENCODING=b;TYPE=PNG:${picture}`] : []),
    `REV:${utc(at)}`,
    'END:VCARD',
  ]
  return { fileName: `${serial}.vcf`, bytes: fold(lines), at }
}
