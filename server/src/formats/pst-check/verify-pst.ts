import type { ReadableFile } from './bytes.ts'
import { isAll } from './bytes.ts'
import { createNidMarks, createReferenceCount } from './check-references.ts'
import { checkStore } from './check-store.ts'
import { createBlockIndex, createNodeIndex, createPageList } from './columns.ts'
import { createFindings, type PstFinding } from './findings.ts'
import { listPageOffset, mapBytes, pageBytes, pageTypes } from './geometry.ts'
import { type Header, readHeader } from './read-header.ts'
import { checkPageTrailer, readBlockTree, readNodeTree } from './read-trees.ts'
import { scanIntervals } from './scan-intervals.ts'
import { createBlockReader, createIntervalReader, type Store } from './store.ts'

export type VerifyPstOptions = {
  readonly signal: AbortSignal
  /** So many faults, and as many warnings, are listed; all are counted. */
  readonly maxFaults?: number
}

export type PstReport = {
  readonly ok: boolean
  readonly faults: readonly PstFinding[]
  /** What no reader is known to mind, or what nobody could confirm. */
  readonly warnings: readonly PstFinding[]
  readonly faultCount: number
  readonly warningCount: number
  readonly folders: number
  /** Those in folders; messages in messages are not counted. */
  readonly messages: number
  readonly nodes: number
  readonly blocks: number
}

const checkListPage = async (file: ReadableFile, header: Header, findings: Store['findings']): Promise<void> => {
  const page = await file.read(listPageOffset, pageBytes)
  const place = 'density list at 0x4200'
  if (page.length < pageBytes) return findings.fault('V3', place, 'the file ends before it')
  checkPageTrailer(page, listPageOffset, pageTypes.densityList, 'V3', place, { header, findings })
  const count = page[1]!
  if (count > 119) findings.fault('V3', place, `it is said to have ${count} entries, and has room for 119`)
  else if (count === 0 && !isAll(page.subarray(0, mapBytes), 0))
    findings.warn('V3', place, 'it has no entries, and is not all zero')
}

/**
 * Checks a Unicode PST as strictly as the program that repairs such files does, and more: pages and blocks (V1 to V10),
 * heaps, properties and tables (L1 to L6), store, folders and messages (M1 to M11). It knows nothing of how the file was
 * written. The file is read from the front to the end once, and then by its messages; kept are 14 bytes a block and 17 a
 * node. Throws what `file` throws, and when the signal aborts; whatever is wrong with the file is in the answer.
 */
export const verifyPst = async (
  file: ReadableFile,
  { signal, maxFaults = 1000 }: VerifyPstOptions,
): Promise<PstReport> => {
  const findings = createFindings(maxFaults)
  const report = (more: { folders: number; messages: number; nodes: number; blocks: number }): PstReport => ({
    ok: findings.faultCount === 0,
    faults: findings.faults,
    warnings: findings.warnings,
    faultCount: findings.faultCount,
    warningCount: findings.warningCount,
    ...more,
  })
  const nothing = { folders: 0, messages: 0, nodes: 0, blocks: 0 }
  const header = await readHeader(file, findings)
  if (header === null) return report(nothing)
  await checkListPage(file, header, findings)
  const [blocks, nodes, pages] = [createBlockIndex(), createNodeIndex(), createPageList()]
  const readRaw = createIntervalReader(file)
  const source = { file, signal, findings, header, blocks, readRaw }
  await readBlockTree(source, blocks, pages)
  await readNodeTree(source, nodes, pages)
  const references = createReferenceCount(source)
  const marks = createNidMarks(source)
  for (let index = 0; index < nodes.count; index++) {
    const { nid, dataBid, subBid } = nodes.at(index)
    const place = `node 0x${nid.toString(16).toUpperCase()}`
    references.refer(dataBid, place)
    references.refer(subBid, place)
    marks.note(nid)
  }
  await scanIntervals(source, pages, references.refer, marks.note)
  references.check()
  marks.check()
  const counts = await checkStore({ ...source, nodes, readBlock: createBlockReader(source) })
  return report({ ...counts, nodes: nodes.count, blocks: blocks.count })
}
