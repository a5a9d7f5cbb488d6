import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectInto } from '../../../testkit/collect-items.ts'
import { eventObject, vCard } from '../../../testkit/dav-objects.ts'
import { type Cyrus, startCyrus } from '../../../testkit/servers/cyrus.ts'
import { needs } from '../../../testkit/servers/needs.ts'
import { sourceContract } from '../../ports/source.contract.ts'
import type { Source } from '../../ports/source.ts'
import { openDavSource } from './dav-source.ts'

const users = { anna: 'geheim' }
const never = new AbortController().signal

describe.skipIf(!needs('cyrus'))('Cyrus', () => {
  let cyrus: Cyrus
  const opened: Source[] = []
  const open = async (kind: 'calendar' | 'contact', path = '', signal = never): Promise<Source> => {
    const auth = { method: 'password', userName: 'anna', password: users.anna } as const
    const url = cyrus.davUrl + path
    const source = await openDavSource({ technology: 'dav', kind, url, auth, timeoutMs: 10_000 }, signal)
    opened.push(source)
    return source
  }
  beforeAll(async () => {
    cyrus = await startCyrus({ users })
  })
  afterAll(async () => {
    for (const source of opened) await source.close()
    await cyrus?.stop()
  })

  for (const kind of ['calendar', 'contact'] as const) {
    sourceContract(`Cyrus, ${kind}`, async () => {
      const anna = cyrus.as('anna')
      const root = kind === 'calendar' ? '/dav/calendars/user/anna/' : '/dav/addressbooks/user/anna/'
      const [type, body] =
        kind === 'calendar' ? (['text/calendar', eventObject] as const) : (['text/vcard', vCard] as const)
      // The first visit makes the user's default collection.
      await anna.raw('PROPFIND', root, { headers: { depth: '1' } })
      if (kind === 'calendar') await anna.makeCalendar(`${root}full/`, { displayName: 'Full' })
      else await anna.makeAddressBook(`${root}full/`, { displayName: 'Full' })
      const items: Buffer[] = []
      for (let no = 0; no < 30; no += 1) {
        const path = `${root}full/object%20${no}`
        await anna.put(path, body(`uid-${no}`, `Nummer ${no} äß & <b> ]]>`), type)
        items.push(await anna.get(path))
      }
      return {
        open: (signal) => open(kind, '', signal),
        holds: [
          { path: ['Full'], items },
          { path: ['personal'], items: [] },
        ],
        absentRef: `${root}full/~absent`,
        stop: async () => {},
      }
    })
  }

  test('leaves out the scheduling collections', async () => {
    const { body } = await cyrus
      .as('anna')
      .raw('PROPFIND', '/dav/calendars/user/anna/', { headers: { depth: '1', 'content-length': '0' } })
    expect(body.toString('utf8')).toContain('schedule-inbox')
    const folders = await (await open('calendar')).folders(never)
    expect(folders.map(({ serverName }) => serverName).sort()).toEqual([
      '/dav/calendars/user/anna/Default/',
      '/dav/calendars/user/anna/full/',
    ])
  })

  test('takes each vCard in the version it is stored in', async () => {
    const anna = cyrus.as('anna')
    const root = '/dav/addressbooks/user/anna/versions/'
    await anna.makeAddressBook(root, { displayName: 'Versions' })
    const cards = new Map([
      [`${root}three.vcf`, vCard('three', 'Drei')],
      [`${root}four.vcf`, vCard('four', 'Vier', '4.0')],
    ])
    for (const [path, card] of cards) await anna.put(path, card, 'text/vcard')
    // What makes this hard: left to itself, the server converts.
    expect((await anna.get(`${root}four.vcf`)).toString('utf8')).toContain('VERSION:3.0')

    const source = await open('contact')
    const folder = (await source.folders(never)).find(({ serverName }) => serverName === root)!
    const taken = collectInto()
    await source.read(folder, [...cards.keys()], taken.sink, never)
    for (const [path, card] of cards) expect(taken.items.get(path)!.bytes.toString('utf8')).toBe(card)
    await anna.remove(root)
  })

  test('opens the home of the user when the address names it', async () => {
    const folders = await (await open('contact', 'dav/addressbooks/user/anna/')).folders(never)
    expect(folders.length).toBeGreaterThan(0)
    for (const { serverName } of folders) expect(serverName).toMatch(/^\/dav\/addressbooks\/user\/anna\//)
  })
})
