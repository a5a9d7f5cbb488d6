import { beforeAll, describe, expect, test } from 'vitest'
import { type Field, openSurgery, type Surgery } from '../../../test/doubles/pst-surgery.ts'
import { samplePst } from '../../../test/doubles/sample-pst.ts'
import type { PstCheck } from './findings.ts'
import { verifyPst } from './verify-pst.ts'

/** Fields that nobody is known to read are warned of alone. */
type Damage = readonly [name: string, check: PstCheck | `${PstCheck} (warning)`, damage: (pst: Surgery) => void]

let good: Uint8Array
let large: Uint8Array
beforeAll(async () => {
  good = await samplePst({ messages: 20, attachmentsOfOne: 350, largestBytes: 70_000, cryptMethod: 'none' })
  // Beyond the first free map, and with a data tree of two levels.
  large = await samplePst({ messages: 1, attachmentsOfOne: 0, largestBytes: 33_000_000, cryptMethod: 'permute' })
})

const verify = (bytes: Uint8Array) =>
  verifyPst(
    { sizeBytes: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) },
    { signal: new AbortController().signal },
  )

const findingsOf = async (bytes: Uint8Array): Promise<readonly string[]> => {
  const { faults, warnings } = await verify(bytes)
  return [...new Set([...faults.map(({ check }) => check), ...warnings.map(({ check }) => `${check} (warning)`)])]
}

const messageNid = 0x200024
const bigMessage = (pst: Surgery) =>
  [...pst.nodes].findLast(([nid]) => (nid & 31) === 4 && pst.subnodesOf(pst.nodes.get(nid)!.sub).size > 300)![1]
const page = (pst: Surgery, tree: 'nodes' | 'blocks', level: number): number =>
  pst.pages.find((one) => one.tree === tree && one.level === level)!.at
const entryOf = (pst: Surgery, at: number, size: Field['size']): Field => {
  const { entryAt, page: own } = pst.nodes.get(messageNid)!
  return pst.page(own, entryAt - own + at, size)
}
const blockEntry = (pst: Surgery, at: number, size: Field['size']): Field => {
  const { entryAt, page: own } = pst.blocks.get(pst.nodes.get(messageNid)!.data)!
  return pst.page(own, entryAt - own + at, size)
}
const dataTree = (pst: Surgery): number =>
  [...pst.blocks.keys()].find((bid) => (bid & 2) !== 0 && pst.bytes[pst.blocks.get(bid)!.at] === 1)!

const header: readonly Damage[] = [
  ['mark of the file', 'V1', (pst) => pst.flip(pst.raw(0, 1))],
  ['short checksum', 'V1', (pst) => pst.flip(pst.raw(4, 4))],
  ['client mark', 'V1', (pst) => pst.flip(pst.header(8, 2))],
  ['version', 'V1', (pst) => pst.set(pst.header(10, 2), 36)],
  ['client version', 'V1', (pst) => pst.flip(pst.header(12, 2))],
  ['creating platform', 'V1', (pst) => pst.flip(pst.header(14, 1))],
  ['accessing platform', 'V1', (pst) => pst.flip(pst.header(15, 1))],
  ['reserved at 16', 'V1 (warning)', (pst) => pst.flip(pst.header(16, 4))],
  ['reserved at 20', 'V1 (warning)', (pst) => pst.flip(pst.header(20, 4))],
  ['unused bid', 'V1 (warning)', (pst) => pst.flip(pst.header(24, 8))],
  ['next page bid', 'V4', (pst) => pst.set(pst.header(32, 8), 1)],
  ['unique', 'L6', (pst) => pst.set(pst.header(40, 4), 2)],
  ...Array.from(
    { length: 32 },
    (_, type): Damage => [`highest nid of type ${type}`, 'V10', (pst) => pst.set(pst.header(44 + 4 * type, 4), 0x3ff)],
  ),
  [
    'highest nid of messages, by one',
    'V10',
    (pst) => {
      const mark = pst.header(44 + 4 * 4, 4)
      pst.set(mark, pst.get(mark) - 1)
    },
  ],
  [
    'highest nid of attachments, by one',
    'V10',
    (pst) => {
      const mark = pst.header(44 + 4 * 5, 4)
      pst.set(mark, pst.get(mark) - 1)
    },
  ],
  ['unused at 172', 'V1 (warning)', (pst) => pst.flip(pst.header(172, 8))],
  ['reserved of the root', 'V1 (warning)', (pst) => pst.flip(pst.header(180, 4))],
  ['end of the file', 'V2', (pst) => pst.flip(pst.header(184, 8))],
  ['last allocation map', 'V2', (pst) => pst.flip(pst.header(192, 8))],
  ['free bytes', 'V6', (pst) => pst.flip(pst.header(200, 8))],
  ['free bytes of page maps', 'V1 (warning)', (pst) => pst.flip(pst.header(208, 8))],
  ['bid of the node tree', 'V4', (pst) => pst.flip(pst.header(216, 8))],
  ['place of the node tree', 'V4', (pst) => pst.set(pst.header(224, 8), pst.u64(240))],
  ['bid of the block tree', 'V4', (pst) => pst.flip(pst.header(232, 8))],
  ['place of the block tree', 'V4', (pst) => pst.set(pst.header(240, 8), pst.u64(224))],
  ['valid maps', 'V1', (pst) => pst.set(pst.header(248, 1), 0)],
  ['reserved at 249', 'V1 (warning)', (pst) => pst.flip(pst.header(250, 1))],
  ['old free map', 'V1 (warning)', (pst) => pst.flip(pst.header(300, 1))],
  ['old free page map', 'V1 (warning)', (pst) => pst.flip(pst.header(400, 1))],
  ['sentinel', 'V1', (pst) => pst.flip(pst.header(512, 1))],
  ['encoding that is none', 'V1', (pst) => pst.set(pst.header(513, 1), 2)],
  ['encoding of another file', 'L1', (pst) => pst.flip(pst.header(513, 1))],
  ['reserved at 514', 'V1 (warning)', (pst) => pst.flip(pst.header(514, 2))],
  ['next block bid', 'V5', (pst) => pst.set(pst.header(516, 8), 8)],
  ['full checksum', 'V1', (pst) => pst.flip(pst.raw(524, 4))],
  ['reserved at 528', 'V1 (warning)', (pst) => pst.flip(pst.raw(530, 4))],
  ['room behind the header', 'V1 (warning)', (pst) => pst.flip(pst.raw(0x2000, 4))],
]

const listPage = 0x4200
const allocationMap = 0x4400
const pageMap = 0x4600
const trailerOf = (name: string, at: number, check: PstCheck): readonly Damage[] => [
  [`${name}: type`, check, (pst) => pst.flip(pst.raw(at + 496, 1))],
  [`${name}: second type`, check, (pst) => pst.flip(pst.raw(at + 497, 1))],
  [`${name}: signature`, check, (pst) => pst.flip(pst.raw(at + 498, 2))],
  [`${name}: checksum`, check, (pst) => pst.flip(pst.raw(at + 500, 4))],
  [`${name}: bid`, check, (pst) => pst.flip(pst.raw(at + 504, 8))],
]
const specialPages: readonly Damage[] = [
  ...trailerOf('density list', listPage, 'V3'),
  ...trailerOf('allocation map', allocationMap, 'V3'),
  ...trailerOf('page map', pageMap, 'V3'),
  ['density list: flags', 'V3 (warning)', (pst) => pst.flip(pst.page(listPage, 0, 1))],
  ['density list: too many entries', 'V3', (pst) => pst.set(pst.page(listPage, 1, 1), 120)],
  ['density list: an entry that is not counted', 'V3 (warning)', (pst) => pst.flip(pst.page(listPage, 8, 4))],
  ['page map: a byte', 'V3 (warning)', (pst) => pst.flip(pst.page(pageMap, 10, 1))],
  ['allocation map: in use and marked as free', 'V6', (pst) => pst.set(pst.page(allocationMap, 0, 1), 0xfe)],
  [
    'allocation map: in use, marked as free and counted so',
    'V6',
    (pst) => {
      pst.set(pst.page(allocationMap, 0, 1), 0xfe)
      pst.set(pst.header(200, 8), pst.u64(200) + 64)
    },
  ],
  ['allocation map: free and marked as used', 'V6', (pst) => pst.flip(pst.page(lastMapOf(pst), 495, 1))],
  [
    'allocation map: free, marked as used and counted so',
    'V6 (warning)',
    (pst) => {
      pst.flip(pst.page(lastMapOf(pst), 495, 1))
      pst.set(pst.header(200, 8), pst.u64(200) - 64)
    },
  ],
]
const lastMapOf = (pst: Surgery): number => pst.u64(192)

const treePages: readonly Damage[] = (['nodes', 'blocks'] as const).flatMap((tree) =>
  [0, 1].flatMap((level): readonly Damage[] => {
    const at = (pst: Surgery) => page(pst, tree, level)
    const name = `tree of ${tree}, level ${level}`
    return [
      [`${name}: type`, 'V4', (pst) => pst.flip(pst.raw(at(pst) + 496, 1))],
      [`${name}: second type`, 'V4', (pst) => pst.flip(pst.raw(at(pst) + 497, 1))],
      [`${name}: signature`, 'V4', (pst) => pst.flip(pst.raw(at(pst) + 498, 2))],
      [`${name}: checksum`, 'V4', (pst) => pst.flip(pst.raw(at(pst) + 500, 4))],
      [`${name}: bid`, 'V4', (pst) => pst.flip(pst.raw(at(pst) + 504, 8))],
      [`${name}: number of entries`, 'V4', (pst) => pst.set(pst.page(at(pst), 488, 1), 0)],
      [`${name}: too many entries`, 'V4', (pst) => pst.set(pst.page(at(pst), 488, 1), 21)],
      [`${name}: most entries`, 'V4', (pst) => pst.flip(pst.page(at(pst), 489, 1))],
      [`${name}: size of entries`, 'V4', (pst) => pst.flip(pst.page(at(pst), 490, 1))],
      [`${name}: level`, 'V4', (pst) => pst.set(pst.page(at(pst), 491, 1), 5)],
      [`${name}: filling`, 'V4 (warning)', (pst) => pst.flip(pst.page(at(pst), 492, 4))],
      [`${name}: first key`, 'V4', (pst) => pst.flip(pst.page(at(pst), 0, 4))],
      [`${name}: order of keys`, 'V4', (pst) => pst.set(pst.page(at(pst), pst.bytes[at(pst) + 490]!, 4), 1)],
      ...(level === 0
        ? []
        : ([
            [`${name}: bid of a page below`, 'V4', (pst) => pst.flip(pst.page(at(pst), 8, 8))],
            [`${name}: place of a page below`, 'V4', (pst) => pst.flip(pst.page(at(pst), 16, 8))],
            [
              `${name}: a page below twice`,
              'V6',
              (pst) => pst.set(pst.page(at(pst), 24 + 16, 8), pst.u64(at(pst) + 16)),
            ],
          ] as const satisfies readonly Damage[])),
    ]
  }),
)

const entries: readonly Damage[] = [
  ['node: high half of its nid', 'V4', (pst) => pst.flip(entryOf(pst, 4, 4))],
  ['node: bid of its data', 'V7', (pst) => pst.set(entryOf(pst, 8, 8), 0x7ff00)],
  ['node: bit 0 of a bid', 'V4', (pst) => pst.flip(entryOf(pst, 8, 8))],
  ['node: bid of its subnodes', 'V7', (pst) => pst.set(entryOf(pst, 16, 8), 0x7ff02)],
  ['node: data of another node', 'V7', (pst) => pst.set(entryOf(pst, 8, 8), pst.nodes.get(0x21)!.data)],
  ['node: parent', 'M3', (pst) => pst.set(entryOf(pst, 24, 4), 0x8022)],
  ['node: filling', 'V4 (warning)', (pst) => pst.flip(entryOf(pst, 28, 4))],
  ['block: bit 0 of its bid', 'V5', (pst) => pst.flip(blockEntry(pst, 0, 8))],
  ['block: its bid', 'V5', (pst) => pst.set(blockEntry(pst, 0, 8), pst.get(blockEntry(pst, 0, 8)) + 2)],
  ['block: alignment', 'V5', (pst) => pst.flip(blockEntry(pst, 8, 8))],
  ['block: its place', 'V5', (pst) => pst.set(blockEntry(pst, 8, 8), pst.get(blockEntry(pst, 8, 8)) + 64)],
  ['block: a place beyond the file', 'V5', (pst) => pst.set(blockEntry(pst, 8, 8), 2 ** 30)],
  ['block: its size', 'V5', (pst) => pst.flip(blockEntry(pst, 16, 2))],
  ['block: size 0', 'V5', (pst) => pst.set(blockEntry(pst, 16, 2), 0)],
  ['block: too large', 'V5', (pst) => pst.set(blockEntry(pst, 16, 2), 8177)],
  ['block: references', 'V7', (pst) => pst.flip(blockEntry(pst, 18, 2))],
  ['block: filling', 'V4 (warning)', (pst) => pst.flip(blockEntry(pst, 20, 4))],
  [
    'block: place of another block',
    'V6',
    (pst) => pst.set(blockEntry(pst, 8, 8), pst.blocks.get(pst.nodes.get(0x21)!.data)!.at),
  ],
]

const blocks: readonly Damage[] = [
  ...(
    [
      ['size', 0, 2],
      ['signature', 2, 2],
      ['checksum', 4, 4],
      ['bid', 8, 8],
    ] as const
  ).map(
    ([name, at, size]): Damage => [
      `trailer of a block: ${name}`,
      'V5',
      (pst) => pst.flip(pst.raw(pst.trailer(pst.nodes.get(messageNid)!.data) + at, size)),
    ],
  ),
  ['a byte of a block', 'V5', (pst) => pst.flip(pst.raw(pst.blocks.get(pst.nodes.get(messageNid)!.data)!.at + 40, 1))],
  [
    'padding of a block',
    'V5 (warning)',
    (pst) => {
      const [, { at, size }] = [...pst.blocks].find(([bid, block]) => pst.trailer(bid) > block.at + block.size)!
      pst.flip(pst.raw(at + size, 1))
    },
  ],
  ['data tree: type', 'V8', (pst) => pst.set(pst.block(dataTree(pst), 0, 1), 3)],
  ['data tree: level', 'V8', (pst) => pst.set(pst.block(dataTree(pst), 1, 1), 3)],
  ['data tree: number of children', 'V8', (pst) => pst.flip(pst.block(dataTree(pst), 2, 2))],
  ['data tree: total', 'V8', (pst) => pst.flip(pst.block(dataTree(pst), 4, 4))],
  ['data tree: child that is not there', 'V7', (pst) => pst.set(pst.block(dataTree(pst), 8, 8), 0x7ff00)],
  [
    'data tree: child that holds no data',
    'V8',
    (pst) => pst.set(pst.block(dataTree(pst), 8, 8), pst.nodes.get(messageNid)!.sub),
  ],
  [
    'data tree: short block in the middle',
    'V8',
    (pst) => {
      const first = pst.block(dataTree(pst), 8, 8)
      const last = pst.field(
        8,
        pst.blocks.get(dataTree(pst))!.at + 8 + 8 * (pst.u16(pst.blocks.get(dataTree(pst))!.at + 2) - 1),
        first.seal,
      )
      const [a, b] = [pst.get(first), pst.get(last)]
      pst.set(first, b)
      pst.set(last, a)
    },
  ],
]

/** A list of subnodes of one level, and the list of lists of the message with 350 attachments. */
const small = (pst: Surgery): number => pst.nodes.get(messageNid)!.sub
const big = (pst: Surgery): number => bigMessage(pst).sub
const subnodes: readonly Damage[] = [
  ['list of subnodes: type', 'V9', (pst) => pst.set(pst.block(small(pst), 0, 1), 3)],
  ['list of subnodes: level', 'V9', (pst) => pst.set(pst.block(small(pst), 1, 1), 2)],
  ['list of subnodes: number', 'V9', (pst) => pst.set(pst.block(small(pst), 2, 2), 0)],
  ...(['subnodes', 'data'] as const).map(
    (what): Damage => [
      `list of ${what}: no bytes at all`,
      what === 'data' ? 'V8' : 'V9',
      (pst) => {
        const { entryAt, page: own } = pst.blocks.get(what === 'data' ? dataTree(pst) : small(pst))!
        pst.set(pst.page(own, entryAt - own + 16, 2), 0)
      },
    ],
  ),
  ['list of subnodes: filling', 'V9 (warning)', (pst) => pst.flip(pst.block(small(pst), 4, 4))],
  ['list of subnodes: nid', 'M6', (pst) => pst.flip(pst.block(small(pst), 8, 4))],
  ['list of subnodes: high half of a nid', 'V9', (pst) => pst.flip(pst.block(small(pst), 12, 4))],
  ['list of subnodes: data', 'V7', (pst) => pst.set(pst.block(small(pst), 16, 8), 0x7ff00)],
  ['list of subnodes: subnodes', 'V7', (pst) => pst.set(pst.block(small(pst), 24, 8), 0x7ff02)],
  [
    'list of subnodes: order',
    'V9',
    (pst) => {
      const list = pst.u64(pst.blocks.get(big(pst))!.at + 16)
      pst.set(pst.block(list, 8 + 24, 4), 1)
    },
  ],
  ['list of lists: type', 'V9', (pst) => pst.set(pst.block(big(pst), 0, 1), 3)],
  ['list of lists: level', 'V9', (pst) => pst.set(pst.block(big(pst), 1, 1), 0)],
  ['list of lists: number', 'V9', (pst) => pst.flip(pst.block(big(pst), 2, 2))],
  ['list of lists: filling', 'V9 (warning)', (pst) => pst.flip(pst.block(big(pst), 4, 4))],
  ['list of lists: first nid', 'V9', (pst) => pst.flip(pst.block(big(pst), 8, 4))],
  ['list of lists: list that is not there', 'V7', (pst) => pst.set(pst.block(big(pst), 16, 8), 0x7ff02)],
]

describe('a good file', () => {
  test('has no findings', async () => {
    for (const bytes of [good, large]) {
      const { ok, faults, warnings } = await verify(bytes)
      expect({ ok, faults, warnings }).toEqual({ ok: true, faults: [], warnings: [] })
    }
    expect(await verify(good)).toMatchObject({ folders: 7, messages: 22 })
  })

  test('that was cut off is found', async () => {
    expect(await findingsOf(good.subarray(0, good.length - 512))).toContain('V2')
    expect(await findingsOf(good.subarray(0, good.length - 253_952))).toEqual(expect.arrayContaining(['V2', 'V4']))
    expect(await findingsOf(good.subarray(0, 500))).toEqual(['V1'])
  })

  test('is not the place of more faults than are asked for', async () => {
    const bytes = good.slice().fill(0x55, 0x4800, 0x20000)
    const report = await verifyPst(
      { sizeBytes: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) },
      { signal: new AbortController().signal, maxFaults: 5 },
    )
    expect(report.faults).toHaveLength(5)
    expect(report.faultCount).toBeGreaterThan(20)
  })

  test('is given up when nobody wants to know any more', async () => {
    const read = async (at: number, length: number) => good.subarray(at, at + length)
    const stopped = verifyPst({ sizeBytes: good.length, read }, { signal: AbortSignal.abort() })
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe.each([
  ['header', header],
  ['pages at their places', specialPages],
  ['pages of the trees', treePages],
  ['entries of the trees', entries],
  ['blocks and data trees', blocks],
  ['lists of subnodes', subnodes],
])('damage to %s', (_, damages) => {
  test.each(damages)('%s is found by %s', async (_name, check, damage) => {
    const pst = openSurgery(good.slice())
    damage(pst)
    expect(await findingsOf(pst.bytes)).toContain(check)
  })
})

describe('damage to a large file', () => {
  const freeMap = 0x1f04800
  const twoLevels = (pst: Surgery): number =>
    [...pst.blocks.keys()].find(
      (bid) =>
        (bid & 2) !== 0 && pst.bytes[pst.blocks.get(bid)!.at] === 1 && pst.bytes[pst.blocks.get(bid)!.at + 1] === 2,
    )!
  test.each<Damage>([
    ...trailerOf('free map', freeMap, 'V3'),
    ['free map: a byte', 'V6', (pst) => pst.flip(pst.page(freeMap, 0, 1))],
    [
      'free map: 255 everywhere',
      'V6 (warning)',
      (pst) => {
        pst.bytes.fill(0xff, freeMap, freeMap + 496)
        pst.set(pst.page(freeMap, 0, 1), 0xff)
      },
    ],
    ['data tree of two levels: total', 'V8', (pst) => pst.flip(pst.block(twoLevels(pst), 4, 4))],
    ['data tree of two levels: number of children', 'V8', (pst) => pst.flip(pst.block(twoLevels(pst), 2, 2))],
    ['data tree of two levels: level', 'V8', (pst) => pst.set(pst.block(twoLevels(pst), 1, 1), 1)],
    [
      'data tree of two levels: child that is a leaf',
      'V8',
      (pst) => pst.set(pst.block(twoLevels(pst), 8, 8), pst.leavesOf(twoLevels(pst))[0]!),
    ],
  ])('%s is found by %s', async (_, check, damage) => {
    const pst = openSurgery(large.slice())
    damage(pst)
    expect(await findingsOf(pst.bytes)).toContain(check)
  })
})
