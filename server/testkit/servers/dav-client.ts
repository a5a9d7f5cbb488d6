import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'

export type RawAnswer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }
export type RawClient = (
  method: string,
  path: string,
  options?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer },
) => Promise<RawAnswer>

/** HTTP with Basic sign-in and nothing else: what a test puts in and reads back without the code under test. */
const createRawClient =
  (base: string, userName: string, password: string, ca?: string): RawClient =>
  (method, path, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const url = new URL(path, base)
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(
        url,
        {
          method,
          ...(ca === undefined ? {} : { ca }),
          headers: {
            authorization: `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`,
            ...headers,
            ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          },
        },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.once('error', reject)
          answer.once('end', () =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
          )
        },
      )
      request.once('error', reject)
      request.end(body)
    })

export type CollectionProperties = {
  readonly displayName?: string
  readonly color?: string
  readonly description?: string
  readonly components?: readonly string[]
}

export type DavClient = {
  readonly raw: RawClient
  /** MKCALENDAR (RFC 4791 §5.3.1). */
  makeCalendar(path: string, properties?: CollectionProperties): Promise<void>
  /** Extended MKCOL (RFC 5689). */
  makeAddressBook(path: string, properties?: CollectionProperties): Promise<void>
  makePlainCollection(path: string): Promise<void>
  /** @returns the ETag, where the server tells it at once. */
  put(path: string, body: string | Buffer, contentType: string): Promise<string | undefined>
  get(path: string): Promise<Buffer>
  remove(path: string): Promise<void>
}

/** Fills a DAV server for tests. Everything throws when the server does not agree. */
export const createDavClient = (base: string, userName: string, password: string, ca?: string): DavClient => {
  const raw = createRawClient(base, userName, password, ca)
  const must = async (...call: Parameters<RawClient>): Promise<RawAnswer> => {
    const answer = await raw(...call)
    if (answer.status >= 200 && answer.status < 300) return answer
    throw new Error(
      `${call[0]} ${call[1]} was answered ${answer.status}: ${answer.body.toString('utf8').slice(0, 500)}`,
    )
  }
  const xml = { 'content-type': 'application/xml; charset=utf-8' }
  return {
    raw,
    makeCalendar: async (path, properties = {}) => {
      const { components = ['VEVENT', 'VTODO', 'VJOURNAL'] } = properties
      await must('MKCALENDAR', path, {
        headers: xml,
        body:
          '<?xml version="1.0" encoding="utf-8"?><c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" ' +
          `xmlns:i="http://apple.com/ns/ical/"><d:set><d:prop>${element('d:displayname', properties.displayName)}` +
          `${element('i:calendar-color', properties.color)}${element('c:calendar-description', properties.description)}` +
          '<c:supported-calendar-component-set>' +
          `${components.map((name) => `<c:comp name="${name}"/>`).join('')}</c:supported-calendar-component-set>` +
          '</d:prop></d:set></c:mkcalendar>',
      })
    },
    makeAddressBook: async (path, properties = {}) => {
      await must('MKCOL', path, {
        headers: xml,
        body:
          '<?xml version="1.0" encoding="utf-8"?><d:mkcol xmlns:d="DAV:" xmlns:a="urn:ietf:params:xml:ns:carddav">' +
          '<d:set><d:prop><d:resourcetype><d:collection/><a:addressbook/></d:resourcetype>' +
          `${element('d:displayname', properties.displayName)}` +
          `${element('a:addressbook-description', properties.description)}</d:prop></d:set></d:mkcol>`,
      })
    },
    makePlainCollection: async (path) => {
      await must('MKCOL', path)
    },
    put: async (path, body, contentType) => {
      const answer = await must('PUT', path, { headers: { 'content-type': contentType }, body })
      return answer.headers.etag
    },
    get: async (path) => (await must('GET', path)).body,
    remove: async (path) => {
      await must('DELETE', path)
    },
  }
}

const element = (name: string, text: string | undefined): string =>
  text === undefined ? '' : `<${name}>${text.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</${name}>`
