import { hex } from './bytes.ts'
import { blockName, type Store } from './store.ts'

type Referring = Pick<Store, 'blocks' | 'findings' | 'header'>

/** V7: who refers to each block. */
export const createReferenceCount = ({ blocks, findings: { fault } }: Referring) => {
  const refer = (bid: number, place: string): void => {
    if (bid === 0) return
    const index = blocks.find(bid)
    if (index < 0) fault('V7', place, `it refers to ${blockName(bid)}, which is not in the block tree`)
    else blocks.refer(index)
  }
  const check = (): void => {
    for (let index = 0; index < blocks.count; index++) {
      const references = blocks.referencesTo(index)
      const place = blockName(blocks.bidOf(index))
      if (references === 0) fault('V7', place, 'nothing refers to it')
      else if (blocks.refCountOf(index) !== references + 1)
        fault('V7', place, `its reference count is ${blocks.refCountOf(index)}, and must be ${references + 1}`)
    }
  }
  return { refer, check }
}

/** Types of nid whose mark is not raised: internal, queues and criteria of searches, search contents. */
const fixedTypes = new Set([0x01, 0x06, 0x07, 0x10])

const leastMark = (type: number): number =>
  type === 0x03 ? 0x4000 : type === 0x04 ? 0x10000 : type === 0x08 ? 0x8000 : 0x400

/** V10: no mark of the header is below a nid that is in use. */
export const createNidMarks = ({ header, findings: { fault } }: Referring) => {
  const highest = new Array<number>(32).fill(0)
  const note = (nid: number): void => {
    const type = nid & 31
    if (nid >>> 5 > highest[type]!) highest[type] = nid >>> 5
  }
  const check = (): void => {
    header.nidMarks.forEach((mark, type) => {
      const least = fixedTypes.has(type) ? leastMark(type) : Math.max(leastMark(type), highest[type]!)
      if (mark < least)
        fault(
          'V10',
          'header',
          `the highest index of nids of type ${hex(type)} is said to be ${hex(mark)}, and is ${hex(least)}`,
        )
    })
  }
  return { note, check }
}
