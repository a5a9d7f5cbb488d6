import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { CaptureRequest } from '../../ports/capture.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Readers } from '../../ports/readers.ts'
import type { ItemIssue, ItemRef, SourceFolder } from '../../ports/source.ts'
import { compareFolders } from '../archive/archive-layout.ts'
import type { SurveyedFolder } from './plan-capture.ts'
import { sideBySide } from './side-by-side.ts'

type Refs = Uint32Array | readonly string[]

/** In `a` and not in `b`. UIDs come ascending, so two million need no set. */
const missingFrom = (a: Refs, b: Refs): ItemRef[] => {
  if (!(a instanceof Uint32Array) || !(b instanceof Uint32Array)) {
    const known = new Set<ItemRef>(b)
    return Array.from<ItemRef>(a).filter((ref) => !known.has(ref))
  }
  const missing: ItemRef[] = []
  let at = 0
  for (const uid of a) {
    while (at < b.length && b[at]! < uid) at++
    if (b[at] !== uid) missing.push(uid)
  }
  return missing
}

/** What changed in a folder while it was captured, item by item. */
export const compareLooks = (
  before: Refs,
  after: Refs,
): { readonly arrived: readonly ItemRef[]; readonly gone: readonly ItemRef[] } => ({
  arrived: missingFrom(after, before),
  gone: missingFrom(before, after),
})

export const arrivedIssue = (ref: ItemRef): ItemIssue => ({
  ref,
  code: 'arrived_meanwhile',
  text: 'Arrived after the capture had begun; it is not part of this snapshot.',
  isLost: false,
})

export const removedIssue = (ref: ItemRef): ItemIssue => ({
  ref,
  code: 'removed_meanwhile',
  text: 'Was removed from the server after the capture had begun; it is in this snapshot.',
  isLost: false,
})

export const goneWithFolderIssue = (ref: ItemRef): ItemIssue => ({
  ref,
  code: 'vanished',
  text: 'Its folder was removed on the server before it could be read.',
  isLost: true,
})

const folderIssue = (code: 'removed_meanwhile' | 'arrived_meanwhile', text: string): ItemIssue => ({
  ref: null,
  code,
  text,
  isLost: false,
})
const removedFolderIssue = folderIssue(
  'removed_meanwhile',
  'The folder was removed or renamed on the server after the capture had begun; what is said to be taken is in this snapshot.',
)
const replacedFolderIssue = folderIssue(
  'removed_meanwhile',
  'The folder was replaced on the server by another of the same name after the capture had begun; this snapshot holds the one that was there before.',
)
export const arrivedFolderIssue = folderIssue(
  'arrived_meanwhile',
  'The folder appeared on the server after the capture had begun; it and what lies in it are not part of this snapshot.',
)

type Changes = { readonly arrived: readonly ItemRef[]; readonly gone: readonly ItemRef[] }
export type SecondLook = {
  /** When it began; null when the server could not be asked. */
  readonly at: string | null
  /** By place of the folder in `surveyed`. */
  readonly changes: ReadonlyMap<number, Changes>
  /** What became of whole folders, by place in `surveyed`. */
  readonly folderIssues: ReadonlyMap<number, ItemIssue>
  /** Folders that are in no place of it. */
  readonly arrivedFolders: readonly SourceFolder[]
  readonly remarks: readonly string[]
}

const keyOf = (sourceIndex: number, serverName: string): string => `${sourceIndex}\n${serverName}`

/** Lists every folder again. Changes nothing by itself: a look that fails half-way must leave no half of its findings. */
const lookAgain = async (
  readers: Readers,
  { sources }: CaptureRequest,
  surveyed: readonly SurveyedFolder[],
): Promise<Omit<SecondLook, 'at'>> => {
  const known = new Set(surveyed.map(({ sourceIndex, folder }) => keyOf(sourceIndex, folder.serverName)))
  const folders = await sideBySide(sources, readers.size, (_, sourceIndex) => readers.folders(sourceIndex))
  const present = new Set(
    folders.flatMap((list, sourceIndex) => list.map(({ serverName }) => keyOf(sourceIndex, serverName))),
  )
  const changes = new Map<number, Changes>()
  const arrivedFolders = folders
    .flatMap((list, sourceIndex) => list.filter(({ serverName }) => !known.has(keyOf(sourceIndex, serverName))))
    .sort(compareFolders)
  const folderIssues = new Map<number, ItemIssue>()
  let removed = 0
  let replaced = 0
  let removedItems = 0
  await sideBySide(surveyed, readers.size, async ({ sourceIndex, folder, listedRefs, wantedRefs }, index) => {
    if (!present.has(keyOf(sourceIndex, folder.serverName))) {
      removed += 1
      folderIssues.set(index, removedFolderIssue)
      return
    }
    if (!folder.isSelectable) return
    try {
      const { refs, issues } = await readers.list(sourceIndex, folder)
      // Of a folder that will not be opened any more nothing can be said, least of all that all of it has gone.
      if (issues.some(({ code }) => code === 'folder_unreadable')) return
      const { arrived, gone } = compareLooks(listedRefs, refs)
      // What the request leaves out may come and go; what it asks for is named.
      const wanted = new Set<ItemRef>(gone.length > 0 ? wantedRefs : [])
      const goneWanted = gone.filter((ref) => wanted.has(ref))
      removedItems += goneWanted.length
      if (arrived.length > 0 || goneWanted.length > 0) changes.set(index, { arrived, gone: goneWanted })
    } catch (error) {
      if (isAppError(error, 'source_gone')) {
        removed += 1
        folderIssues.set(index, removedFolderIssue)
      } else if (isAppError(error, 'source_changed')) {
        replaced += 1
        folderIssues.set(index, replacedFolderIssue)
      } else throw error
    }
  })
  const remark = (count: number, text: string) => (count > 0 ? [`${count} ${text} while the snapshot was taken`] : [])
  return {
    changes,
    folderIssues,
    arrivedFolders,
    remarks: [
      ...remark(arrivedFolders.length, 'new folder(s) appeared on the server').map(
        (text) => `${text}; they are not part of it.`,
      ),
      ...remark(removed, 'folder(s) were removed or renamed on the server').map((text) => `${text}.`),
      ...remark(replaced, 'folder(s) were replaced by others of the same name on the server').map(
        (text) => `${text}; it holds those that were there before.`,
      ),
      ...remark(removedItems, 'item(s) were removed on the server').map(
        (text) => `${text}; they are named in issues.jsonl.`,
      ),
    ],
  }
}

/**
 * Looks again at what the sources hold: what fails for a passing reason is tried once more. All items are taken by then, so
 * a server that cannot be asked becomes a remark and does not throw away hours of work.
 * @throws `signal.reason` once aborted; what is no failure of a source.
 */
export const lookAgainOrRemark = async (
  readers: Readers,
  request: CaptureRequest,
  surveyed: readonly SurveyedFolder[],
  clock: Clock,
  signal: AbortSignal,
): Promise<SecondLook> => {
  for (let attempt = 1; ; attempt++) {
    const at = clock.now().toISOString()
    try {
      return { at, ...(await lookAgain(readers, request, surveyed)) }
    } catch (error) {
      signal.throwIfAborted()
      if (!isAppError(error)) throw error
      if (error.mayPass && attempt < 2) continue
      return {
        at: null,
        changes: new Map(),
        folderIssues: new Map(),
        arrivedFolders: [],
        remarks: [
          `Everything was taken, but the server could not be asked afterwards what had changed meanwhile: ${error.message}`,
        ],
      }
    }
  }
}
