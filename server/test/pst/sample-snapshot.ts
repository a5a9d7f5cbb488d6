import ICAL from 'ical.js'
import { sampleMessage } from '../../src/adapters/sample/sample-message.ts'
import { sampleCalendarObject, sampleCard } from '../../src/adapters/sample/sample-objects.ts'
import { makePeople, sampleUsers } from '../../src/adapters/sample/sample-people.ts'
import { phrases } from '../../src/adapters/sample/sample-text.ts'
import { seededRandom } from '../../src/adapters/sample/seeded-random.ts'
import { type ScriptedFolder, type ScriptedItem, scriptedFolder } from '../doubles/scripted-readers.ts'

const [user] = sampleUsers
const people = makePeople(seededRandom(20_000), 300)
const startsAtMs = Date.UTC(2021, 0, 1)
const dayMs = 86_400_000
const languages = [phrases.de, phrases.en, phrases.ja, phrases.es]
const flagsOf = (no: number): readonly string[] =>
  [
    no % 6 === 0 ? '' : '\\Seen',
    no % 11 === 0 ? '\\Flagged' : '',
    no % 5 === 1 ? '\\Answered' : '',
    no % 17 === 3 ? '$Forwarded' : '',
    no % 97 === 8 ? '\\Draft' : '',
  ].filter((flag) => flag !== '')

/** A message to several people, some of them in Cc and Bcc. The same number gives the same bytes. */
const mailText = (no: number, at: Date): string => {
  const random = seededRandom(no + 1)
  const others = Array.from({ length: no % 4 }, () => random.pick(people))
  const [cc, bcc] = [random.pick(people), random.pick(people)]
  const wish = { from: random.pick(people), to: [user!, ...others], at, serial: `w${no}` }
  const { bytes } = sampleMessage(random, { ...wish, phrases: languages[no % languages.length]! })
  const more = `${no % 3 === 0 ? `Cc: ${cc.address}\r\n` : ''}${no % 10 === 0 ? `Bcc: <${bcc.address}>\r\n` : ''}`
  return bytes.toString('latin1').replace('\r\nSubject: ', () => `\r\n${more}Subject: `)
}
const mailItem = (no: number): ScriptedItem => {
  const at = new Date(startsAtMs + no * 7_200_000)
  return {
    ref: no + 1,
    // Made when it is read, so that no mailbox is held.
    get text() {
      return mailText(no, at)
    },
    receivedAtMs: at.getTime(),
    flags: flagsOf(no),
  }
}

/** What the sample's weekly series leave out. */
const rules = [
  'FREQ=DAILY;INTERVAL=3;COUNT=12',
  'FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=15',
  'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU;COUNT=9',
  'FREQ=MONTHLY;BYMONTHDAY=15',
  'FREQ=MONTHLY;BYDAY=-1FR;COUNT=8',
  'FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=8',
  'FREQ=YEARLY;BYMONTH=3;BYDAY=1SU',
  'FREQ=YEARLY;COUNT=5',
]
const compact = (time: ICAL.Time): string => time.toString().replace(/[-:Z]/g, '')

/** A series with an occurrence taken away and one that is later, longer, elsewhere and of another name. */
const seriesText = (no: number, near: Date): string => {
  const rule = rules[no % rules.length]!
  const from = ICAL.Time.fromDateTimeString(`${near.toISOString().slice(0, 10)}T0${no % 10}:30:00`)
  const finding = ICAL.Recur.fromString(rule.replace(/;COUNT=\d+/, '')).iterator(from)
  // The first that is found may be the day itself, whether it is in the rule or not.
  const [, start] = Array.from({ length: 2 }, () => finding.next()!.clone())
  const iterator = ICAL.Recur.fromString(rule).iterator(start!)
  const [, , second, third] = Array.from({ length: 4 }, () => iterator.next()!.clone())
  const until = Array.from({ length: 3 }, () => iterator.next()?.clone()).at(-1) ?? third!
  const later = third!.clone()
  later.addDuration(ICAL.Duration.fromString('PT2H'))
  const event = (...lines: readonly string[]) =>
    ['BEGIN:VEVENT', `UID:s${no}@sample.example`, 'DTSTAMP:20210101T000000Z', ...lines, 'END:VEVENT'].join('\r\n')
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Stillbox//Sample//EN',
    event(
      `DTSTART:${compact(start!)}Z`,
      'DURATION:PT45M',
      `RRULE:${no % 16 < 8 ? rule : rule.replace(/COUNT=\d+/, `UNTIL=${compact(until)}Z`)}`,
      `EXDATE:${compact(second!)}Z`,
      `SUMMARY:Reihe ${no}\\, Übersicht`,
      'LOCATION:Großer Saal',
      'CLASS:PRIVATE',
      'ORGANIZER;CN=Zoë Müller:mailto:zoe@sample.example',
      'ATTENDEE;CN="Łucja";ROLE=OPT-PARTICIPANT;PARTSTAT=DECLINED:mailto:lucja@sample.example',
      'ATTENDEE;PARTSTAT=ACCEPTED:mailto:room@sample.example',
      'BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT1H\r\nEND:VALARM',
    ),
    event(
      `RECURRENCE-ID:${compact(third!)}Z`,
      `DTSTART:${compact(later)}Z`,
      'DURATION:PT1H30M',
      `SUMMARY:Reihe ${no} 移動`,
      'LOCATION:Kleiner Saal',
    ),
    'END:VCALENDAR',
    '',
  ].join('\r\n')
}

const eventItem = (no: number): ScriptedItem => {
  const at = new Date(startsAtMs + no * dayMs)
  const wish = { user: user!, people, phrases: phrases.de, at, serial: `v${no}` }
  const text =
    no % 3 === 0
      ? seriesText(no / 3, at)
      : sampleCalendarObject(seededRandom(no + 1), wish, false).bytes.toString('utf8')
  return { ref: `/dav/Work/v${no}.ics`, text }
}

const cardItem = (no: number): ScriptedItem => {
  const card = sampleCard(seededRandom(no + 1), people[no % people.length]!, `k${no}`, new Date(startsAtMs))
  const more =
    no % 4 === 0
      ? [
          `TEL;TYPE=HOME:+49 221 ${10_000 + no}`,
          `TEL;TYPE=WORK:+49 222 ${10_000 + no}`,
          `EMAIL;TYPE=HOME:home${no}@sample.example`,
          'TITLE:Büroleitung',
          'NOTE:Zwei Zeilen\\,\\nmit Größe',
          '',
        ]
      : []
  const text = card.bytes.toString('utf8').replace('END:VCARD', () => `${more.join('\r\n')}END:VCARD`)
  return { ref: `/dav/Friends/k${no}.vcf`, text }
}

/** So many events; the tasks that the sample has among them come on top. */
const eventItems = (count: number): readonly ScriptedItem[] => {
  const items: ScriptedItem[] = []
  for (let no = 0, events = 0; events < count; no++) {
    const item = eventItem(no)
    items.push(item)
    if (item.text.includes('BEGIN:VEVENT')) events++
  }
  return items
}

/** Folders with 20,000 messages, 500 events, some tasks and 500 contacts, or a share of each. */
export const sampleSnapshot = (share: number): readonly ScriptedFolder[] => {
  const mails = 20_000 * share
  const paths = [['INBOX'], ['Sent'], ['Archiv'], ['Archiv', '2024'], ['Projekte', 'Büro Köln'], ['Reisen', '東京']]
  const perFolder = Math.ceil(mails / paths.length)
  return [
    ...paths.map((path, index) => {
      const from = index * perFolder
      const count = Math.min(perFolder, mails - from)
      return scriptedFolder(
        'mail',
        path,
        Array.from({ length: count }, (_, no) => mailItem(from + no)),
      )
    }),
    scriptedFolder('calendar', ['Work'], eventItems(500 * share)),
    scriptedFolder(
      'contact',
      ['Friends'],
      Array.from({ length: 500 * share }, (_, no) => cardItem(no)),
    ),
  ]
}
