import { type AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { SourceFolder } from '../../ports/source.ts'
import { protocolError } from './dav-errors.ts'
import type { DavHttp } from './dav-http.ts'
import { type DavKind, names, propfindBody } from './dav-kinds.ts'
import { absoluteHref, asCollection, asReached, lastSegment, sameHref } from './hrefs.ts'
import { type DavResponse, hrefsOf } from './multistatus.ts'
import { queryMultistatus } from './query-multistatus.ts'

/** Home sets are a level or two deep; whatever goes further is a circle. */
const maxLevels = 6
const maxPlaces = 10_000

/** Property of a folder that stands for others, which could not be found. */
export const notOpened = 'notOpened'

/** All collections of the kind below the homes, those inside plain collections included, in canonical order of path. */
export const findFolders = async (
  http: DavHttp,
  kind: DavKind,
  homes: readonly URL[],
  signal: AbortSignal,
): Promise<readonly SourceFolder[]> => {
  const properties = [
    ...Object.values(kind.textProperties),
    ...[names.resourceType, names.owner, names.reports, names.source, names.components, names.addressData],
  ]
  const body = propfindBody(properties)
  const folders = new Map<string, SourceFolder>()
  const seen = new Set<string>()
  let level = homes.map((url) => ({ url, isHome: true }))
  for (let depth = 0; depth < maxLevels && level.length > 0; depth += 1) {
    const next: typeof level = []
    for (const { url, isHome } of level) {
      const here = sameHref(url.href, url)
      if (seen.has(here)) continue
      seen.add(here)
      if (seen.size + folders.size > maxPlaces) throw protocolError('its collections have no end', http.peer)
      const query = { method: 'PROPFIND', url, depth: '1', body, what: 'list of collections' } as const
      const keep = (response: DavResponse) => response
      const answer = await queryMultistatus(http, query, keep, signal).catch((error: unknown) => {
        if (isHome || !isAppError(error, 'source_protocol', 'source_gone')) throw error
        if (!isForOthers(error)) folders.set(here, unreadableFolder(kind, url, http.base))
        return null
      })
      if (!answer) continue
      const base = asCollection(answer.url)
      for (const response of answer.picked) {
        const types = typesOf(response)
        const key = sameHref(response.href, base)
        if (types.has(kind.resourceType) && !kind.leftOut.some((type) => types.has(type))) {
          if (!folders.has(key)) folders.set(key, toFolder(kind, response, types, base))
        } else if (isPlain(types) && key !== sameHref(base.href, base) && URL.canParse(response.href, base.href)) {
          const below = asReached(new URL(response.href, base), base)
          if (below.origin === base.origin) next.push({ url: below, isHome: false })
        }
      }
    }
    level = next
  }
  return [...folders.values()].sort(byPath)
}

/** A plain collection below the home that is refused hides nothing that the server offers this user; one at which the server fails may. */
const isForOthers = ({ code, details: { status } }: AppError): boolean =>
  code === 'source_gone' || (typeof status === 'number' && (status < 500 || status === 501))

/** Stands for whatever lies in a collection that could not be looked into, so that its loss is told. */
const unreadableFolder = (kind: DavKind, url: URL, base: URL): SourceFolder => ({
  kind: kind.kind,
  path: [lastSegment(url.pathname, base)],
  serverName: url.pathname,
  isSelectable: true,
  generation: null,
  properties: { [notOpened]: 'true' },
})

const typesOf = (response: DavResponse): ReadonlySet<string> =>
  new Set(response.properties.get(names.resourceType)?.children.map(({ name }) => name) ?? [])

/** A collection that is nothing else besides: the only sort in which others of the kind may lie. */
const isPlain = (types: ReadonlySet<string>): boolean => types.size === 1 && types.has(names.collection)

const toFolder = (
  kind: DavKind,
  { href, properties }: DavResponse,
  types: ReadonlySet<string>,
  base: URL,
): SourceFolder => {
  const said: Record<string, string> = {}
  const say = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') said[name] = value
  }
  for (const [name, property] of Object.entries(kind.textProperties)) say(name, properties.get(property)?.text)
  say('owner', hrefsOf(properties.get(names.owner))[0])
  say('source', hrefsOf(properties.get(names.source))[0])
  const components = properties.get(names.components)?.children.map(({ attributes }) => attributes.name ?? '')
  say('components', components?.filter(Boolean).join(','))
  const versions = properties
    .get(names.addressData)
    ?.children.filter(({ attributes }) => attributes['content-type'] === 'text/vcard')
    .map(({ attributes }) => attributes.version ?? '')
  say('cardVersions', versions && [...new Set(versions)].filter(Boolean).sort().join(','))
  const reports = properties
    .get(names.reports)
    ?.children.flatMap(({ children }) =>
      children.flatMap((report) => report.children.map(({ name }) => name.replace(/^\{.*\}/, ''))),
    )
  say('reports', reports && [...new Set(reports)].sort().join(','))
  return {
    kind: kind.kind,
    path: [said.displayName?.trim() || lastSegment(href, base)],
    serverName: absoluteHref(href, base),
    // A subscription only points at a calendar elsewhere; it holds nothing itself.
    isSelectable: !types.has(names.subscribed),
    generation: null,
    properties: said,
  }
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byPath = (a: SourceFolder, b: SourceFolder): number =>
  byCodeUnits(a.path[0] ?? '', b.path[0] ?? '') || byCodeUnits(a.serverName, b.serverName)
