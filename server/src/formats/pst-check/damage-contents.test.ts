import { beforeAll, describe, expect, test } from 'vitest'
import { type Field, openSurgery, type Surgery } from '../../../test/doubles/pst-surgery.ts'
import { samplePst } from '../../../test/doubles/sample-pst.ts'
import type { PstCheck } from './findings.ts'
import { verifyPst } from './verify-pst.ts'

type Damage = readonly [name: string, check: PstCheck | `${PstCheck} (warning)`, damage: (pst: Surgery) => void]

let good: Uint8Array
let many: Uint8Array
beforeAll(async () => {
  good = await samplePst({ messages: 20, attachmentsOfOne: 2, largestBytes: 70_000, cryptMethod: 'none' })
  // So many rows that the heap of their table has a second list of fill levels, and its index a level.
  many = await samplePst({ messages: 500, attachmentsOfOne: 0, largestBytes: 0, cryptMethod: 'none' })
})

const findingsOf = async (bytes: Uint8Array): Promise<readonly string[]> => {
  const { faults, warnings } = await verifyPst(
    { sizeBytes: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) },
    { signal: new AbortController().signal },
  )
  return [...new Set([...faults.map(({ check }) => check), ...warnings.map(({ check }) => `${check} (warning)`)])]
}

const firstMessage = 0x200024
const inboxNid = (pst: Surgery): number => [...pst.nodes.keys()].find((nid) => (nid & 31) === 2 && nid > 0x8062)!
const messageData = (pst: Surgery): number => pst.nodes.get(firstMessage)!.data
/** The table of contents of the folder with most messages. */
const contents = (pst: Surgery) => pst.nodes.get((inboxNid(pst) & ~31) | 0x0e)!
const hierarchy = (pst: Surgery) => pst.nodes.get((0x8022 & ~31) | 0x0d)!
const blockOf = (pst: Surgery, data: number, number = 0): number => pst.leavesOf(data)[number]!
const inBlock = (pst: Surgery, data: number, at: number, size: Field['size'], number = 0): Field =>
  pst.block(blockOf(pst, data, number), at, size)
const mapOf = (pst: Surgery, data: number, number = 0): number =>
  pst.u16(pst.blocks.get(blockOf(pst, data, number))!.at)
const inItem = (pst: Surgery, data: number, hid: number, at: number, size: Field['size']): Field => {
  const item = pst.item(data, hid)
  return pst.field(size, item.at + at, item.seal)
}
const messageWithAttachments = (pst: Surgery) => {
  const [nid, node] = [...pst.nodes].find(([nid, { sub }]) => (nid & 31) === 4 && pst.subnodesOf(sub).has(0x671))!
  return { nid, ...node, subnodes: pst.subnodesOf(node.sub) }
}
const firstAttachment = (pst: Surgery) =>
  [...messageWithAttachments(pst).subnodes].find(([nid]) => (nid & 31) === 5)![1]

const heaps: readonly Damage[] = [
  ['place of the page map', 'L1', (pst) => pst.flip(inBlock(pst, messageData(pst), 0, 2))],
  ['mark of the heap', 'L1', (pst) => pst.flip(inBlock(pst, messageData(pst), 2, 1))],
  ['kind of the heap', 'L1', (pst) => pst.set(inBlock(pst, messageData(pst), 3, 1), 0x7c)],
  ['root', 'L3', (pst) => pst.set(inBlock(pst, messageData(pst), 4, 4), 0x40)],
  ['root that is not there', 'L2', (pst) => pst.set(inBlock(pst, messageData(pst), 4, 4), 0xffe0)],
  ['fill level', 'L1 (warning)', (pst) => pst.flip(inBlock(pst, messageData(pst), 8, 1))],
  ['fill level of a block that is not there', 'L1 (warning)', (pst) => pst.flip(inBlock(pst, messageData(pst), 10, 1))],
  ['number of items', 'L1', (pst) => pst.flip(inBlock(pst, messageData(pst), mapOf(pst, messageData(pst)), 2))],
  [
    'number of free items',
    'L1',
    (pst) => pst.flip(inBlock(pst, messageData(pst), mapOf(pst, messageData(pst)) + 2, 2)),
  ],
  [
    'beginning of the first item',
    'L1',
    (pst) => pst.flip(inBlock(pst, messageData(pst), mapOf(pst, messageData(pst)) + 4, 2)),
  ],
  [
    'end of the first item',
    'L3',
    (pst) => pst.flip(inBlock(pst, messageData(pst), mapOf(pst, messageData(pst)) + 6, 2)),
  ],
  [
    'end of an item beyond the next',
    'L1',
    (pst) => pst.set(inBlock(pst, messageData(pst), mapOf(pst, messageData(pst)) + 6, 2), 8000),
  ],
  [
    'end of the last item',
    'L1',
    (pst) => {
      const map = mapOf(pst, messageData(pst))
      const last = inBlock(
        pst,
        messageData(pst),
        map + 4 + 2 * pst.u16(pst.blocks.get(blockOf(pst, messageData(pst)))!.at + map),
        2,
      )
      pst.set(last, pst.get(last) - 4)
    },
  ],
]

/** The header of the tree of the properties of a message, and its records. */
const treeField = (pst: Surgery, at: number, size: Field['size']): Field =>
  inItem(pst, messageData(pst), pst.heapRoot(messageData(pst)), at, size)
const trees: readonly Damage[] = [
  ['mark', 'L3', (pst) => pst.flip(treeField(pst, 0, 1))],
  ['size of keys', 'L3', (pst) => pst.flip(treeField(pst, 1, 1))],
  ['size of data', 'L3', (pst) => pst.flip(treeField(pst, 2, 1))],
  ['levels', 'L3', (pst) => pst.set(treeField(pst, 3, 1), 1)],
  ['root', 'L2', (pst) => pst.set(treeField(pst, 4, 4), 0xffe0)],
  ['empty root', 'M1', (pst) => pst.set(treeField(pst, 4, 4), 0)],
  ['order', 'L3', (pst) => pst.set(pst.property(messageData(pst), 0x0e08), 0x0001)],
]

const property = (pst: Surgery, id: number) => pst.property(messageData(pst), id)
const properties: readonly Damage[] = [
  ['id', 'M1', (pst) => pst.flip(property(pst, 0x300b))],
  ['unknown type', 'L4', (pst) => pst.set(property(pst, 0x0017).type, 0x0099)],
  ['type of another size', 'L4', (pst) => pst.set(property(pst, 0x3007).type, 0x0048)],
  ['truth that is neither', 'L4', (pst) => pst.set(pst.property(pst.nodes.get(0x21)!.data, 0x6633).value, 2)],
  [
    'truth that is more than a byte',
    'L4',
    (pst) => pst.set(pst.property(pst.nodes.get(0x21)!.data, 0x6633).value, 0x100),
  ],
  ['time without a value', 'L4', (pst) => pst.set(property(pst, 0x3007).value, 0)],
  ['item that is not there', 'L2', (pst) => pst.set(property(pst, 0x3007).value, 0xffe0)],
  [
    'item of another property',
    'L2',
    (pst) => pst.set(property(pst, 0x3007).value, pst.get(property(pst, 0x3008).value)),
  ],
  ['subnode that is not there', 'L2', (pst) => pst.set(property(pst, 0x1000).value, 0x803f)],
  [
    'several strings that do not hold together',
    'L4',
    (pst) => {
      const id = 0x8000 + [...Array(40).keys()].find((n) => has(pst, 0x8000 + n, 0x101f))!
      const value = pst.heldValue(messageData(pst), id)
      pst.set(pst.field(4, value.at + 4, value.seal), 3)
    },
  ],
]
const has = (pst: Surgery, id: number, type: number): boolean => {
  try {
    return pst.get(property(pst, id).type) === type
  } catch {
    return false
  }
}

const info = (pst: Surgery, at: number, size: Field['size']): Field =>
  inItem(pst, contents(pst).data, pst.heapRoot(contents(pst).data), at, size)
const columnOf = (pst: Surgery, tag: number): number => {
  const { at } = pst.item(contents(pst).data, pst.heapRoot(contents(pst).data))
  for (let column = 0; column < pst.bytes[at + 1]!; column++)
    if (pst.u32(at + 22 + 8 * column) === tag) return 22 + 8 * column
  throw new Error('there is no such column')
}
/** A field of the first row. */
const row = (pst: Surgery, at: number, size: Field['size']): Field => {
  const { data, sub } = contents(pst)
  const hnid = pst.get(info(pst, 14, 4))
  if ((hnid & 31) === 0) return inItem(pst, data, hnid, at, size)
  return pst.block(pst.leavesOf(pst.subnodesOf(sub).get(hnid)!.data)[0]!, at, size)
}
const cell = (pst: Surgery, tag: number, size: Field['size']): Field =>
  row(pst, pst.get(info(pst, columnOf(pst, tag) + 4, 2)), size)
const bitmapByte = (pst: Surgery, bit: number): Field => row(pst, pst.get(info(pst, 6, 2)) + (bit >> 3), 1)
const clearBit = (pst: Surgery, bit: number): void => {
  const byte = bitmapByte(pst, bit)
  pst.set(byte, pst.get(byte) & ~(0x80 >> (bit & 7)))
}
const tables: readonly Damage[] = [
  ['mark', 'L5', (pst) => pst.flip(info(pst, 0, 1))],
  ['number of columns', 'L5', (pst) => pst.flip(info(pst, 1, 1))],
  ['end of cells of 4 and 8 bytes', 'L5', (pst) => pst.flip(info(pst, 2, 2))],
  ['end of cells of 2 bytes', 'L5', (pst) => pst.set(info(pst, 4, 2), 1)],
  ['end of cells of 1 byte', 'L5', (pst) => pst.flip(info(pst, 6, 2))],
  ['size of rows', 'L5', (pst) => pst.flip(info(pst, 8, 2))],
  ['place of the index', 'L2', (pst) => pst.set(info(pst, 10, 4), 0xffe0)],
  ['place of the rows', 'L2', (pst) => pst.set(info(pst, 14, 4), 0x1fff)],
  ['no rows', 'L5', (pst) => pst.set(info(pst, 14, 4), 0)],
  ['field that nobody uses', 'L5', (pst) => pst.flip(info(pst, 18, 4))],
  ['tag of a column', 'L5', (pst) => pst.set(info(pst, columnOf(pst, 0x0e170003), 4), 0x0e180003)],
  ['order of columns', 'L5', (pst) => pst.set(info(pst, columnOf(pst, 0x0e170003), 4), 0x00010003)],
  ['type of a column', 'L5', (pst) => pst.set(info(pst, columnOf(pst, 0x0e170003), 4), 0x0e170099)],
  ['place of the cells of a column', 'L5', (pst) => pst.flip(info(pst, columnOf(pst, 0x0e170003) + 4, 2))],
  ['size of the cells of a column', 'L5', (pst) => pst.set(info(pst, columnOf(pst, 0x0e170003) + 6, 1), 8)],
  ['bit of a column', 'L5', (pst) => pst.set(info(pst, columnOf(pst, 0x0e170003) + 7, 1), 0)],
  ['bit of a column that is not there', 'L5', (pst) => pst.set(info(pst, columnOf(pst, 0x0e170003) + 7, 1), 200)],
  ['place of the row id', 'L5', (pst) => pst.set(info(pst, columnOf(pst, 0x67f20003) + 4, 2), 8)],
  ['row id', 'L5', (pst) => pst.set(row(pst, 0, 4), 0x200024 + 0x20 * 3)],
  ['row version of another row', 'L6', (pst) => pst.set(row(pst, 4, 4), 1)],
  ['row version that is too high', 'L6', (pst) => pst.set(row(pst, 4, 4), 0x7fffffff)],
  ['row version that is marked as absent', 'L5', (pst) => clearBit(pst, 1)],
  ['cell that refers to nothing', 'L2', (pst) => pst.set(cell(pst, 0x0037001f, 4), 0xffe0)],
  ['cell of another row', 'L2', (pst) => pst.set(cell(pst, 0x0037001f, 4), pst.get(cell(pst, 0x001a001f, 4)))],
  [
    'cell with a truth that is neither',
    'L5',
    (pst) => {
      const column = columnOf(pst, 0x0057000b)
      const bit = pst.get(info(pst, column + 7, 1))
      const byte = bitmapByte(pst, bit)
      pst.set(byte, pst.get(byte) | (0x80 >> (bit & 7)))
      pst.set(cell(pst, 0x0057000b, 1), 7)
    },
  ],
]

const folderProperty = (pst: Surgery, id: number) => pst.property(pst.nodes.get(inboxNid(pst))!.data, id)
const renamed = (pst: Surgery, nid: number, to: number): void => {
  const { entryAt, page } = pst.nodes.get(nid)!
  pst.set(pst.page(page, entryAt - page, 4), to)
}
const parentOf = (pst: Surgery, nid: number): Field => {
  const { entryAt, page } = pst.nodes.get(nid)!
  return pst.page(page, entryAt - page + 24, 4)
}
const subnodeNid = (pst: Surgery, nid: number): Field => {
  const { subnodes } = messageWithAttachments(pst)
  const { at, list } = subnodes.get(nid)!
  return pst.block(list, at - pst.blocks.get(list)!.at, 4)
}
const flipValue = (pst: Surgery, data: number, id: number, at: number): void => {
  const value = pst.heldValue(data, id)
  pst.flip(pst.field(1, value.at + at, value.seal))
}
const nameMap = (pst: Surgery): number => pst.nodes.get(0x61)!.data
const storeData = (pst: Surgery): number => pst.nodes.get(0x21)!.data
const eventData = (pst: Surgery): number => [...pst.nodes].filter(([nid]) => (nid & 31) === 4).at(-1)![1].data
/** The recurrence of the appointment: the one binary value of 70 bytes. */
const recurrence = (pst: Surgery) => {
  const data = eventData(pst)
  for (let id = 0x8000; id < 0x8040; id++) {
    try {
      const value = pst.heldValue(data, id)
      if (pst.u16(value.at) === 0x3004) return value
    } catch {}
  }
  throw new Error('there is no recurrence')
}
const flipRecurrence = (name: string, at: number, size: Field['size']): Damage => [
  `recurrence: ${name}`,
  'M11',
  (pst) => {
    const { at: start, seal } = recurrence(pst)
    pst.set(pst.field(size, start + at, seal), pst.get({ at: start + at, size }) ^ 0x8000)
  },
]
const idMapRecord = (pst: Surgery, at: number, size: Field['size']): Field => {
  const { data } = pst.nodes.get(0xc01)!
  const tree = pst.get(inItem(pst, data, pst.heapRoot(data), 0, 4))
  return inItem(pst, data, pst.get(inItem(pst, data, tree, 4, 4)), at, size)
}

const messaging: readonly Damage[] = [
  ['a required table under another nid', 'M1', (pst) => renamed(pst, 0x64c, 0x64d)],
  ['no message store', 'M1', (pst) => renamed(pst, 0x21, 0x22)],
  [
    'receive folder that is none',
    'M1',
    (pst) => {
      const { data } = pst.nodes.get(0x62b)!
      const table = inItem(pst, data, pst.heapRoot(data), 14, 4)
      const target = pst.get(table)
      const columns = pst.item(data, pst.heapRoot(data)).at
      for (let at = columns + 22; at < columns + 22 + 8 * pst.bytes[columns + 1]!; at += 8)
        if (pst.u32(at) === 0x66050003) pst.set(inItem(pst, data, target, pst.u16(at + 4), 4), 0x7fe2)
    },
  ],
  ['missing search key of a message', 'M1', (pst) => pst.set(property(pst, 0x300b), 0x300a)],
  ['root that is not its own parent', 'M1', (pst) => pst.set(parentOf(pst, 0x122), 0x8022)],
  ['number of items of a folder', 'M2', (pst) => pst.flip(folderProperty(pst, 0x3602).value)],
  ['number of unread items', 'M2', (pst) => pst.flip(folderProperty(pst, 0x3603).value)],
  ['truth of having folders', 'M2', (pst) => pst.flip(folderProperty(pst, 0x360a).value)],
  ['folder below another parent', 'M2', (pst) => pst.set(parentOf(pst, inboxNid(pst)), 0x8042)],
  ['folder below itself', 'M2', (pst) => pst.set(parentOf(pst, inboxNid(pst)), inboxNid(pst))],
  ['table with a parent', 'M2', (pst) => pst.set(parentOf(pst, (inboxNid(pst) & ~31) | 0x0e), 0x122)],
  ['table of no folder', 'M2', (pst) => renamed(pst, (inboxNid(pst) & ~31) | 0x0f, (inboxNid(pst) & ~31) | 0x10)],
  ['message below another folder', 'M3', (pst) => pst.set(parentOf(pst, firstMessage), 0x8062)],
  ['cell of a message: flags', 'M4', (pst) => pst.flip(cell(pst, 0x0e070003, 4))],
  ['cell of a message: size', 'M4', (pst) => pst.flip(cell(pst, 0x0e080003, 4))],
  [
    'cell of a message: subject',
    'M4',
    (pst) => {
      const item = pst.item(contents(pst).data, pst.get(cell(pst, 0x0037001f, 4)))
      pst.flip(pst.field(1, item.at + 6, item.seal))
    },
  ],
  [
    'cell of a message that is marked as absent',
    'M4',
    (pst) => clearBit(pst, pst.get(info(pst, columnOf(pst, 0x0e070003) + 7, 1))),
  ],
  ['status of a message', 'M4', (pst) => clearBit(pst, pst.get(info(pst, columnOf(pst, 0x0e170003) + 7, 1)))],
  [
    'name of a folder in the row',
    'M4',
    (pst) => {
      const name = pst.heldValue(pst.nodes.get(inboxNid(pst))!.data, 0x3001)
      pst.flip(pst.field(1, name.at, name.seal))
    },
  ],
  ['size of a message', 'M5', (pst) => pst.flip(property(pst, 0x0e08).value)],
  ['size of an attachment', 'M5', (pst) => pst.flip(pst.property(firstAttachment(pst).data, 0x0e20).value)],
  [
    'size of a message in a message',
    'M5',
    (pst) => {
      const attachment = [...messageWithAttachments(pst).subnodes].find(
        ([nid, { data }]) => (nid & 31) === 5 && pst.get(pst.property(data, 0x3705).value) === 5,
      )![1]
      flipValue(pst, attachment.data, 0x3701, 4)
    },
  ],
  ['no table of recipients', 'M6', (pst) => pst.set(subnodeNid(pst, 0x692), 0x693)],
  ['no table of attachments', 'M6', (pst) => pst.set(subnodeNid(pst, 0x671), 0x670)],
  [
    'attachments that the flags deny',
    'M6',
    (pst) => {
      const flags = pst.property(messageWithAttachments(pst).data, 0x0e07).value
      pst.set(flags, pst.get(flags) & ~0x10)
    },
  ],
  ['missing rendering position', 'M6', (pst) => pst.set(pst.property(firstAttachment(pst).data, 0x370b), 0x370c)],
  [
    'attachment that is none',
    'L2',
    (pst) => {
      const nid = [...messageWithAttachments(pst).subnodes.keys()].findLast((one) => (one & 31) === 5)!
      pst.set(subnodeNid(pst, nid), nid + 0x1a)
    },
  ],
  ['number of buckets of names', 'M7', (pst) => pst.flip(pst.property(nameMap(pst), 0x0001).value)],
  [
    'GUID of a name',
    'M7',
    (pst) => {
      const entries = pst.heldValue(nameMap(pst), 0x0003)
      pst.set(pst.field(2, entries.at + 4, entries.seal), 0x200)
    },
  ],
  ['number of a name', 'M7', (pst) => flipValue(pst, nameMap(pst), 0x0003, 0)],
  ['property of a name', 'M7', (pst) => flipValue(pst, nameMap(pst), 0x0003, 6)],
  ['text of a name', 'M7', (pst) => flipValue(pst, nameMap(pst), 0x0004, 4)],
  [
    'bucket of a name',
    'M7',
    (pst) => {
      const bucket = [...Array(251).keys()].find((b) => {
        try {
          return pst.heldValue(nameMap(pst), 0x1000 + b).size > 0
        } catch {
          return false
        }
      })!
      flipValue(pst, nameMap(pst), 0x1000 + bucket, 6)
    },
  ],
  [
    'property without a name',
    'M7',
    (pst) => {
      const named = [...Array(64).keys()].findLast((n) => has(pst, 0x8000 + n, 0x101f))!
      pst.set(property(pst, 0x8000 + named), 0xf000)
    },
  ],
  ['entry id of the store', 'M8', (pst) => flipValue(pst, storeData(pst), 0x0ff9, 3)],
  ['entry id of a folder', 'M8', (pst) => flipValue(pst, storeData(pst), 0x35e0, 22)],
  ['mask of the folders', 'M8', (pst) => pst.flip(pst.property(storeData(pst), 0x35df).value)],
  [
    'id of a row',
    'M9',
    (pst) => {
      const item = pst.item(contents(pst).data, pst.get(cell(pst, 0x0e300102, 4)))
      pst.flip(pst.field(1, item.at + 15, item.seal))
    },
  ],
  ['change number of a row', 'M9', (pst) => pst.set(cell(pst, 0x0e330014, 8), 0)],
  ['id in the map', 'M9', (pst) => pst.flip(idMapRecord(pst, 14, 1))],
  ['nid in the map', 'M9', (pst) => pst.set(idMapRecord(pst, 16, 4), 0x8042)],
  ['nid in the map that is not there', 'M9', (pst) => pst.set(idMapRecord(pst, 16, 4), 0x7fff)],
  [
    'length of the prefix of a subject',
    'M10',
    (pst) => {
      const subject = pst.heldValue(messageData(pst), 0x0037)
      pst.set(pst.field(2, subject.at + 2, subject.seal), 200)
    },
  ],
  [
    'control character in a subject',
    'M10',
    (pst) => {
      const subject = pst.heldValue(messageData(pst), 0x0037)
      pst.set(pst.field(2, subject.at + 6, subject.seal), 9)
    },
  ],
  [
    'subject without its first character',
    'M10',
    (pst) => {
      const subject = pst.heldValue(messageData(pst), 0x0037)
      pst.set(pst.field(2, subject.at, subject.seal), 65)
    },
  ],
  flipRecurrence('reader version', 0, 2),
  flipRecurrence('writer version', 2, 2),
  flipRecurrence('frequency', 4, 2),
  flipRecurrence('pattern', 6, 2),
  flipRecurrence('calendar', 8, 2),
  flipRecurrence('first moment', 10, 4),
  flipRecurrence('period', 14, 4),
  flipRecurrence('sliding mark', 18, 4),
  flipRecurrence('kind of end', 22, 4),
  flipRecurrence('first day of the week', 30, 4),
  flipRecurrence('number of deleted days', 34, 4),
  flipRecurrence('number of modified days', 38, 4),
  flipRecurrence('first day', 42, 4),
  flipRecurrence('second reader version', 50, 4),
  flipRecurrence('second writer version', 54, 4),
  flipRecurrence('start in the day', 58, 4),
  flipRecurrence('number of changed occurrences', 66, 2),
  flipRecurrence('first reserved size', 68, 4),
  flipRecurrence('second reserved size', 72, 4),
]

describe.each([
  ['heaps', heaps],
  ['trees in heaps', trees],
  ['properties', properties],
  ['tables', tables],
  ['store, folders and messages', messaging],
])('damage to %s', (_, damages) => {
  test.each(damages)('%s is found by %s', async (_name, check, damage) => {
    const pst = openSurgery(good.slice())
    damage(pst)
    expect(await findingsOf(pst.bytes)).toContain(check)
  })
})

describe('damage to a table of many rows', () => {
  test('is not there before', async () => {
    const pst = openSurgery(many.slice())
    expect(await findingsOf(pst.bytes)).toEqual([])
    expect(pst.leavesOf(contents(pst).data).length).toBeGreaterThan(9)
    expect(hierarchy(pst).sub).toBe(0)
  })

  const index = (pst: Surgery, at: number, size: Field['size']): Field => {
    const { data } = contents(pst)
    const header = pst.get(info(pst, 10, 4))
    return inItem(pst, data, pst.get(inItem(pst, data, header, 4, 4)), at, size)
  }
  const rowBlock = (pst: Surgery): number =>
    pst.leavesOf(pst.subnodesOf(contents(pst).sub).get(pst.get(info(pst, 14, 4)))!.data)[0]!
  test.each<Damage>([
    ['fill level of block 8', 'L1 (warning)', (pst) => pst.flip(inBlock(pst, contents(pst).data, 2, 1, 8))],
    [
      'page map of block 8',
      'L1',
      (pst) => pst.flip(inBlock(pst, contents(pst).data, mapOf(pst, contents(pst).data, 8), 2, 8)),
    ],
    [
      'padding of a block of the heap',
      'L1',
      (pst) => {
        const { data } = contents(pst)
        const number = pst.leavesOf(data).findIndex((bid, at) => {
          const start = pst.blocks.get(bid)!.at
          const map = pst.u16(start)
          return at < pst.leavesOf(data).length - 1 && map + 6 + 2 * pst.u16(start + map) < 8176
        })
        pst.flip(inBlock(pst, data, 8175, 1, number))
      },
    ],
    ['index of the rows: first key', 'L3', (pst) => pst.flip(index(pst, 0, 4))],
    ['index of the rows: item', 'L2', (pst) => pst.set(index(pst, 4, 4), 0xffe0)],
    ['padding of a block of rows', 'L5', (pst) => pst.flip(pst.block(rowBlock(pst), 8175, 1))],
    [
      'ordinal of a row',
      'L5',
      (pst) => {
        const { data } = contents(pst)
        pst.set(inItem(pst, data, pst.get(index(pst, 4, 4)), 4, 4), 3)
      },
    ],
  ])('%s is found by %s', async (_, check, damage) => {
    const pst = openSurgery(many.slice())
    damage(pst)
    expect(await findingsOf(pst.bytes)).toContain(check)
  })
})
