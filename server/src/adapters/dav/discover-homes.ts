import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { fetchPrincipalUrl, serviceDiscovery } from 'tsdav'
import { protocolError, statusError } from './dav-errors.ts'
import type { DavHttp } from './dav-http.ts'
import { type DavKind, names, propfindBody } from './dav-kinds.ts'
import { sameHref } from './hrefs.ts'
import { type DavResponse, hrefsOf } from './multistatus.ts'
import { queryMultistatus } from './query-multistatus.ts'

/**
 * Finds where a user's collections lie. In this order, because a service that signs in for others is its own principal, and
 * must not end up in its own home: the home set that the configured address itself names; the configured address, when it
 * holds such collections or belongs to somebody else; the home set of the principal that signed in (RFC 6764 §6).
 */
export const discoverHomes = async (http: DavHttp, kind: DavKind, signal: AbortSignal): Promise<readonly URL[]> => {
  const given = await lookAt(http, kind, http.base, signal)
  if (given && given.homes.length > 0) return given.homes
  if (given?.isHome) return [http.base]
  const principal = given?.principal ?? (await findPrincipal(http, kind, signal))
  const found = await lookAt(http, kind, principal, signal)
  if (found && found.homes.length > 0) return found.homes
  throw protocolError(`it names no ${kind.service} home set`, http.peer)
}

type Place = {
  readonly homes: readonly URL[]
  readonly principal: URL | null
  readonly isHome: boolean
}

/** What an address says of itself; null when it does not answer to PROPFIND. */
const lookAt = async (http: DavHttp, kind: DavKind, url: URL, signal: AbortSignal): Promise<Place | null> => {
  const properties = [names.resourceType, names.currentUserPrincipal, names.owner, kind.homeSet]
  const query = { method: 'PROPFIND', url, body: propfindBody(properties), what: 'home set' } as const
  const own: DavResponse[] = []
  try {
    const keep = (response: DavResponse) => response
    own.push(...(await queryMultistatus(http, { ...query, depth: '0' }, keep, signal)).picked)
  } catch (error) {
    if (isAppError(error, 'source_protocol', 'source_gone')) return null
    throw error
  }
  const hrefs = (name: string) => own.flatMap(({ properties: found }) => hrefsOf(found.get(name)))
  const toUrl = (href: string) => {
    if (URL.canParse(href, url.href)) return new URL(href, url)
    throw protocolError('it names an address that is none', http.peer)
  }
  const homes = hrefs(kind.homeSet).map(toUrl)
  const [principal] = hrefs(names.currentUserPrincipal).map(toUrl)
  if (homes.length > 0) return { homes, principal: principal ?? null, isHome: false }

  const [owner] = hrefs(names.owner)
  const isOfSomebodyElse =
    owner !== undefined && principal !== undefined && sameHref(owner, url) !== sameHref(principal.href, url)
  const isOne = own.some(({ properties: found }) => hasType(found, kind.resourceType))
  const holdsOne = async () => {
    const pick = ({ properties: found }: DavResponse) => (hasType(found, kind.resourceType) ? true : null)
    const body = propfindBody([names.resourceType])
    return (await queryMultistatus(http, { ...query, body, depth: '1' }, pick, signal)).picked.length > 0
  }
  const isHome = isOne || (url.pathname !== '/' && (isOfSomebodyElse || (await holdsOne())))
  return { homes, principal: principal ?? null, isHome }
}

const hasType = (properties: DavResponse['properties'], type: string): boolean =>
  properties.get(names.resourceType)?.children.some(({ name }) => name === type) ?? false

/**
 * The well-known address, then whatever it leads to (tsdav). Its own search for the home set is not used: it knows one home
 * only, where RFC 4791 §6.2.1 allows several.
 */
const findPrincipal = async (http: DavHttp, kind: DavKind, signal: AbortSignal): Promise<URL> => {
  const fetch = fetchThrough(http, signal)
  const account = { accountType: kind.service, serverUrl: http.base.href } as const
  const discovered = await serviceDiscovery({ account, fetch })
  signal.throwIfAborted()
  for (const rootUrl of new Set([discovered, http.base.href, new URL('/', http.base).href])) {
    try {
      return new URL(await fetchPrincipalUrl({ account: { ...account, rootUrl }, fetch }))
    } catch (error) {
      signal.throwIfAborted()
      // tsdav says with an Error of its own that a place knows no principal: the next one may.
      if (isAppError(error) && !isAppError(error, 'source_protocol', 'source_gone')) throw error
    }
  }
  throw protocolError('it names no principal', http.peer)
}

const maxAnswerBytes = 4 * 2 ** 20

/** A fetch for tsdav over our own connections, with their limits. It speaks only the methods that discovery needs. */
const fetchThrough =
  (http: DavHttp, signal: AbortSignal): typeof globalThis.fetch =>
  async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const answer = await http.send(
      {
        method: init?.method === 'PROPFIND' ? 'PROPFIND' : 'GET',
        url,
        headers: Object.fromEntries(new Headers(init?.headers)),
        keepRedirects: init?.redirect === 'manual',
        ...(typeof init?.body === 'string' ? { body: init.body } : {}),
      },
      signal,
    )
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of answer.chunks()) {
      bytes += chunk.byteLength
      if (bytes > maxAnswerBytes) throw protocolError('a part of its answer is too large', http.peer)
      chunks.push(chunk)
    }
    if (answer.status < 200 || answer.status > 599) throw statusError(answer.status, 'principal', http.peer)
    const headers = new Headers()
    for (const name of ['content-type', 'location']) {
      const value = answer.headers[name]
      if (typeof value === 'string') headers.set(name, value)
    }
    const hasNoBody = [204, 205, 304].includes(answer.status)
    return new Response(hasNoBody ? null : Buffer.concat(chunks), { status: answer.status, headers })
  }
