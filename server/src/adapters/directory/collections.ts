import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SourceFolder } from '../../ports/source.ts'
import type { FolderScan, StoredItem } from './folder-scan.ts'
import type { InsideRoot } from './inside-root.ts'
import { namelessFolders, namesIn } from './names.ts'

export type CollectionKind = 'calendar' | 'contact'
const extensionOf: Readonly<Record<CollectionKind, string>> = { calendar: '.ics', contact: '.vcf' }
const propertiesName = '.properties.json'
const propertiesLimitBytes = 64 * 1024

/** Text values of `.properties.json` (displayName, color, description …); what is not readable as such says nothing. */
const propertiesOf = (collection: string, inside: InsideRoot): Record<string, string> => {
  try {
    const parsed: unknown = JSON.parse(inside.text(join(collection, propertiesName), propertiesLimitBytes) ?? '{}')
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return {}
    return Object.fromEntries(
      Object.entries(parsed).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
    )
  } catch (cause) {
    if (cause instanceof SyntaxError) return {}
    throw cause
  }
}

/** Each folder in the root is one calendar or address book; names with a leading dot are none. */
export const collectionFolders = (root: string, kind: CollectionKind, inside: InsideRoot): readonly SourceFolder[] => [
  ...readdirSync(root, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()))
    .flatMap(({ name }) => {
      const place = inside.locate(join(root, name))
      if (place === null) return []
      return {
        kind,
        path: [name.normalize('NFC')],
        serverName: name,
        isSelectable: true,
        generation: null,
        properties: place === 'outside' ? {} : propertiesOf(join(root, name), inside),
      }
    }),
  ...namelessFolders(root, kind, namesIn(root).notUtf8, (name) => !name.startsWith('.')),
]

/** The objects of one collection by href: `<collection>/<file>`, percent-encoded (RFC 3986 §2.1). */
export const scanCollection = (
  root: string,
  serverName: string,
  kind: CollectionKind,
  inside: InsideRoot,
): FolderScan => {
  const place = join(root, serverName)
  const items = new Map<string, StoredItem>()
  if (inside.locate(place) === 'outside')
    return { generation: null, stamp: '', items, isOutside: true, namelessCount: 0 }
  const isObject = (name: string) => !name.startsWith('.') && name.toLowerCase().endsWith(extensionOf[kind])
  const { names, notUtf8 } = namesIn(place)
  for (const name of names) {
    if (!isObject(name)) continue
    const href = [serverName, name].map((segment) => encodeURIComponent(segment.toWellFormed())).join('/')
    items.set(href, { path: join(place, name), flags: null })
  }
  const namelessCount = notUtf8.filter((name) => isObject(name.toString('latin1'))).length
  return { generation: null, stamp: '', items, isOutside: false, namelessCount }
}
