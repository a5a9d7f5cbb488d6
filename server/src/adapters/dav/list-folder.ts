import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { FolderListing, ItemIssue, ListedItem, SourceFolder } from '../../ports/source.ts'
import { isRefusal, protocolError } from './dav-errors.ts'
import type { DavHttp } from './dav-http.ts'
import { type DavKind, names, propfindBody, syncBody } from './dav-kinds.ts'
import { notOpened } from './find-folders.ts'
import { absoluteHref, asCollection, asReached, sameHref } from './hrefs.ts'
import type { DavResponse } from './multistatus.ts'
import { queryMultistatus } from './query-multistatus.ts'

const body = propfindBody([names.resourceType, names.etag, names.length])
/** A server that hands out its sync answer in pieces (RFC 6578 §3.6) and never comes to an end is not followed for ever. */
const maxSyncPages = 1_000

/**
 * Lists by PROPFIND and counts again by a report, sync-collection or a query: some servers cut one or the other short without a
 * word. What only the report names is listed as well, with its size unknown.
 */
export const listFolder = async (
  http: DavHttp,
  kind: DavKind,
  folder: SourceFolder,
  signal: AbortSignal,
): Promise<FolderListing> => {
  if (folder.properties[notOpened]) return unreadable('The server could not say which collections lie in this one.')
  const url = asCollection(folderUrl(http, folder))
  const found = new Map<string, ListedItem>()
  let isCutShort = false
  const note = (response: DavResponse, at: URL): null => {
    const key = sameHref(response.href, at)
    const isSelf = key === sameHref(at.href, at) || key === sameHref(url.href, url)
    // RFC 6578 §3.6, RFC 5323 §5.17: 507 for the collection itself says that members were left out.
    if (isSelf) isCutShort ||= response.status === 507
    else if (isObject(response) && !found.has(key)) found.set(key, toItem(response, at))
    return null
  }
  const issues: ItemIssue[] = []
  try {
    await queryMultistatus(http, { method: 'PROPFIND', url, depth: '1', body, what: 'collection' }, note, signal)
  } catch (error) {
    // Refused for good, though the server is well: this collection is lost, the others are not.
    if (!isRefusal(error)) throw error
    return unreadable('The server refused to list this collection.')
  }

  const reports = folder.properties.reports?.split(',') ?? []
  const isCounted =
    (reports.includes('sync-collection') && (await countBySync(http, url, note, signal))) ||
    (await countByQuery(http, kind, url, note, signal))
  if (isCutShort && !isCounted) {
    const text = 'The server says that it left objects out of the list, and names them in no other way.'
    issues.push({ ref: null, code: 'not_listed', text, isLost: true })
  }
  const items = [...found.values()].sort((a, b) => (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0))
  return { expectedCount: items.length, items, issues }
}

const unreadable = (text: string): FolderListing => ({
  expectedCount: 0,
  items: [],
  issues: [{ ref: null, code: 'folder_unreadable', text, isLost: true }],
})

/** Where a folder lies. @throws AppError `source_protocol` when its name is no address. */
export const folderUrl = (http: DavHttp, folder: SourceFolder): URL => {
  if (URL.canParse(folder.serverName, http.base.href))
    return asReached(new URL(folder.serverName, http.base), http.base)
  throw protocolError('it names a collection by what is no address', http.peer)
}

const countBySync = async (
  http: DavHttp,
  url: URL,
  note: (response: DavResponse, at: URL) => null,
  signal: AbortSignal,
): Promise<boolean> => {
  let token = ''
  for (let page = 0; page < maxSyncPages; page += 1) {
    let hasMore = false
    const notePage = (response: DavResponse, at: URL) => {
      const isSelf = sameHref(response.href, at) === sameHref(url.href, url)
      if (isSelf && response.status === 507) hasMore = true
      else note(response, at)
      return null
    }
    const query = { method: 'REPORT', url, depth: '0', body: syncBody(token), what: 'collection' } as const
    const answer = await queryMultistatus(http, query, notePage, signal).catch(orNull)
    if (!answer) return false
    if (!hasMore) return true
    if (!answer.syncToken || answer.syncToken === token) return false
    token = answer.syncToken
  }
  return false
}

const countByQuery = async (
  http: DavHttp,
  kind: DavKind,
  url: URL,
  note: (response: DavResponse, at: URL) => null,
  signal: AbortSignal,
): Promise<boolean> => {
  let isWhole = true
  const noteAll = (response: DavResponse, at: URL) => {
    if (response.status === 507) isWhole = false
    return note(response, at)
  }
  const query = { method: 'REPORT', url, depth: '1', body: kind.queryAll, what: 'collection' } as const
  return (await queryMultistatus(http, query, noteAll, signal).catch(orNull)) !== null && isWhole
}

/** A second count that does not work leaves the first as it is; a lost server or an abort does not. */
const orNull = (error: unknown): null => {
  if (isAppError(error, 'source_protocol', 'source_gone')) return null
  throw error
}

const isObject = ({ status, properties }: DavResponse): boolean =>
  // A status of its own and no properties: the href is refused or gone by now. 404 says gone; others are still asked for.
  (status === null || status !== 404) &&
  !properties.get(names.resourceType)?.children.some(({ name }) => name === names.collection)

const toItem = ({ href, properties }: DavResponse, at: URL): ListedItem => {
  const length = properties.get(names.length)?.text.trim() ?? ''
  return {
    ref: absoluteHref(href, at),
    sizeBytes: /^\d{1,15}$/.test(length) ? Number(length) : null,
    receivedAtMs: null,
  }
}
