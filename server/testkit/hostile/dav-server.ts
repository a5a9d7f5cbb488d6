import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

/** How one request is mistreated instead of being answered. */
export type Misdeed =
  | { readonly act: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly act: 'body'; readonly status: number; readonly type: string; readonly body: string | Buffer }
  /** Sends the head and `bytes` of the body, then cuts the connection. */
  | { readonly act: 'cut'; readonly bytes: number }
  /** Cuts the connection without a word. */
  | { readonly act: 'hang-up' }
  /** Sends `bytes` of the body and then nothing more. */
  | { readonly act: 'stall'; readonly bytes: number }
  /** One byte every `everyMs`. */
  | { readonly act: 'drip'; readonly everyMs: number }
  /** A multistatus, or a body of `chunk`, that never ends. */
  | { readonly act: 'endless'; readonly head: string; readonly chunk: (no: number) => string; readonly type: string }

export type HostileRule = {
  readonly method?: string
  /** Matched against the path as it was sent. */
  readonly path?: RegExp
  /** Only the first so many requests that match; all of them when absent. */
  readonly times?: number
  readonly misdeed: Misdeed
}

export type HostileOptions = {
  readonly kind?: 'calendar' | 'contact'
  /** Path to bytes, all of one collection at `/home/one/`. */
  readonly objects: ReadonlyMap<string, Buffer>
  readonly rules?: readonly HostileRule[]
  /** Hrefs the plain listing names; all unless told. Leaving some out is done without a word. */
  readonly listed?: (paths: readonly string[]) => readonly string[]
  /** Whether the listing says, by a 507 for the collection, that it is not whole. */
  readonly saysCut?: boolean
  /** Offers sync-collection, in answers of so many hrefs. */
  readonly syncPage?: number
  /** Objects that a multiget or a query answers at most, without a word about the others. */
  readonly reportCap?: number
  /** Extra elements inside the multistatus of a listing. */
  readonly extraResponses?: string
  readonly etag?: (path: string) => string
  /** The home has a plain collection `/home/sub/` too; a rule says what becomes of asking for it. */
  readonly hasSubfolder?: boolean
  /** Speaks TLS. */
  readonly tls?: { readonly certificatePath: string; readonly keyPath: string }
  /** What it takes for its own address: stands before every href. */
  readonly namesItself?: string
}

export type HostileDav = {
  /** Address of the server; the principal is found from there. */
  readonly url: string
  readonly collection: string
  /** Every request so far, as `METHOD path`. */
  readonly requests: readonly string[]
  /** Value of the Authorization headers that came. */
  readonly authorizations: ReadonlySet<string>
  /** Connections that were opened so far. */
  connectionCount(): number
  stop(): Promise<void>
}

const home = '/home/'
const collection = '/home/one/'
const types = {
  calendar: {
    element: '<t:calendar xmlns:t="urn:ietf:params:xml:ns:caldav"/>',
    homeSet: 'calendar-home-set',
    namespace: 'urn:ietf:params:xml:ns:caldav',
    media: 'text/calendar; charset=utf-8',
  },
  contact: {
    element: '<t:addressbook xmlns:t="urn:ietf:params:xml:ns:carddav"/>',
    homeSet: 'addressbook-home-set',
    namespace: 'urn:ietf:params:xml:ns:carddav',
    media: 'text/vcard; charset=utf-8',
  },
} as const

/** A DAV server of one collection that breaks the rules it is told to break, and keeps the others. */
export const startHostileDav = async (options: HostileOptions): Promise<HostileDav> => {
  const {
    kind = 'calendar',
    objects,
    rules = [],
    etag = (path) => `"${path.length}-${objects.get(path)?.length}"`,
  } = options
  const type = types[kind]
  const requests: string[] = []
  const authorizations = new Set<string>()
  const left = new Map(rules.map((rule) => [rule, rule.times ?? Number.POSITIVE_INFINITY]))
  let connections = 0

  const object = (path: string): string =>
    response(
      path,
      `<d:resourcetype/><d:getetag>${escaped(etag(path))}</d:getetag>` +
        `<d:getcontentlength>${objects.get(path)?.length ?? 0}</d:getcontentlength>`,
    )
  const reports =
    options.syncPage === undefined
      ? ''
      : '<d:supported-report><d:report><d:sync-collection/></d:report></d:supported-report>'
  const self = response(
    collection,
    `<d:resourcetype><d:collection/>${type.element}</d:resourcetype><d:displayname>One</d:displayname>` +
      `<d:supported-report-set>${reports}</d:supported-report-set>`,
  )
  const subfolder = options.hasSubfolder
    ? response(`${home}sub/`, '<d:resourcetype><d:collection/></d:resourcetype>')
    : ''
  const paths = [...objects.keys()]

  const propfind = (path: string, depth: string): string | null => {
    if (path === '/' || path === '/principal/') {
      return multistatus(
        response(
          path,
          '<d:resourcetype><d:collection/></d:resourcetype>' +
            '<d:current-user-principal><d:href>/principal/</d:href></d:current-user-principal>' +
            (path === '/'
              ? ''
              : `<h:${type.homeSet} xmlns:h="${type.namespace}"><d:href>${home}</d:href></h:${type.homeSet}>`),
        ),
      )
    }
    if (path === home) {
      return multistatus(
        response(home, '<d:resourcetype><d:collection/></d:resourcetype>') + (depth === '0' ? '' : self + subfolder),
      )
    }
    if (path !== collection) return null
    const cut = options.saysCut
      ? `<d:response><d:href>${collection}</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status></d:response>`
      : ''
    const listed = depth === '0' ? [] : (options.listed?.(paths) ?? paths)
    return multistatus(self + listed.map(object).join('') + cut + (options.extraResponses ?? ''))
  }

  const report = (body: string): string => {
    if (body.includes('sync-collection')) {
      const from = Number(/<d:sync-token>urn:page:(\d+)</.exec(body)?.[1] ?? 0)
      const to = from + (options.syncPage ?? paths.length)
      const more =
        to < paths.length
          ? `<d:response><d:href>${collection}</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status></d:response>`
          : ''
      return multistatus(
        `${paths.slice(from, to).map(object).join('')}${more}<d:sync-token>urn:page:${to}</d:sync-token>`,
      )
    }
    const asked = [...body.matchAll(/<(?:\w+:)?href>([^<]*)</g)].map(([, href]) => href ?? '')
    const wanted = body.includes('multiget') ? asked.filter((path) => objects.has(path)) : paths
    return multistatus(wanted.slice(0, options.reportCap).map(object).join(''))
  }

  const behave = (request: IncomingMessage, answer: ServerResponse, path: string, body: string): void => {
    const depth = String(request.headers.depth ?? '1')
    const bytes = request.method === 'GET' ? objects.get(path) : undefined
    const xml =
      request.method === 'PROPFIND'
        ? propfind(path, depth)
        : request.method === 'REPORT' && path === collection
          ? report(body)
          : null
    const named = xml?.replaceAll('<d:href>/', `<d:href>${options.namesItself ?? ''}/`)
    if (named !== undefined) answer.writeHead(207, { 'content-type': 'application/xml; charset=utf-8' }).end(named)
    else if (!bytes) answer.writeHead(404).end()
    else {
      answer.writeHead(200, { 'content-type': type.media, 'content-length': bytes.length, etag: etag(path) })
      answer.end(bytes)
    }
  }

  const misbehave = async (misdeed: Misdeed, answer: ServerResponse, path: string): Promise<void> => {
    const bytes = objects.get(path) ?? Buffer.from(propfind(path, '1') ?? '')
    const isObject = objects.has(path)
    const head = () => {
      answer.writeHead(isObject ? 200 : 207, {
        'content-type': isObject ? type.media : 'application/xml; charset=utf-8',
        'content-length': bytes.length,
      })
    }
    const written = (text: string | Buffer) => new Promise<void>((resolve) => answer.write(text, () => resolve()))
    switch (misdeed.act) {
      case 'status':
        answer.writeHead(misdeed.status, misdeed.headers).end()
        return
      case 'body':
        answer.writeHead(misdeed.status, { 'content-type': misdeed.type }).end(misdeed.body)
        return
      case 'hang-up':
        answer.socket?.destroy()
        return
      case 'cut':
        head()
        await written(bytes.subarray(0, misdeed.bytes))
        answer.socket?.destroy()
        return
      case 'stall':
        head()
        await written(bytes.subarray(0, misdeed.bytes))
        return
      case 'drip':
        head()
        for (let no = 0; no < bytes.length && !answer.destroyed; no += 1) {
          await written(bytes.subarray(no, no + 1))
          await sleep(misdeed.everyMs)
        }
        answer.end()
        return
      case 'endless':
        answer.writeHead(isObject ? 200 : 207, { 'content-type': misdeed.type })
        answer.write(misdeed.head)
        for (let no = 0; !answer.destroyed; no += 1) await written(misdeed.chunk(no))
    }
  }

  const serve = (request: IncomingMessage, answer: ServerResponse): void => {
    const chunks: Buffer[] = []
    answer.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? '/'
      requests.push(`${request.method} ${path}`)
      if (request.headers.authorization) authorizations.add(request.headers.authorization)
      const rule = rules.find(
        (one) =>
          (one.method === undefined || one.method === request.method) &&
          (one.path === undefined || one.path.test(path)) &&
          (left.get(one) ?? 0) > 0,
      )
      if (!rule) return behave(request, answer, path, Buffer.concat(chunks).toString('utf8'))
      left.set(rule, (left.get(rule) ?? 0) - 1)
      void misbehave(rule.misdeed, answer, path)
    })
  }
  const server = options.tls
    ? createTlsServer(
        { cert: await readFile(options.tls.certificatePath), key: await readFile(options.tls.keyPath) },
        serve,
      )
    : createServer(serve)
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (!address || typeof address !== 'object') throw new Error('the hostile server has no port')
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${address.port}/`,
    collection,
    requests,
    authorizations,
    connectionCount: () => connections,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Objects for the collection of a hostile server, each with other bytes. */
export const someObjects = (count: number, body: (no: number) => string = calendarObject): Map<string, Buffer> =>
  new Map(Array.from({ length: count }, (_, no) => [`${collection}object-${no}.ics`, Buffer.from(body(no))]))

const calendarObject = (no: number): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:${no}\r\nSUMMARY:no ${no} \r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
const multistatus = (responses: string): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<d:multistatus xmlns:d="DAV:">${responses}</d:multistatus>`
const response = (href: string, properties: string): string =>
  `<d:response><d:href>${escaped(href)}</d:href><d:propstat><d:prop>${properties}</d:prop>` +
  '<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>'
