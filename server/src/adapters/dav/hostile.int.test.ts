import { createServer } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { collectInto } from '../../../testkit/collect-items.ts'
import {
  type HostileDav,
  type HostileOptions,
  type HostileRule,
  someObjects,
  startHostileDav,
} from '../../../testkit/hostile/dav-server.ts'
import { makeCertificate } from '../../../testkit/servers/certificate.ts'
import { ownFolder } from '../../../testkit/servers/child.ts'
import type { DavSourceSpec, Source, SourceFolder } from '../../ports/source.ts'
import { openDavSource } from './dav-source.ts'

const never = new AbortController().signal
const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const start = async (options: HostileOptions): Promise<HostileDav> => {
  const server = await startHostileDav(options)
  cleanUps.push(server.stop)
  return server
}
const open = async (server: HostileDav, changes: Partial<DavSourceSpec> = {}, signal = never): Promise<Source> => {
  const auth = { method: 'password', userName: 'anna', password: 'geheim' } as const
  const source = await openDavSource(
    { technology: 'dav', kind: 'calendar', url: server.url, auth, timeoutMs: 5_000, ...changes },
    signal,
  )
  cleanUps.push(source.close)
  return source
}
const withRules = (...rules: HostileRule[]): HostileOptions => ({ objects: someObjects(10), rules })
const onObject = (no: number): RegExp => new RegExp(`/object-${no}\\.ics$`)
const onCollection = /^\/home\/one\/$/

/** Opens, lists and reads the one collection of the server. */
const readAll = async (options: HostileOptions, changes: Partial<DavSourceSpec> = {}) => {
  const server = await start(options)
  const source = await open(server, changes)
  const folder = (await source.folders(never))[0] as SourceFolder
  const listing = await source.list(folder, never)
  const refs = listing.items.map(({ ref }) => ref)
  const taken = collectInto()
  await source.read(folder, refs, taken.sink, never)
  for (const [ref, { bytes }] of taken.items) expect(bytes.equals(options.objects.get(String(ref))!)).toBe(true)
  // However the server behaves: each ref comes out once.
  expect(taken.items.size + taken.issues.length).toBe(refs.length)
  return { server, source, folder, listing, taken }
}

describe('a DAV source reads a server that cuts its answers short', () => {
  test('takes all 1,971 objects where a multiget would give 1,000', async () => {
    const { taken, listing } = await readAll({ objects: someObjects(1_971), reportCap: 1_000 })
    expect(listing.expectedCount).toBe(1_971)
    expect(taken.items.size).toBe(1_971)
    expect(taken.issues).toEqual([])
  })

  test('finds by sync-collection what the plain listing leaves out, page by page', async () => {
    const { taken, listing } = await readAll({
      objects: someObjects(250),
      syncPage: 40,
      listed: (paths) => paths.slice(0, 100),
    })
    expect(listing).toMatchObject({ expectedCount: 250, issues: [] })
    expect(taken.items.size).toBe(250)
  })

  test('finds by a query what a listing says it left out', async () => {
    const options = {
      objects: someObjects(50),
      saysCut: true,
      listed: (paths: readonly string[]) => paths.slice(0, 20),
    }
    const { taken, listing } = await readAll(options)
    expect(listing).toMatchObject({ expectedCount: 50, issues: [] })
    expect(taken.items.size).toBe(50)
  })

  test('finds by a query what a listing leaves out without a word, where there is no sync-collection', async () => {
    const { taken, listing } = await readAll({ objects: someObjects(50), listed: (paths) => paths.slice(0, 20) })
    expect(listing).toMatchObject({ expectedCount: 50, issues: [] })
    expect(taken.items.size).toBe(50)
  })

  test('takes the plain listing where nothing else counts', async () => {
    for (const syncPage of [undefined, 40]) {
      const { listing } = await readAll({
        objects: someObjects(10),
        ...(syncPage === undefined ? {} : { syncPage }),
        rules: [{ method: 'REPORT', misdeed: { act: 'status', status: 403 } }],
      })
      expect(listing).toMatchObject({ expectedCount: 10, issues: [] })
    }
  })

  test('asks by a query where sync-collection is offered and does not work', async () => {
    const { listing } = await readAll({
      objects: someObjects(50),
      syncPage: 40,
      listed: (paths) => paths.slice(0, 20),
      rules: [{ method: 'REPORT', times: 1, misdeed: { act: 'status', status: 403 } }],
    })
    expect(listing).toMatchObject({ expectedCount: 50, issues: [] })
  })

  test('says so when what was left out is named nowhere', async () => {
    const { listing } = await readAll({
      objects: someObjects(10),
      saysCut: true,
      listed: (paths) => paths.slice(0, 5),
      rules: [{ method: 'REPORT', misdeed: { act: 'status', status: 501 } }],
    })
    expect(listing.expectedCount).toBe(5)
    expect(listing.issues).toMatchObject([{ ref: null, code: 'not_listed', isLost: true }])
  })
})

describe('a DAV source accounts for every object', () => {
  test.each([
    [404, 'vanished'],
    [410, 'vanished'],
    [401, 'fetch_refused'],
    [403, 'fetch_refused'],
    [500, 'fetch_refused'],
    [204, 'not_returned'],
  ])('one that is answered %i comes out as %s', async (status, code) => {
    const { taken } = await readAll(withRules({ path: onObject(3), misdeed: { act: 'status', status } }))
    expect(taken.items.size).toBe(9)
    expect(taken.issues).toMatchObject([{ ref: '/home/one/object-3.ics', code, isLost: true }])
  })

  test.each([
    ['a 500', { act: 'status', status: 500 }],
    ['a 503 with Retry-After', { act: 'status', status: 503, headers: { 'retry-after': '1' } }],
    ['a 429', { act: 'status', status: 429 }],
    ['a cut in the middle', { act: 'cut', bytes: 20 }],
    ['a cut before the answer', { act: 'hang-up' }],
  ] as const)('asks again after %s', async (_, misdeed) => {
    const { taken } = await readAll(withRules({ path: onObject(4), times: 1, misdeed }))
    expect(taken.issues).toEqual([])
    expect(taken.items.size).toBe(10)
  })

  test.each([
    ['cut in the middle', { act: 'cut', bytes: 20 }],
    ['cut before the answer', { act: 'hang-up' }],
    ['stopped in the middle', { act: 'stall', bytes: 20 }],
  ] as const)('goes on without one that is %s each time', async (_, misdeed) => {
    const { taken } = await readAll(withRules({ path: onObject(5), misdeed }), { timeoutMs: 500 })
    expect(taken.items.size).toBe(9)
    expect(taken.issues).toMatchObject([{ ref: '/home/one/object-5.ics', code: 'not_returned', isLost: true }])
  })

  test('never sends its credentials to another server, and goes on', async () => {
    const heard: string[] = []
    const other = createServer((request, answer) => {
      heard.push(String(request.headers.authorization))
      answer.end('BEGIN:VCALENDAR')
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    cleanUps.push(() => new Promise((resolve) => void other.close(() => resolve())))
    const address = other.address()
    if (!address || typeof address !== 'object') throw new Error('no port')
    const elsewhere = `http://127.0.0.1:${address.port}/object.ics`
    const { taken } = await readAll({
      objects: someObjects(10),
      extraResponses: `<d:response><d:href>${elsewhere}</d:href><d:propstat><d:prop/><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`,
      rules: [{ path: onObject(6), misdeed: { act: 'status', status: 302, headers: { location: elsewhere } } }],
    })
    expect(taken.issues.map(({ ref, code }) => [ref, code]).sort()).toEqual([
      ['/home/one/object-6.ics', 'fetch_refused'],
      [elsewhere, 'fetch_refused'],
    ])
    expect(heard).toEqual([])
  })

  test('follows a redirect within the server', async () => {
    const objects = someObjects(10)
    objects.set('/home/one/moved.ics', objects.get('/home/one/object-7.ics')!)
    const headers = { location: '/home/one/moved.ics' }
    const rule = { path: onObject(7), misdeed: { act: 'status', status: 301, headers } } as const
    const { taken } = await readAll({ objects, rules: [rule], listed: (paths) => paths.slice(0, 10), reportCap: 10 })
    expect(taken.items.size).toBe(10)
  })

  test('does not take a web page for a calendar object, nor nothing for something', async () => {
    const { taken } = await readAll(
      withRules(
        { path: onObject(1), misdeed: { act: 'body', status: 200, type: 'text/html', body: '<html>Sign in</html>' } },
        { path: onObject(2), misdeed: { act: 'body', status: 200, type: 'text/calendar', body: '' } },
      ),
    )
    expect(taken.issues.map(({ ref, code }) => [ref, code]).sort()).toEqual([
      ['/home/one/object-1.ics', 'fetch_refused'],
      ['/home/one/object-2.ics', 'empty_body'],
    ])
  })

  test('that has an address of its own, were it by the query alone', async () => {
    const objects = someObjects(2)
    for (const id of [1, 2]) objects.set(`/home/one/get.ics?id=${id}&x`, Buffer.from(`BEGIN:VCALENDAR ${id}`))
    const { taken, listing } = await readAll({ objects })
    expect(listing.expectedCount).toBe(4)
    expect(taken.items.size).toBe(4)
  })

  test('keeps ETags as they come, quoted, weak or odd', async () => {
    const { taken } = await readAll({ objects: someObjects(3), etag: (path) => `W/"1e5 <&> ${path.length}"` })
    expect([...taken.items.values()].map(({ facts }) => facts.etag)).toEqual(Array(3).fill('W/"1e5 <&> 22"'))
  })

  test('refuses an object without end, and stays small', async () => {
    const before = process.memoryUsage().rss
    const chunk = 'x'.repeat(65_536)
    const { taken } = await readAll(
      withRules({
        path: onObject(8),
        misdeed: { act: 'endless', type: 'text/calendar', head: '', chunk: () => chunk },
      }),
    )
    expect(taken.issues).toMatchObject([{ ref: '/home/one/object-8.ics', code: 'fetch_refused' }])
    expect(taken.items.size).toBe(9)
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20)
  })

  test('opens no more connections than it has lanes', async () => {
    const { server } = await readAll({ objects: someObjects(300) })
    expect(server.connectionCount()).toBeLessThanOrEqual(5)
  })
})

describe('a DAV source behind a proxy that ends TLS, which names itself as if there were none', () => {
  const startBehind = async (options: HostileOptions) => {
    const folder = await ownFolder('dav-tls')
    cleanUps.push(folder.remove)
    const tls = await makeCertificate(folder.path)
    const server = await start({ ...options, tls, namesItself: 'http://127.0.0.1:8008' })
    return { server, source: await open(server, { ca: tls.ca }) }
  }

  test('is asked where it was reached, and with all that it holds', async () => {
    const { source } = await startBehind({
      objects: someObjects(5),
      hasSubfolder: true,
      rules: [
        { path: /^\/$/, misdeed: { act: 'status', status: 301, headers: { location: 'http://127.0.0.1/principal/' } } },
        { path: /^\/home\/sub\/$/, misdeed: { act: 'status', status: 500 } },
      ],
    })
    const folders = await source.folders(never)
    expect(folders.map(({ path }) => path)).toEqual([['One'], ['sub']])
    const listing = await source.list(folders[0]!, never)
    const taken = collectInto()
    await source.read(
      folders[0]!,
      listing.items.map(({ ref }) => ref),
      taken.sink,
      never,
    )
    expect([taken.items.size, taken.issues]).toEqual([5, []])
    // As the server gave them.
    expect([...taken.items.keys()][0]).toBe('http://127.0.0.1:8008/home/one/object-0.ics')
  })
})

describe('a DAV source looks into collections that hold others', () => {
  const withFolder = (misdeed: HostileRule['misdeed']): HostileOptions => ({
    objects: someObjects(3),
    hasSubfolder: true,
    rules: [{ method: 'PROPFIND', path: /^\/home\/sub\/$/, misdeed }],
  })

  test.each([403, 404, 501])('and leaves out one that is not for this user (%i)', async (status) => {
    const source = await open(await start(withFolder({ act: 'status', status })))
    expect((await source.folders(never)).map(({ path }) => path)).toEqual([['One']])
  })

  test.each([
    ['fails at it', { act: 'status', status: 500 }],
    ['answers nonsense', { act: 'body', status: 207, type: 'application/xml', body: '<d:multistatus' }],
  ] as const)(
    'and names one where the server %s, so that what lies in it is not lost without a word',
    async (_, misdeed) => {
      const source = await open(await start(withFolder(misdeed)))
      const folders = await source.folders(never)
      expect(folders.map(({ path }) => path)).toEqual([['One'], ['sub']])
      expect(await source.list(folders[1]!, never)).toMatchObject({
        expectedCount: 0,
        items: [],
        issues: [{ ref: null, code: 'folder_unreadable', isLost: true }],
      })
    },
  )
})

describe('a DAV source gives up with a code', () => {
  test.each([
    ['a sign-in that is refused', { act: 'status', status: 401 }, 'source_sign_in_refused'],
    ['a server that stays busy', { act: 'status', status: 503, headers: { 'retry-after': '120' } }, 'source_busy'],
    ['a server that throttles', { act: 'status', status: 429, headers: { 'retry-after': '120' } }, 'source_busy'],
    ['a server that is silent', { act: 'stall', bytes: 0 }, 'source_timeout'],
  ] as const)('for %s', async (_, misdeed, code) => {
    const server = await start(withRules({ misdeed }))
    await expect(open(server, { timeoutMs: 300 })).rejects.toMatchObject({ code })
  })

  test.each([
    ['Digest realm="dav", qop="auth", nonce="a, Basic b"', 'it answered 401, and takes Digest, not Basic'],
    ['Negotiate, NTLM', 'it answered 401, and takes Negotiate or NTLM, not Basic'],
    ['Bearer, Basic realm="dav"', 'it answered 401'],
    ['', 'it answered 401'],
  ])('that says why a password cannot help (%s)', async (challenge, reason) => {
    const headers: Record<string, string> = challenge === '' ? {} : { 'www-authenticate': challenge }
    const server = await start(withRules({ misdeed: { act: 'status', status: 401, headers } }))
    await expect(open(server)).rejects.toMatchObject({ code: 'source_sign_in_refused', details: { reason } })
  })

  const bomb =
    '<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' +
    '<d:multistatus xmlns:d="DAV:"><d:response><d:href>&b;</d:href></d:response></d:multistatus>'
  test.each([
    ['a document type', { act: 'body', status: 207, type: 'application/xml', body: bomb }, 'source_protocol'],
    ['no XML at all', { act: 'body', status: 207, type: 'application/xml', body: 'Sign in' }, 'source_protocol'],
    ['half an answer each time', { act: 'cut', bytes: 200 }, 'source_unreachable'],
    ['an answer that stops', { act: 'stall', bytes: 200 }, 'source_timeout'],
    ['a collection that is gone', { act: 'status', status: 404 }, 'source_gone'],
    [
      'a listing without end',
      {
        act: 'endless',
        type: 'application/xml',
        head: '<d:multistatus xmlns:d="DAV:">',
        chunk: () => `<d:response><d:href>/${'x'.repeat(1_000_000)}</d:href>`,
      },
      'source_protocol',
    ],
  ] as const)('for a listing that is %s', async (_, misdeed, code) => {
    const server = await start({ objects: someObjects(10) })
    const source = await open(server)
    const [folder] = await source.folders(never)
    const hostile = await start(withRules({ method: 'PROPFIND', path: onCollection, misdeed }))
    const other = await open(hostile, { timeoutMs: 500 })
    await expect(other.list(folder!, never)).rejects.toMatchObject({ code })
  })

  test('asks again for a listing that was cut once', async () => {
    const rule = { method: 'PROPFIND', path: onCollection, times: 1, misdeed: { act: 'cut', bytes: 200 } } as const
    const { taken } = await readAll(withRules(rule))
    expect(taken.items.size).toBe(10)
  })

  test('but only loses the collection that the server refuses to list', async () => {
    const rule = { method: 'PROPFIND', path: onCollection, misdeed: { act: 'status', status: 403 } } as const
    const { listing } = await readAll(withRules(rule))
    expect(listing).toMatchObject({ expectedCount: 0, items: [] })
    expect(listing.issues).toMatchObject([{ ref: null, code: 'folder_unreadable', isLost: true }])
  })

  test('when the sign-in is refused from an object on', async () => {
    const refused = { act: 'status', status: 401 } as const
    const server = await start(withRules({ path: onObject(2), misdeed: refused }))
    const source = await open(server)
    const [folder] = await source.folders(never)
    const hostile = await start(
      withRules({ path: onObject(2), misdeed: refused }, { method: 'PROPFIND', path: onCollection, misdeed: refused }),
    )
    const other = await open(hostile)
    const refs = [...someObjects(10).keys()]
    await expect(other.read(folder!, refs, collectInto().sink, never)).rejects.toMatchObject({
      code: 'source_sign_in_refused',
    })
  })

  test('when objects stop arriving and the server with them', async () => {
    const stall = { act: 'stall', bytes: 10 } as const
    const server = await start(
      withRules({ path: onObject(2), misdeed: stall }, { method: 'PROPFIND', path: onCollection, misdeed: stall }),
    )
    const source = await open(server, { timeoutMs: 300 })
    const [folder] = await source.folders(never)
    const refs = [...someObjects(10).keys()]
    await expect(source.read(folder!, refs, collectInto().sink, never)).rejects.toMatchObject({
      code: 'source_timeout',
    })
  })

  test('with the reason of the signal, at once, while an object drips', async () => {
    const server = await start(withRules({ path: onObject(2), misdeed: { act: 'drip', everyMs: 100 } }))
    const source = await open(server)
    const [folder] = await source.folders(never)
    const controller = new AbortController()
    const reason = new Error('cancelled by the test')
    const startedAt = Date.now()
    setTimeout(() => controller.abort(reason), 400)
    const refs = [...someObjects(10).keys()]
    await expect(source.read(folder!, refs, collectInto().sink, controller.signal)).rejects.toBe(reason)
    expect(Date.now() - startedAt).toBeLessThan(5_000)
  })

  test('for a sign-in that HTTP cannot express', async () => {
    const server = await start(withRules())
    const auth = { method: 'plain-authzid', userName: 'service', password: 'x', authorizationId: 'anna' } as const
    await expect(open(server, { auth })).rejects.toMatchObject({ code: 'source_sign_in_refused' })
    expect(server.requests).toEqual([])
  })
})

describe('a DAV source signs in with a token', () => {
  const startEndpoint = async (answer: (body: URLSearchParams) => { status: number; body: string }) => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { status, body } = answer(new URLSearchParams(Buffer.concat(chunks).toString('utf8')))
        response.writeHead(status, { 'content-type': 'application/json' }).end(body)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanUps.push(() => new Promise((resolve) => void server.close(() => resolve())))
    const address = server.address()
    if (!address || typeof address !== 'object') throw new Error('no port')
    const parameters = { audience: 'user:{userName}' }
    const tokenEndpoint = {
      url: `http://127.0.0.1:${address.port}/token`,
      clientId: 'id',
      clientSecret: 's',
      parameters,
    }
    return { method: 'xoauth2', userName: 'anna', tokenEndpoint } as const
  }

  test('asks for one and takes a new one when it has run out', async () => {
    const asked: URLSearchParams[] = []
    const auth = await startEndpoint((body) => {
      asked.push(body)
      return { status: 200, body: JSON.stringify({ access_token: `token-${asked.length}`, token_type: 'Bearer' }) }
    })
    const { server } = await readAll(
      withRules({ path: onObject(9), times: 1, misdeed: { act: 'status', status: 401 } }),
      { auth },
    )
    expect(asked).toHaveLength(2)
    expect(Object.fromEntries(asked[0]!)).toMatchObject({
      grant_type: 'client_credentials',
      client_id: 'id',
      client_secret: 's',
      audience: 'user:anna',
    })
    expect([...server.authorizations]).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  test('says that the endpoint refuses', async () => {
    const auth = await startEndpoint(() => ({ status: 400, body: '{"error":"invalid_client"}' }))
    await expect(open(await start(withRules()), { auth })).rejects.toMatchObject({ code: 'source_sign_in_refused' })
  })
})
