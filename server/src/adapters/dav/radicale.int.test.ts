import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectInto } from '../../../testkit/collect-items.ts'
import { eventObject, vCard } from '../../../testkit/dav-objects.ts'
import { needs } from '../../../testkit/servers/needs.ts'
import { type Radicale, startRadicale } from '../../../testkit/servers/radicale.ts'
import { sourceContract } from '../../ports/source.contract.ts'
import type { DavSourceSpec, Source } from '../../ports/source.ts'
import { openDavSource } from './dav-source.ts'

const users = { anna: 'geheim', bruno: 'ändéres' }
const never = new AbortController().signal
const password = { method: 'password', userName: 'anna', password: users.anna } as const

describe.skipIf(!needs('radicale'))('Radicale', () => {
  for (const kind of ['calendar', 'contact'] as const) {
    sourceContract(`Radicale, ${kind}`, async () => {
      const radicale = await startRadicale({ users })
      const anna = radicale.as('anna')
      const [make, type, body] =
        kind === 'calendar'
          ? ([anna.makeCalendar, 'text/calendar', eventObject] as const)
          : ([anna.makeAddressBook, 'text/vcard', vCard] as const)
      await make('/anna/full/', { displayName: 'Full' })
      await make('/anna/nothing/', { displayName: 'Empty' })
      const items: Buffer[] = []
      for (let no = 0; no < 30; no += 1) {
        const path = `/anna/full/object%20${no}`
        await anna.put(path, body(`uid-${no}`, `Nummer ${no} äß & <b> ]]>`), type)
        items.push(await anna.get(path))
      }
      return {
        open: (signal) =>
          openDavSource({ technology: 'dav', kind, url: radicale.url, auth: password, timeoutMs: 10_000 }, signal),
        holds: [
          { path: ['Full'], items },
          { path: ['Empty'], items: [] },
        ],
        absentRef: '/anna/full/~absent',
        stop: radicale.stop,
      }
    })
  }

  describe('a source over Radicale', () => {
    let radicale: Radicale
    const opened: Source[] = []
    const open = async (changes: Partial<DavSourceSpec> = {}): Promise<Source> => {
      const source = await openDavSource(
        { technology: 'dav', kind: 'calendar', url: radicale.url, auth: password, timeoutMs: 10_000, ...changes },
        never,
      )
      opened.push(source)
      return source
    }
    const names = async (source: Source) => (await source.folders(never)).map(({ serverName }) => serverName)

    beforeAll(async () => {
      radicale = await startRadicale({ users })
      const anna = radicale.as('anna')
      await anna.makeCalendar('/anna/work/', {
        displayName: 'Büro & <Alltag>',
        color: '#ff0000ff',
        description: 'a\nb',
      })
      await anna.makeCalendar('/anna/twin-2/', { displayName: 'Twin', components: ['VTODO'] })
      await anna.makeCalendar('/anna/twin-1/', { displayName: 'Twin' })
      await anna.makeCalendar('/anna/number/', { displayName: '1.50' })
      await anna.makeCalendar('/anna/unnamed%20one/')
      await anna.makeAddressBook('/anna/friends/', { displayName: 'Freunde' })
      await radicale.as('bruno').makeCalendar('/bruno/own/', { displayName: 'Bruno' })
      for (let no = 0; no < 5; no += 1) {
        await anna.put(`/anna/work/e%20${no}.ics`, eventObject(`e-${no}`, `Treffen ${no}`), 'text/calendar')
      }
    })
    afterAll(async () => {
      for (const source of opened) await source.close()
      await radicale?.stop()
    })

    test('finds all calendars with their properties, and no address book among them', async () => {
      const folders = await (await open()).folders(never)
      expect(folders.map(({ path, serverName }) => [...path, serverName])).toEqual([
        ['1.50', '/anna/number/'],
        ['Büro & <Alltag>', '/anna/work/'],
        ['Twin', '/anna/twin-1/'],
        ['Twin', '/anna/twin-2/'],
        ['anna/unnamed one', '/anna/unnamed%20one/'],
      ])
      const work = folders[1]!
      expect(work).toMatchObject({ kind: 'calendar', isSelectable: true, generation: null })
      expect(work.properties).toMatchObject({
        displayName: 'Büro & <Alltag>',
        color: '#ff0000ff',
        description: 'a\nb',
        components: 'VEVENT,VTODO,VJOURNAL',
        owner: '/anna/',
        syncToken: expect.stringMatching(/^http/),
        ctag: expect.stringMatching(/./),
        reports: expect.stringContaining('sync-collection'),
      })
      expect(folders[3]!.properties.components).toBe('VTODO')
      expect(await names(await open({ kind: 'contact' }))).toEqual(['/anna/friends/'])
    })

    test('starts from the principal, the home set or a single collection just as well', async () => {
      for (const path of ['anna/', 'anna']) {
        expect(await names(await open({ url: radicale.url + path }))).toHaveLength(5)
      }
      expect(await names(await open({ url: `${radicale.url}anna/work/` }))).toEqual(['/anna/work/'])
    })

    test('keeps hrefs and ETags as the server spells them', async () => {
      const source = await open()
      const folder = (await source.folders(never)).find(({ serverName }) => serverName === '/anna/work/')!
      const { items } = await source.list(folder, never)
      expect(items.map(({ ref }) => ref)).toEqual([0, 1, 2, 3, 4].map((no) => `/anna/work/e%20${no}.ics`))
      const taken = collectInto()
      await source.read(
        folder,
        items.map(({ ref }) => ref),
        taken.sink,
        never,
      )
      for (const { ref, sizeBytes } of items) {
        const { headers } = await radicale.as('anna').raw('GET', String(ref))
        expect(taken.items.get(ref)!.facts.etag).toBe(headers.etag)
        expect(taken.items.get(ref)!.bytes.length).toBe(sizeBytes)
      }
    })

    test('tells what vanished between listing and reading', async () => {
      const anna = radicale.as('anna')
      await anna.put('/anna/twin-1/gone.ics', eventObject('gone', 'soon gone'), 'text/calendar')
      await anna.put('/anna/twin-1/here.ics', eventObject('here', 'stays'), 'text/calendar')
      const source = await open()
      const folder = (await source.folders(never)).find(({ serverName }) => serverName === '/anna/twin-1/')!
      const { items } = await source.list(folder, never)
      await anna.remove('/anna/twin-1/gone.ics')
      const taken = collectInto()
      await source.read(
        folder,
        items.map(({ ref }) => ref),
        taken.sink,
        never,
      )
      expect([...taken.items.keys()]).toEqual(['/anna/twin-1/here.ics'])
      expect(taken.issues).toMatchObject([{ ref: '/anna/twin-1/gone.ics', code: 'vanished', isLost: true }])
      await anna.remove('/anna/twin-1/')
      await expect(source.list(folder, never)).rejects.toMatchObject({ code: 'source_gone' })
      await anna.makeCalendar('/anna/twin-1/', { displayName: 'Twin' })
    })

    test('leaves the files of the server as they are', async () => {
      const contents = async () => {
        const files = await readdir(radicale.collectionsPath, { withFileTypes: true, recursive: true })
        // The cache is the server's own affair; it keeps its sync tokens there.
        const kept = files.filter((file) => file.isFile() && !file.parentPath.includes('.Radicale.cache'))
        const paths = kept.map((file) => join(file.parentPath, file.name)).sort()
        return Promise.all(paths.map(async (path) => [path, await readFile(path, 'base64')]))
      }
      const before = await contents()
      const source = await open()
      for (const folder of await source.folders(never)) {
        const { items } = await source.list(folder, never)
        await source.read(
          folder,
          items.map(({ ref }) => ref),
          collectInto().sink,
          never,
        )
      }
      expect(await contents()).toEqual(before)
    })

    test('says that the password is wrong', async () => {
      const auth = { ...password, password: 'falsch' }
      await expect(open({ auth })).rejects.toMatchObject({ code: 'source_sign_in_refused' })
      const own = { method: 'password', userName: 'bruno', password: users.bruno } as const
      expect(await names(await open({ auth: own }))).toEqual(['/bruno/own/'])
    })

    test('trusts the authority it is given, and no other', async () => {
      const own = await startRadicale({ users, tls: true })
      try {
        await own.as('anna').makeCalendar('/anna/work/')
        const ca = own.ca!
        expect(await names(await open({ url: own.url, ca }))).toEqual(['/anna/work/'])
        await expect(open({ url: own.url })).rejects.toMatchObject({ code: 'source_certificate' })
        await expect(open({ url: `https://127.0.0.1:${new URL(radicale.url).port}/`, ca })).rejects.toMatchObject({
          code: 'source_unreachable',
        })
      } finally {
        await own.stop()
      }
    })

    test('loses the source, not the process, when the server is killed', async () => {
      const own = await startRadicale({ users })
      await own.as('anna').makeCalendar('/anna/work/')
      await own.as('anna').put('/anna/work/one.ics', eventObject('one', 'one'), 'text/calendar')
      const source = await open({ url: own.url })
      const folder = (await source.folders(never))[0]!
      await own.stop()
      await expect(source.list(folder, never)).rejects.toMatchObject({ code: 'source_unreachable' })
      await source.close()
    })
  })
})
