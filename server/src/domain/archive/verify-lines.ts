import type { IssueLine } from '@stillbox/shared/contract/snapshot-methods.ts'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { ZipReader } from '../../formats/zip/read-zip.ts'
import type { ItemRecord } from '../../ports/archive-index.ts'
import type { ItemRef } from '../../ports/source.ts'
import { createHashTree } from './hash-tree.ts'
import { compareRefs, parseIssueLine, parseItemLine, refOf } from './item-line.ts'
import { entryNames, type Manifest } from './manifest.ts'
import { lineText, readLines } from './read-lines.ts'
import { checkEntry, type ReadEntries } from './verify-entries.ts'
import type { FaultList } from './verify-faults.ts'
import type { IndexComparison } from './verify-index.ts'

/**
 * Checks items.jsonl against the entries and the manifest. Null when it cannot be read; that has been said where every
 * entry was read.
 */
export const checkItems = async (
  zip: ZipReader,
  manifest: Manifest,
  read: ReadEntries,
  index: Pick<IndexComparison, 'next' | 'end'> | null,
  faults: FaultList,
  signal?: AbortSignal,
): Promise<{ readonly count: number; readonly root: string } | null> => {
  const tree = createHashTree()
  const folders = createFolderSums(manifest, faults)
  const order = createOrder(faults)
  let count = 0
  const isRead = await eachLine(zip, entryNames.items, read, faults, signal, (line) => {
    count++
    tree.add(line)
    const record = parsedLine(line, entryNames.items, count, parseItemLine, faults)
    if (!record) {
      index?.next(null, null)
      return
    }
    order.next(folders.add(record), record)
    const no = checkEntry(record, read, faults)
    index?.next(record, no === -1 ? null : read.placeOf(no))
  })
  if (!isRead) return null
  index?.end()
  const root = tree.root()
  if (root !== manifest.items.treeRoot)
    faults.add(entryNames.items, 'root_differs', 'its hash tree has another root than the manifest says')
  folders.compare(count)
  return { count, root }
}

export const checkIssues = async (
  zip: ZipReader,
  manifest: Manifest,
  read: ReadEntries,
  faults: FaultList,
  signal?: AbortSignal,
): Promise<void> => {
  let count = 0
  const reasons = createReasonCheck(manifest, faults)
  const isRead = await eachLine(zip, entryNames.issues, read, faults, signal, (line) => {
    count++
    const issue = parsedLine(line, entryNames.issues, count, parseIssueLine, faults)
    if (issue) reasons.add(issue)
  })
  if (!isRead) return
  if (count !== manifest.issues.count)
    faults.add(entryNames.issues, 'count_differs', `it has ${count} lines; the manifest says ${manifest.issues.count}`)
  else reasons.compare()
}

/** Said of items that were taken, or are no part of the snapshot: no reason why something is missing. */
const harmless: ReadonlySet<string> = new Set(['size_differs', 'malformed', 'removed_meanwhile', 'arrived_meanwhile'])

/**
 * What the manifest says is missing in a folder has its reasons in issues.jsonl: a line for each item that vanished or arrived meanwhile, and at
 * least one for the rest, since one line may stand for many items that a server counts and never names.
 */
const createReasonCheck = ({ folders }: Manifest, faults: FaultList) => {
  const keyOf = (kind: string, label: string): string => `${kind}\n${label}`
  const numberOf = new Map(folders.map(({ kind, label }, index) => [keyOf(kind, label), index]))
  const vanished = new Float64Array(folders.length)
  const arrived = new Float64Array(folders.length)
  const lost = new Float64Array(folders.length)
  return {
    add: ({ kind, folder, ref, code }: IssueLine): void => {
      const number = numberOf.get(keyOf(kind, folder))
      if (number === undefined) return
      if (code === 'vanished') vanished[number]! += 1
      else if (code === 'arrived_meanwhile' && ref !== null) arrived[number]! += 1
      else if (!harmless.has(code)) lost[number]! += 1
    },
    compare: (): void => {
      folders.forEach((folder, index) => {
        const told = [
          [vanished[index]!, folder.vanished, 'vanished'],
          [arrived[index]!, folder.arrivedMeanwhile, 'arrived meanwhile'],
        ] as const
        for (const [named, counted, what] of told)
          if (named !== counted)
            faults.add(
              entryNames.issues,
              'count_differs',
              `it names ${named} items of “${folder.label}” that ${what}; the manifest says ${counted}`,
            )
        if (folder.notTaken > 0 && lost[index] === 0)
          faults.add(
            entryNames.issues,
            'count_differs',
            `it gives no reason why ${folder.notTaken} items of “${folder.label}” were not taken`,
          )
      })
    },
  }
}

const eachLine = async (
  zip: ZipReader,
  name: string,
  read: ReadEntries,
  faults: FaultList,
  signal: AbortSignal | undefined,
  visit: (line: Uint8Array) => void,
): Promise<boolean> => {
  const no = read.find(name)
  if (no === -1 || !read.isReadable[no]) return false
  const entry = await zip.find(name, signal)
  if (entry === null) return false
  const isDone = await faults.during(name, async () => {
    for await (const lines of readLines(zip.openEntry(entry, signal))) for (const line of lines) visit(line)
    return true
  })
  return isDone === true
}

const parsedLine = <T>(
  line: Uint8Array,
  file: string,
  number: number,
  parse: (text: string) => T,
  faults: FaultList,
): T | null => {
  try {
    return parse(lineText(line))
  } catch (error) {
    if (!isAppError(error, 'archive_invalid')) throw error
    faults.add(file, 'line_invalid', `line ${number}: ${error.details.reason}`)
    return null
  }
}

/** Counts what each folder has and compares it with what the manifest says it has. */
const createFolderSums = ({ folders, items }: Manifest, faults: FaultList) => {
  const numberOf = new Map(folders.map(({ directory }, index) => [directory, index]))
  const counts = new Float64Array(folders.length)
  const bytes = new Float64Array(folders.length)
  return {
    /** Answers the number of the item's folder, or -1. */
    add: (record: ItemRecord): number => {
      const number = numberOf.get(record.entry.slice(0, Math.max(0, record.entry.lastIndexOf('/')))) ?? -1
      const folder = folders[number]
      if (!folder || folder.kind !== record.kind || folder.label !== record.folder) {
        faults.add(record.entry, 'line_invalid', 'it is not where its folder lies')
        return -1
      }
      if (record.uidValidity !== undefined && record.uidValidity !== folder.generation)
        faults.add(record.entry, 'line_invalid', 'its UIDVALIDITY is not that of its folder')
      counts[number]! += 1
      bytes[number]! += record.sizeBytes
      return number
    },
    compare: (lineCount: number): void => {
      folders.forEach(({ directory, taken, takenBytes }, index) => {
        if (counts[index] !== taken)
          faults.add(directory, 'count_differs', `it has ${counts[index]} items; the manifest says ${taken}`)
        else if (bytes[index] !== takenBytes)
          faults.add(
            directory,
            'count_differs',
            `its items have ${bytes[index]} bytes; the manifest says ${takenBytes}`,
          )
      })
      const byteCount = bytes.reduce((sum, each) => sum + each, 0)
      if (lineCount !== items.count)
        faults.add(entryNames.items, 'count_differs', `it has ${lineCount} lines; the manifest says ${items.count}`)
      else if (byteCount !== items.bytes)
        faults.add(
          entryNames.items,
          'count_differs',
          `all items have ${byteCount} bytes; the manifest says ${items.bytes}`,
        )
    },
  }
}

/** Canonical order: folders as the manifest has them, then refs, each once. */
const createOrder = (faults: FaultList) => {
  let lastFolder = -1
  let lastRef: ItemRef | null = null
  return {
    next: (folder: number, record: ItemRecord): void => {
      if (folder === -1) return
      const ref = refOf(record)
      const isAfter =
        folder > lastFolder || (folder === lastFolder && lastRef !== null && compareRefs(lastRef, ref) < 0)
      if (!isAfter) faults.add(record.entry, 'order_wrong', 'it does not come after the item before it')
      lastFolder = folder
      lastRef = ref
    },
  }
}
