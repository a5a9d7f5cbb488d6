import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectInto } from '../../../testkit/collect-items.ts'
import { needs } from '../../../testkit/servers/needs.ts'
import { type Radicale, startRadicale } from '../../../testkit/servers/radicale.ts'
import type { DavSourceSpec, Source } from '../../ports/source.ts'
import { openDavSource } from './dav-source.ts'

const users = { anna: 'geheim', bruno: 'anderes' }
const never = new AbortController().signal
const event = (uid: string, summary: string) =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\n` +
  `DTSTART:20260102T090000Z\r\nSUMMARY:${summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`
const card = (uid: string, name: string) =>
  `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:${uid}\r\nFN:${name}\r\nN:${name};;;;\r\nEND:VCARD\r\n`

describe.skipIf(!needs('radicale'))('a DAV source reads Radicale', () => {
  let radicale: Radicale
  const opened: Source[] = []
  const open = async (changes: Partial<DavSourceSpec> = {}, signal = never): Promise<Source> => {
    const source = await openDavSource(
      {
        technology: 'dav',
        kind: 'calendar',
        url: radicale.url,
        auth: { method: 'password', userName: 'anna', password: users.anna },
        timeoutMs: 10_000,
        ...changes,
      },
      signal,
    )
    opened.push(source)
    return source
  }

  beforeAll(async () => {
    radicale = await startRadicale({ users })
    const anna = radicale.as('anna')
    await anna.makeCalendar('/anna/work/', { displayName: 'Büro & <Alltag>', color: '#ff0000ff', description: 'a\nb' })
    await anna.makeCalendar('/anna/twin-2/', { displayName: 'Twin', components: ['VTODO'] })
    await anna.makeCalendar('/anna/twin-1/', { displayName: 'Twin' })
    await anna.makeCalendar('/anna/number/', { displayName: '1.50' })
    await anna.makeAddressBook('/anna/friends/', { displayName: 'Freunde' })
    for (let no = 0; no < 120; no += 1) {
      await anna.put(`/anna/work/e%20${no}.ics`, event(`e-${no}`, `Treffen ${no} ünï & <x> ]]>`), 'text/calendar')
    }
    await anna.put('/anna/friends/eve.vcf', card('eve', 'Eve'), 'text/vcard')
  })
  afterAll(async () => {
    for (const source of opened) await source.close()
    await radicale?.stop()
  })

  test('finds all calendars with their properties, and no address book among them', async () => {
    const source = await open()
    const folders = await source.folders(never)
    expect(folders.map(({ path, serverName }) => [...path, serverName])).toEqual([
      ['1.50', '/anna/number/'],
      ['Büro & <Alltag>', '/anna/work/'],
      ['Twin', '/anna/twin-1/'],
      ['Twin', '/anna/twin-2/'],
    ])
    const work = folders[1]!
    expect(work).toMatchObject({ kind: 'calendar', isSelectable: true, generation: null })
    expect(work.properties).toMatchObject({
      displayName: 'Büro & <Alltag>',
      color: '#ff0000ff',
      description: 'a\nb',
      components: 'VEVENT,VTODO,VJOURNAL',
    })
    expect(work.properties.ctag).toMatch(/./)
    expect(work.properties.syncToken).toMatch(/^http/)
    expect(work.properties.owner).toBe('/anna/')
    expect(folders[3]!.properties.components).toBe('VTODO')
  })

  test('reads every object byte for byte as the server sends it', async () => {
    const source = await open()
    const folder = (await source.folders(never)).find(({ serverName }) => serverName === '/anna/work/')!
    const listing = await source.list(folder, never)
    expect(listing).toMatchObject({ expectedCount: 120, issues: [] })
    const refs = listing.items.map(({ ref }) => ref)
    expect(refs).toEqual([...refs].sort())
    const taken = collectInto()
    await source.read(folder, refs, taken.sink, never)
    expect(taken.issues).toEqual([])
    expect(taken.items.size).toBe(120)
    for (const { ref, sizeBytes } of listing.items) {
      const answer = await radicale.as('anna').raw('GET', String(ref))
      const item = taken.items.get(ref)!
      expect(item.bytes.equals(answer.body)).toBe(true)
      expect(item.facts.etag).toBe(answer.headers.etag)
      expect(item.bytes.length).toBe(sizeBytes)
    }
  })
})
