import { hex, isAll, pstCrc, signatureOf, u16, u32, u64 } from './bytes.ts'
import type { BlockIndex, NodeIndex, PageList } from './columns.ts'
import type { Findings } from './findings.ts'
import { firstMapOffset, mostPayloadBytes, pageBytes, pageTypes, unitBytes } from './geometry.ts'
import type { Header, PageRef } from './read-header.ts'
import { blockName, type Store } from './store.ts'

type Source = Pick<Store, 'file' | 'signal' | 'findings' | 'header' | 'readRaw'>

type Tree = {
  readonly name: string
  readonly pageType: number
  readonly leafBytes: number
  readonly leafMost: number
}

const indexBytes = 24
const indexMost = 20

/** The trailer of a page of a tree, or of the density list: both have a bid of their own and a signature. */
export const checkPageTrailer = (
  page: Uint8Array,
  offset: number,
  pageType: number,
  check: 'V3' | 'V4',
  place: string,
  { header, findings: { fault } }: { readonly header: Header; readonly findings: Findings },
): void => {
  const bid = u64(page, 504)
  if (page[496] !== pageType || page[497] !== pageType)
    fault(check, place, `its type is ${hex(page[496]!)} and ${hex(page[497]!)} instead of twice ${hex(pageType)}`)
  if (u32(page, 500) !== pstCrc(page.subarray(0, 496))) fault(check, place, 'its checksum is wrong')
  if (u16(page, 498) !== signatureOf(offset, bid)) fault(check, place, 'its signature does not fit its place and bid')
  if (bid === 0 || bid >= header.nextPageBid)
    fault(check, place, `its bid ${hex(bid)} is not below ${hex(header.nextPageBid)}, the next one by the header`)
}

/** V4 for one tree, from the left to the right; `visit` gets each entry of its leaves. */
const walkTree = async (
  source: Source,
  tree: Tree,
  root: PageRef,
  pages: PageList,
  visit: (page: Uint8Array, at: number) => void,
): Promise<void> => {
  const { file, signal, findings, readRaw } = source
  const { fault, warn } = findings
  const mostPages = file.sizeBytes / pageBytes
  let lastKey = -1
  let seen = 0
  const visitPage = async (ref: PageRef, parentLevel: number | null, key: number | null): Promise<void> => {
    signal.throwIfAborted()
    const place = `page of the ${tree.name} at ${hex(ref.offset)}`
    if (ref.offset % pageBytes !== 0 || ref.offset <= firstMapOffset || ref.offset + pageBytes > file.sizeBytes)
      return fault('V4', place, 'this is no place of a page inside the file')
    // A tree that leads back into itself ends here at the latest.
    if (++seen > mostPages) return fault('V4', place, 'the tree has more pages than the file has room for')
    const page = await readRaw(ref.offset, pageBytes)
    if (page.length < pageBytes) return fault('V4', place, 'the file ends inside this page')
    pages.add(ref.offset / pageBytes)
    checkPageTrailer(page, ref.offset, tree.pageType, 'V4', place, source)
    if (u64(page, 504) !== ref.bid)
      fault('V4', place, `its bid is ${hex(u64(page, 504))}, and it is referred to as ${hex(ref.bid)}`)
    const count = page[488]!
    const level = page[491]!
    if (parentLevel !== null && level !== parentLevel - 1)
      return fault('V4', place, `it says level ${level} below a page of level ${parentLevel}`)
    if (level > 8) return fault('V4', place, `level ${level} is higher than any tree can be`)
    const [entryBytes, most] = level === 0 ? [tree.leafBytes, tree.leafMost] : [indexBytes, indexMost]
    if (page[490] !== entryBytes)
      fault('V4', place, `its entries are said to have ${page[490]} bytes, not ${entryBytes}`)
    if (page[489] !== most) fault('V4', place, `it is said to have room for ${page[489]} entries, not ${most}`)
    if (count > most) return fault('V4', place, `it is said to have ${count} entries, and has room for ${most}`)
    if (count === 0 && parentLevel !== null) fault('V4', place, 'it has no entry')
    if (u32(page, 492) !== 0) warn('V4', place, 'the filling behind its counts is not zero')
    if (!isAll(page.subarray(count * entryBytes, 488), 0)) warn('V4', place, 'the room behind its entries is not zero')
    if (key !== null && count > 0 && u64(page, 0) !== key)
      fault('V4', place, `it begins with ${hex(u64(page, 0))}, and the page above says ${hex(key)}`)
    for (let index = 0; index < count; index++) {
      const at = index * entryBytes
      const entryKey = u64(page, at)
      if (level > 0) {
        await visitPage({ bid: u64(page, at + 8), offset: u64(page, at + 16) }, level, entryKey)
        continue
      }
      if (entryKey <= lastKey) fault('V4', place, `its entry ${hex(entryKey)} does not come after ${hex(lastKey)}`)
      lastKey = entryKey
      visit(page, at)
    }
  }
  await visitPage(root, null, null)
}

const checkBlockEntry = (source: Source, bid: number, offset: number, sizeBytes: number): boolean => {
  const { file, header, findings } = source
  const place = `${blockName(bid)} at ${hex(offset)}`
  const { fault } = findings
  if (bid % 2 !== 0) fault('V5', place, 'bit 0 of its bid is not clear')
  if (bid === 0 || bid >= header.nextBlockBid)
    fault('V5', place, `its bid is not below ${hex(header.nextBlockBid)}, the next one by the header`)
  if (sizeBytes === 0 || sizeBytes > mostPayloadBytes)
    fault('V5', place, `it is said to hold ${sizeBytes} bytes, and a block holds 1 to ${mostPayloadBytes}`)
  if (offset % unitBytes !== 0) fault('V5', place, 'its place is no multiple of 64')
  else if (offset <= firstMapOffset || offset >= file.sizeBytes) fault('V5', place, 'its place is not inside the file')
  else return sizeBytes <= mostPayloadBytes
  return false
}

export const readBlockTree = async (source: Source, blocks: BlockIndex, pages: PageList): Promise<void> => {
  const tree = { name: 'block tree', pageType: pageTypes.blockTree, leafBytes: 24, leafMost: 20 }
  await walkTree(source, tree, source.header.blockTree, pages, (page, at) => {
    const bid = u64(page, at)
    const offset = u64(page, at + 8)
    const sizeBytes = u16(page, at + 16)
    if (u32(page, at + 20) !== 0)
      source.findings.warn('V4', `entry of ${blockName(bid)} in the block tree`, 'its filling is not zero')
    const isUsable = checkBlockEntry(source, bid, offset, sizeBytes)
    blocks.add(bid, isUsable ? offset : 0, sizeBytes, u16(page, at + 18))
  })
}

export const readNodeTree = async (source: Source, nodes: NodeIndex, pages: PageList): Promise<void> => {
  const { fault, warn } = source.findings
  const tree = { name: 'node tree', pageType: pageTypes.nodeTree, leafBytes: 32, leafMost: 15 }
  await walkTree(source, tree, source.header.nodeTree, pages, (page, at) => {
    const nid = u32(page, at)
    const place = `entry of node ${hex(nid)} in the node tree`
    if (u32(page, at + 4) !== 0) fault('V4', place, 'its nid has more than 32 bits')
    if (u32(page, at + 28) !== 0) warn('V4', place, 'its filling is not zero')
    for (const bidAt of [at + 8, at + 16])
      if (page[bidAt]! % 2 !== 0) fault('V4', place, `bit 0 of the bid ${hex(u64(page, bidAt))} is not clear`)
    nodes.add({ nid, dataBid: u64(page, at + 8), subBid: u64(page, at + 16), parentNid: u32(page, at + 24) })
  })
}
