import { Buffer } from 'node:buffer'
import { itemKinds } from '@stillbox/shared/vocabulary/item-kind.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SourceFolder } from '../../ports/source.ts'
import { compareFolders, createLayout, folderLabel, nameLimit, segmentLimitBytes } from './archive-layout.ts'
import { nameKey, safeName } from './safe-name.ts'

const folder = (kind: SourceFolder['kind'], path: readonly string[], serverName = path.join('/')): SourceFolder => ({
  kind,
  path,
  serverName,
  isSelectable: true,
  generation: kind === 'mail' ? '1' : null,
  properties: {},
})
const mail = (...path: string[]) => folder('mail', path)
const directoriesOf = (...folders: SourceFolder[]) =>
  createLayout([...folders].sort(compareFolders)).folders.map(({ directory }) => directory)
const subjectName = (title: string) => createLayout([mail('INBOX')]).entryName(0, 12, title)

const nastyPieces = [
  ...[
    '..',
    '.',
    '/',
    '\\',
    ':',
    '*',
    '?',
    '"',
    '<',
    '>',
    '|',
    ' ',
    '\t',
    '\r\n',
    '\0',
    '\u007f',
    '~',
    '%',
    '%2F',
    '%00',
  ],
  ...['CON', 'nul', 'COM1', 'lpt9', 'aux.txt', 'com¹', '.eml', '.ics', '.vcf', '000012 a.eml', 'items.jsonl'],
  ...['\u202e', '\u200b', '\ufeff', '\u200d', '\u2066', '\ud800', '\udc00', '\ufffe', '\u{e0041}', '\ue000'],
  ...[
    'é',
    'e\u0301',
    'É',
    'ß',
    'SS',
    'İ',
    'ı',
    'ﬁ',
    '\u212a',
    '가',
    '\u1100\u1161',
    'Ⅸ',
    '👩‍👩‍👧‍👦',
    '🇩🇪',
    'a\u0300\u0301\u0302',
  ],
  ...['x'.repeat(90), 'ü'.repeat(60), '日'.repeat(50), `a${'\u0301'.repeat(150)}`, 'a', 'A', 'b', ''],
]
const nasty = fc
  .array(
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...nastyPieces) }, fc.string({ unit: 'binary', maxLength: 6 })),
    {
      maxLength: 5,
    },
  )
  .map((pieces) => pieces.join(''))

/** What Windows, macOS and Linux all take, each rule by itself. */
const expectSafe = (name: string): void => {
  expect(name.isWellFormed()).toBe(true)
  expect(name).toBe(name.normalize('NFC'))
  expect(name.length).toBeLessThanOrEqual(nameLimit)
  for (const segment of name.split('/')) {
    expect(segment).not.toMatch(/^$|^\.|[. ]$|^ /)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(segment).not.toMatch(/[\u0000-\u001f\u007f-\u009f\\:*?"<>|]/)
    expect(segment).not.toMatch(/[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u00ad]/)
    expect(segment).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i)
    expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(segmentLimitBytes)
  }
}

describe('whatever a server says', () => {
  test('no name of a folder or combined file is unsafe, and no two are one file anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            kind: fc.constantFrom(...itemKinds),
            path: fc.array(nasty, { minLength: 1, maxLength: 6 }),
            serverName: nasty,
          }),
          { minLength: 1, maxLength: 25 },
        ),
        (wild) => {
          const folders = wild.map(({ kind, path, serverName }) => folder(kind, path, serverName)).sort(compareFolders)
          const layout = createLayout(folders)
          const names = layout.folders.flatMap(({ directory, combinedEntry }) =>
            [directory, combinedEntry ?? []].flat(),
          )
          names.forEach(expectSafe)
          expect(new Set(names.map(nameKey)).size).toBe(names.length)
          expect(new Set(layout.folders.map(({ label }, index) => `${folders[index]!.kind} ${label}`)).size).toBe(
            folders.length,
          )
          expect(createLayout(folders).folders).toEqual(layout.folders)
          // Items never have the name of a directory or a combined file.
          const items = folders.map((_, index) =>
            layout.entryName(index, folders[index]!.kind === 'mail' ? 12 : `${folders[index]!.serverName}a.ics`, 'a'),
          )
          items.forEach(expectSafe)
          expect(new Set([...names, ...items].map(nameKey)).size).toBe(names.length + items.length)
        },
      ),
      { numRuns: 400 },
    )
  })

  test('no two messages of a folder have one name, whatever their subjects', () => {
    fc.assert(
      fc.property(
        nasty,
        nasty,
        fc.integer({ min: 1, max: 4294967295 }),
        fc.integer({ min: 1, max: 4294967295 }),
        (a, b, x, y) => {
          const layout = createLayout([mail('INBOX')])
          const [one, other] = [layout.entryName(0, x, a), layout.entryName(0, y, b)]
          expectSafe(one)
          expect(nameKey(one) === nameKey(other)).toBe(x === y && nameKey(one) === nameKey(layout.entryName(0, y, b)))
          if (x !== y) expect(nameKey(one)).not.toBe(nameKey(other))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('no two objects of a collection have one name', () => {
    const hrefs = fc
      .tuple(fc.constantFrom('', '/dav/work/', '/dav/Work/', 'https://x/dav/work/', '/dav/work'), nasty)
      .map((parts) => parts.join('').toWellFormed())
    fc.assert(
      fc.property(
        fc.uniqueArray(hrefs, { maxLength: 30 }),
        fc.constantFrom('/dav/work/', '/dav/work', 'Work'),
        (all, name) => {
          const layout = createLayout([folder('calendar', ['Work'], name)])
          const names = all.map((href) => layout.entryName(0, href, 'same title'))
          names.forEach(expectSafe)
          expect(new Set(names.map(nameKey)).size).toBe(all.length)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('names a person can read', () => {
  test.each([
    ['Re: Angebot "Q3"?', 'mail/INBOX/000012 Re_ Angebot _Q3__.eml'],
    ['', 'mail/INBOX/000012.eml'],
    ['  \r\n\t folded\r\n subject ', 'mail/INBOX/000012 folded subject.eml'],
    ['../../etc/passwd', 'mail/INBOX/000012 ___.._etc_passwd.eml'],
    ['evil\u202egpj.exe', 'mail/INBOX/000012 evilgpj.exe.eml'],
    ['e\u0301te\u0301', 'mail/INBOX/000012 été.eml'],
    ['half \ud83d', 'mail/INBOX/000012 half \ufffd.eml'],
    ['ends with dots...', 'mail/INBOX/000012 ends with dots.eml'],
  ])('subject %j', (title, name) => expect(subjectName(title)).toBe(name))

  test('are cut between characters as a person sees them', () => {
    const name = subjectName('👨‍👩‍👧'.repeat(40))
    expect(Buffer.byteLength(name.split('/').at(-1)!)).toBeLessThanOrEqual(segmentLimitBytes)
    expect(name).toMatch(/^mail\/INBOX\/000012 (👨👩👧)+👨?👩?\.eml$/u)
    expect(safeName('e\u0301'.repeat(3), 6)).toBe('éé')
    expect(safeName('🇩🇪🇫🇷', 14)).toBe('🇩🇪')
  })

  test('of large UIDs keep all digits', () => {
    expect(createLayout([mail('INBOX')]).entryName(0, 4294967295, 'x')).toBe('mail/INBOX/4294967295 x.eml')
  })

  test.each([
    ['/dav/work/3f2a-11.ics', 'calendar/Work/3f2a-11.ics'],
    ['/dav/work/mail@example.org.ics', 'calendar/Work/mail@example.org.ics'],
    ['/dav/work/ABC.ics', /^calendar\/Work\/ABC ~[0-9a-f]{20}\.ics$/],
    ['/dav/other/3f2a-11.ics', /^calendar\/Work\/3f2a-11 ~[0-9a-f]{20}\.ics$/],
    ['/dav/work/con.ics', /^calendar\/Work\/_con ~[0-9a-f]{20}\.ics$/],
    ['/dav/work/a%2Fb.ics', /^calendar\/Work\/a_b ~[0-9a-f]{20}\.ics$/],
    ['/dav/work/', /^calendar\/Work\/work ~[0-9a-f]{20}\.ics$/],
    ['', /^calendar\/Work\/item ~[0-9a-f]{20}\.ics$/],
  ])('href %j', (href, name) => {
    const layout = createLayout([folder('calendar', ['Work'], '/dav/work/')])
    if (typeof name === 'string') expect(layout.entryName(0, href, 'any')).toBe(name)
    else expect(layout.entryName(0, href, 'any')).toMatch(name)
  })
})

describe('folders', () => {
  test('keep their names and their nesting', () => {
    expect(
      directoriesOf(mail('INBOX'), mail('INBOX', 'Sub'), mail('Entwürfe'), folder('contact', ['Friends'])),
    ).toEqual(['mail/Entwürfe', 'mail/INBOX', 'mail/INBOX/Sub', 'contacts/Friends'])
  })

  test('that differ in case or composition alone get different names, the first in canonical order its own', () => {
    const [upper, lower] = directoriesOf(mail('archive'), mail('ARCHIVE'))
    expect(upper).toBe('mail/ARCHIVE')
    expect(lower).toMatch(/^mail\/archive ~[0-9a-f]{20}$/)
    const [decomposed, composed] = directoriesOf(mail('\u00e9'), mail('e\u0301'))
    expect(decomposed).toBe('mail/é')
    expect(composed).toMatch(/^mail\/é ~/)
  })

  test('of children follow the parent they belong to', () => {
    const names = directoriesOf(mail('A'), mail('A', 'x'), mail('a'), mail('a', 'x'))
    expect(names.slice(0, 2)).toEqual(['mail/A', 'mail/A/x'])
    expect(names[3]).toBe(`${names[2]}/x`)
  })

  test('with names like those of items get others', () => {
    expect(directoriesOf(mail('000001 a.eml'), folder('calendar', ['a.ics']), folder('calendar', ['a']))).toEqual([
      'mail/000001 a.eml_',
      'calendar/a',
      'calendar/a.ics_',
    ])
  })

  test('nested a hundred deep stay short and apart', () => {
    const path = Array.from({ length: 100 }, (_, index) => `level ${index}`)
    const folders = path.map((_, index) => mail(...path.slice(0, index + 1)))
    const layout = createLayout(folders)
    const names = layout.folders.map((_, index) => layout.entryName(index, 1, 'subject '.repeat(30)))
    names.forEach(expectSafe)
    expect(new Set(names.map(nameKey)).size).toBe(100)
    expect(names[3]).toMatch(/^mail\/level 0\/level 1\/level 2\/level 3\/000001 subject/)
  })

  test('of one path have labels and directories of their own', () => {
    const layout = createLayout([folder('calendar', ['Work'], '/a/'), folder('calendar', ['Work'], '/b/')])
    expect(layout.folders.map(({ label }) => label)).toEqual(['Work', 'Work%~2'])
    expect(layout.folders[0]!.directory).not.toBe(layout.folders[1]!.directory)
  })

  test('out of canonical order are a mistake', () => {
    expect(() => createLayout([mail('b'), mail('a')])).toThrow('canonical')
  })
})

test('a label tells a path, and no two paths have the same', () => {
  expect(folderLabel(['INBOX', '50% a/b', ''])).toBe('INBOX/50%25 a%2Fb/')
  const paths = fc.array(fc.string({ unit: fc.constantFrom('/', '%', '2', 'F', 'a') }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(paths, paths, (a, b) => {
      expect(folderLabel(a) === folderLabel(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
    }),
  )
})
