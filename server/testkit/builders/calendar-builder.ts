import { basicDateTime, contentLines, escaped } from './content-lines.ts'
import { type Random, seededRandom } from './random.ts'

export const calendarKinds = [
  'event',
  'time-zone',
  'all-day',
  'recurring',
  'recurring-override',
  'attendees',
  'alarm',
  'todo',
  'journal',
  'long-text',
  'inline-attachment',
  'odd-time-zone',
  'unknown-properties',
] as const
export type CalendarKind = (typeof calendarKinds)[number]

export type BuiltObject<Kind extends string> = {
  readonly kind: Kind
  /** UID property. */
  readonly uid: string
  /** A file name that is no trouble to any server. */
  readonly fileName: string
  /** SUMMARY or FN as a person reads it. */
  readonly title: string
  readonly bytes: Buffer
}
export type BuiltCalendarObject = BuiltObject<CalendarKind> & { readonly component: 'VEVENT' | 'VTODO' | 'VJOURNAL' }

const titles = [
  'Budget, second round; with Ülkü',
  'Übergabe Werkstatt',
  'Réunion d’équipe',
  '打ち合わせ',
  'Встреча',
  'موعد',
  '🎂 Birthday',
  'Lunch \\ coffee',
] as const

const dayMs = 86_400_000
const berlin = [
  'BEGIN:VTIMEZONE',
  'TZID:Europe/Berlin',
  'BEGIN:DAYLIGHT',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0200',
  'TZNAME:CEST',
  'DTSTART:19700329T020000',
  'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
  'END:DAYLIGHT',
  'BEGIN:STANDARD',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'TZNAME:CET',
  'DTSTART:19701025T030000',
  'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
  'END:STANDARD',
  'END:VTIMEZONE',
]
/** A zone under a name that no database knows, as desktop programs write it. */
const oddZone = [
  'BEGIN:VTIMEZONE',
  'TZID:(UTC+05:45) Kathmandu\\, odd',
  'BEGIN:STANDARD',
  'DTSTART:16010101T000000',
  'TZOFFSETFROM:+0545',
  'TZOFFSETTO:+0545',
  'END:STANDARD',
  'END:VTIMEZONE',
]

type Draft = {
  readonly before?: readonly string[]
  readonly component?: 'VTODO' | 'VJOURNAL'
  readonly lines: readonly string[]
  readonly overrides?: readonly (readonly string[])[]
}

const drafts: Readonly<Record<CalendarKind, (random: Random, startMs: number) => Draft>> = {
  event: (_, start) => ({
    lines: [
      `DTSTART:${basicDateTime(start)}`,
      `DTEND:${basicDateTime(start + 3_600_000)}`,
      'LOCATION:Room 1\\, 2nd floor',
    ],
  }),
  'time-zone': (_, start) => ({
    before: berlin,
    lines: [`DTSTART;TZID=Europe/Berlin:${local(start)}`, `DTEND;TZID=Europe/Berlin:${local(start + 5_400_000)}`],
  }),
  'all-day': (random, start) => ({
    lines: [
      `DTSTART;VALUE=DATE:${date(start)}`,
      `DTEND;VALUE=DATE:${date(start + random.int(1, 9) * dayMs)}`,
      'TRANSP:TRANSPARENT',
    ],
  }),
  recurring: (random, start) => ({
    before: berlin,
    lines: [
      `DTSTART;TZID=Europe/Berlin:${local(start)}`,
      'DURATION:PT45M',
      random.pick([
        'RRULE:FREQ=WEEKLY;COUNT=20',
        'RRULE:FREQ=MONTHLY;BYDAY=-1FR',
        'RRULE:FREQ=DAILY;INTERVAL=3;UNTIL=20271231T000000Z',
      ]),
      `EXDATE;TZID=Europe/Berlin:${local(start + 21 * dayMs)}`,
    ],
  }),
  'recurring-override': (_, start) => ({
    before: berlin,
    lines: [`DTSTART;TZID=Europe/Berlin:${local(start)}`, 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY;COUNT=10'],
    overrides: [1, 3].map((week) => [
      `RECURRENCE-ID;TZID=Europe/Berlin:${local(start + week * 7 * dayMs)}`,
      `DTSTART;TZID=Europe/Berlin:${local(start + week * 7 * dayMs + 7_200_000)}`,
      'DURATION:PT30M',
    ]),
  }),
  attendees: (random, start) => ({
    lines: [
      `DTSTART:${basicDateTime(start)}`,
      'DURATION:PT1H',
      'ORGANIZER;CN="Müller, Zoë":mailto:zoe@mail.example',
      ...Array.from(
        { length: random.int(2, 30) },
        (_, n) =>
          `ATTENDEE;CN=Guest ${n};ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:guest${n}@mail.example`,
      ),
    ],
  }),
  alarm: (_, start) => ({
    lines: [
      `DTSTART:${basicDateTime(start)}`,
      'DURATION:PT1H',
      'BEGIN:VALARM',
      'ACTION:DISPLAY',
      'DESCRIPTION:soon',
      'TRIGGER:-PT15M',
      'END:VALARM',
    ],
  }),
  todo: (random, start) => ({
    component: 'VTODO',
    lines: [
      `DUE:${basicDateTime(start)}`,
      `PRIORITY:${random.int(1, 9)}`,
      random.pick(['STATUS:NEEDS-ACTION', 'STATUS:IN-PROCESS']),
    ],
  }),
  journal: (_, start) => ({
    component: 'VJOURNAL',
    lines: [`DTSTART;VALUE=DATE:${date(start)}`, 'DESCRIPTION:Rain\\, then sun.'],
  }),
  'long-text': (random, start) => ({
    lines: [
      `DTSTART:${basicDateTime(start)}`,
      'DURATION:PT1H',
      `DESCRIPTION:${escaped(`${'Ein langer Satz über Äpfel; und, mehr.\n'.repeat(random.int(20, 200))}終わり`)}`,
    ],
  }),
  'inline-attachment': (random, start) => ({
    lines: [
      `DTSTART:${basicDateTime(start)}`,
      'DURATION:PT1H',
      `ATTACH;FMTTYPE=image/png;ENCODING=BASE64;VALUE=BINARY:${random.bytes(random.int(500, 20_000)).toString('base64')}`,
    ],
  }),
  'odd-time-zone': (_, start) => ({
    before: oddZone,
    lines: [`DTSTART;TZID="(UTC+05:45) Kathmandu, odd":${local(start)}`, 'DURATION:PT1H'],
  }),
  'unknown-properties': (random, start) => ({
    lines: [
      `DTSTART:${basicDateTime(start)}`,
      'DURATION:PT1H',
      `X-VENDOR-THING;X-PARAM="a:b;c":${random.word(40)}`,
      'CATEGORIES:Büro,Work',
      'CLASS:PRIVATE',
      'SEQUENCE:7',
    ],
  }),
}

const local = (ms: number): string => basicDateTime(ms).slice(0, 15)
const date = (ms: number): string => basicDateTime(ms).slice(0, 8)

const buildWith = (random: Random, wanted: CalendarKind | undefined): BuiltCalendarObject => {
  const kind = wanted ?? random.pick(calendarKinds)
  const uid = `${random.word(8)}-${random.word(12)}@calendar.example`
  const title = random.pick(titles)
  // Whole hours in July: no series begins in an hour that the change of clocks skips.
  const startMs = Date.UTC(2026, 6, random.int(1, 28), random.int(6, 16))
  const { before = [], component = 'VEVENT', lines, overrides = [] } = drafts[kind](random, startMs)
  const wrap = (own: readonly string[]) => [
    `BEGIN:${component}`,
    `UID:${uid}`,
    'DTSTAMP:20260101T000000Z',
    `SUMMARY:${escaped(title)}`,
    ...own,
    `END:${component}`,
  ]
  const bytes = contentLines([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Test builder//EN',
    ...before,
    ...wrap(lines),
    ...overrides.flatMap(wrap),
    'END:VCALENDAR',
  ])
  return { kind, uid, fileName: `${uid.slice(0, 21)}.ics`, title, component, bytes }
}

/** One calendar object: same seed and kind, same bytes. */
export const buildCalendarObject = (seed: number, kind?: CalendarKind): BuiltCalendarObject =>
  buildWith(seededRandom(seed), kind)

/** As many as wanted, every kind in turn. */
export function* buildCalendarObjects(
  seed: number,
  count: number,
  kinds: readonly CalendarKind[] = calendarKinds,
): Generator<BuiltCalendarObject> {
  const random = seededRandom(seed)
  for (let n = 0; n < count; n++) yield buildWith(random, kinds[n % kinds.length])
}
