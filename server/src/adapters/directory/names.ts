import { isUtf8 } from 'node:buffer'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'
import type { SourceFolder } from '../../ports/source.ts'
import { nullWhenGone } from './directory-errors.ts'

/** The names in a folder, and apart from them those that are not UTF-8: read as text they would name nothing. */
export type Names = { readonly names: readonly string[]; readonly notUtf8: readonly Buffer[] }

/** @throws Error of the file system */
export const namesIn = (path: string): Names => {
  const names = readdirSync(path)
  // What cannot be read as UTF-8 comes with replacement characters; only then is it worth a second look at the bytes.
  if (!names.some((name) => name.includes('\ufffd'))) return { names, notUtf8: [] }
  const raw = readdirSync(path, { encoding: 'buffer' })
  return {
    names: raw.filter((name) => isUtf8(name)).map((name) => name.toString('utf8')),
    notUtf8: raw.filter((name) => !isUtf8(name)),
  }
}

/** No name begins so on disk, as '/' separates names. */
const namelessPrefix = '/not-utf-8/'
export const namelessName = (name: Buffer): string => `${namelessPrefix}${name.toString('hex')}`
export const isNameless = (serverName: string): boolean => serverName.startsWith(namelessPrefix)

/** Stands for folders whose names are not UTF-8: they are there, and are said not to have been read. */
export const namelessFolders = (
  root: string,
  kind: ItemKind,
  notUtf8: readonly Buffer[],
  isOne: (latin1: string) => boolean,
): readonly SourceFolder[] =>
  notUtf8
    .filter((name) => isOne(name.toString('latin1')))
    .filter((name) => {
      try {
        return statSync(Buffer.concat([Buffer.from(join(root, '/')), name])).isDirectory()
      } catch (cause) {
        return nullWhenGone(cause) ?? false
      }
    })
    .map((name) => ({
      kind,
      path: [name.toString('utf8')],
      serverName: namelessName(name),
      isSelectable: true,
      generation: null,
      properties: {},
    }))
