import type { StoredValues } from '../ltp/stored-value.ts'
import type { TableContext } from '../ltp/table-context.ts'
import { cutText, maxShortText, withoutControls } from './short-text.ts'

export const folderNids = { root: 0x122, top: 0x8022, searchRoot: 0x8042, deletedItems: 0x8062 } as const

/** A folder while the file is written. */
export type Folder = {
  readonly nid: number
  readonly parent: Folder | undefined
  name: string
  /** Undefined for the folders that have none: the root, the top and the search root. */
  containerClass: string | undefined
  readonly children: Folder[]
  /** Names of the children in lower case; made with the first of them. */
  childNames: Set<string> | undefined
  /** What its row has that itself has not. */
  readonly rowIds: StoredValues | undefined
  contents: TableContext | undefined
  itemCount: number
  unreadCount: number
}

export const createFolder = (of: Pick<Folder, 'nid' | 'parent' | 'name' | 'containerClass' | 'rowIds'>): Folder => {
  const folder: Folder = {
    ...of,
    children: [],
    childNames: undefined,
    contents: undefined,
    itemCount: 0,
    unreadCount: 0,
  }
  if (of.parent) {
    of.parent.children.push(folder)
    of.parent.childNames ??= new Set()
    of.parent.childNames.add(of.name.toLowerCase())
  }
  return folder
}

/** A name that Outlook takes: of 1 to 255 characters, none of them a control character. */
export const folderName = (name: string): string => {
  const clean = cutText(withoutControls(name).trim(), maxShortText).trim()
  return clean === '' ? 'Folder' : clean
}

/** The name, or "name (2)" and so on if a sibling has it: Outlook tells no upper from lower case. */
export const freeName = (parent: Folder, name: string): string => {
  if (!parent.childNames?.has(name.toLowerCase())) return name
  for (let count = 2; ; count++) {
    const suffix = ` (${count})`
    const candidate = cutText(name, maxShortText - suffix.length) + suffix
    if (!parent.childNames?.has(candidate.toLowerCase())) return candidate
  }
}
