import { beforeAll, describe, expect, test } from 'vitest'
import {
  aMessage,
  aRecipient,
  fileAttachment,
  messageAttachment,
  patternBytes,
} from '../../../test/doubles/mapi-messages.ts'
import { PidNameKeywords } from '../mapi/properties-message.ts'
import { tagged } from '../mapi/property.ts'
import { msgBytes } from '../msg/msg-bytes.ts'
import type { MsgCheck } from './findings.ts'
import { verifyMsg } from './verify-msg.ts'

type Damage = readonly [name: string, check: MsgCheck | `${MsgCheck} (warning)`, damage: (file: Opened) => void]

const none = 0xffffffff
const end = 0xfffffffe
const entryId = tagged('PidTagEntryId', 0x0fff, 'binary')
const recipient = (name: string, type = 1) => aRecipient(name, type).set(entryId, patternBytes(60))

const write = async (largestBytes: number): Promise<Uint8Array> => {
  const inner = aMessage({
    recipients: [recipient('Eve')],
    attachments: [fileAttachment('inner.bin', patternBytes(6000))],
  })
  inner.properties.set(PidNameKeywords, ['blue'])
  const outer = aMessage({
    recipients: [recipient('Bob'), recipient('Cy', 2)],
    attachments: [
      fileAttachment('large.bin', patternBytes(largestBytes)),
      fileAttachment('empty.bin'),
      messageAttachment(inner),
    ],
  })
  outer.properties.set(PidNameKeywords, ['red', 'grün'])
  // No Buffer, for that one's slice() is no copy.
  return Uint8Array.from((await msgBytes(outer, 2 ** 26, new AbortController().signal))!)
}

let good: Uint8Array
let large: Uint8Array
beforeAll(async () => {
  good = await write(50_000)
  // Needs a list of sectors of the table beside the one in the header.
  large = await write(7_500_000)
})

/** A file whose fields can be changed; its streams have to lie in one piece, as a writer that streams leaves them. */
const open = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const u16 = (at: number) => view.getUint16(at, true)
  const u32 = (at: number) => view.getUint32(at, true)
  const set16 = (at: number, value: number) => view.setUint16(at, value, true)
  const set32 = (at: number, value: number) => view.setUint32(at, value, true)
  const placeOf = (sector: number) => (sector + 1) * 512
  /** Of the first 109 sectors of the table the header knows where they are, of 127 more the further list. */
  const tableSector = (number: number) =>
    number < 109 ? u32(76 + 4 * number) : u32(placeOf(u32(68)) + 4 * (number - 109))
  /** Where the table says what follows a sector. */
  const inTable = (sector: number) => placeOf(tableSector(Math.floor(sector / 128))) + 4 * (sector % 128)
  const chain = (start: number): number[] => (start === end ? [] : [start, ...chain(u32(inTable(start)))])
  const directory = chain(u32(48))
  const entryAt = (sid: number) => placeOf(directory[Math.floor(sid / 4)]!) + 128 * (sid % 4)
  const sids = [...Array(directory.length * 4).keys()].filter((sid) => bytes[entryAt(sid) + 66] !== 0)
  const nameOf = (sid: number) =>
    Buffer.from(bytes.buffer, bytes.byteOffset + entryAt(sid), u16(entryAt(sid) + 64) - 2).toString('utf16le')
  const childrenOf = (sid: number): number[] => {
    const below = (one: number): number[] =>
      one === none ? [] : [...below(u32(entryAt(one) + 68)), one, ...below(u32(entryAt(one) + 72))]
    return below(u32(entryAt(sid) + 76))
  }
  const miniChain = chain(u32(entryAt(0) + 116))
  return {
    bytes,
    u16,
    u32,
    set16,
    set32,
    placeOf,
    inTable,
    entryAt,
    sids,
    nameOf,
    childrenOf,
    directory,
    /** The place of an entry of the directory, by its path. */
    entry: (...path: string[]) =>
      entryAt(path.reduce((sid, name) => childrenOf(sid).find((child) => nameOf(child) === name)!, 0)),
    /** The place of the bytes of a stream. */
    content: (entry: number) => {
      const [start, size] = [u32(entry + 116), u32(entry + 120)]
      return size < 4096 ? placeOf(miniChain[Math.floor(start / 8)]!) + 64 * (start % 8) : placeOf(start)
    },
    flip32: (at: number) => set32(at, u32(at) ^ 1),
  }
}
type Opened = ReturnType<typeof open>

const list = '__properties_version1.0'
const names = '__nameid_version1.0'
const firstRecipient = '__recip_version1.0_#00000000'
const attachment = (number: number) => `__attach_version1.0_#0000000${number}`
const subject = '__substg1.0_0037001F'
const inner = [attachment(2), '__substg1.0_3701000D'] as const

/** The place of the entry of a property in the list of an object. */
const propertyAt = (file: Opened, headerBytes: number, id: number, ...path: string[]): number => {
  const entry = file.entry(...path, list)
  for (let at = file.content(entry) + headerBytes; ; at += 16) if (file.u16(at + 2) === id) return at
}
const stringProperty = (file: Opened): number => propertyAt(file, 32, 0x0037)
const keywords = (file: Opened): number =>
  file.childrenOf(0).find((sid) => /_8[0-9A-F]{3}101F$/.test(file.nameOf(sid)))!

const findingsOf = async (bytes: Uint8Array): Promise<readonly string[]> => {
  const { faults, warnings } = await verifyMsg(
    { sizeBytes: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) },
    { signal: new AbortController().signal },
  )
  return [...new Set([...faults.map(({ check }) => check), ...warnings.map(({ check }) => `${check} (warning)`)])]
}

const header: readonly Damage[] = [
  ['mark', 'C1', ({ flip32 }) => flip32(0)],
  ['class id', 'C1', ({ flip32 }) => flip32(8)],
  ['minor version', 'C1', ({ set16 }) => set16(24, 0x3b)],
  ['major version', 'C1', ({ set16 }) => set16(26, 4)],
  ['order of bytes', 'C1', ({ set16 }) => set16(28, 0xfeff)],
  ['size of sectors', 'C1', ({ set16 }) => set16(30, 12)],
  ['size of mini sectors', 'C1', ({ set16 }) => set16(32, 7)],
  ['reserved', 'C1', ({ flip32 }) => flip32(34)],
  ['directory sectors', 'C1', ({ flip32 }) => flip32(40)],
  ['number of sectors of the table', 'C1', ({ flip32 }) => flip32(44)],
  ['first sector of the directory', 'C5', ({ set32 }) => set32(48, 0)],
  ['transaction', 'C1', ({ flip32 }) => flip32(52)],
  ['cutoff', 'C1', ({ flip32 }) => flip32(56)],
  ['first sector of the mini table', 'C1', ({ set32 }) => set32(60, end)],
  ['sectors of the mini table', 'C1', ({ flip32 }) => flip32(64)],
  ['first further list', 'C1', ({ set32 }) => set32(68, none)],
  ['number of further lists', 'C1', ({ flip32 }) => flip32(72)],
  ['sector of the table', 'C2', ({ set32 }) => set32(76, 0)],
  ['gap in the table', 'C1', ({ set32 }) => set32(76 + 8 * 4, 1)],
]

const tables: readonly Damage[] = [
  ['sector of the table that is not marked', 'C2', (file) => file.set32(file.inTable(file.u32(76)), end)],
  [
    'chain that ends too early',
    'C2',
    (file) => file.set32(file.inTable(file.u32(file.entry(attachment(0), '__substg1.0_37010102') + 116)), end),
  ],
  [
    'chain that leads into another',
    'C2',
    (file) => {
      const start = file.u32(file.entry(attachment(0), '__substg1.0_37010102') + 116)
      file.set32(file.inTable(start), file.u32(48))
    },
  ],
  [
    'chain that leads back',
    'C2',
    (file) => {
      const start = file.u32(file.entry(attachment(0), '__substg1.0_37010102') + 116)
      file.set32(file.inTable(start + 1), start)
    },
  ],
  ['chain that leads out of the file', 'C2', (file) => file.set32(file.inTable(file.u32(48)), 0xffff)],
  ['chain that leads to a mark', 'C2', (file) => file.set32(file.inTable(file.u32(48)), 0xfffffffd)],
  ['sector that is in use and free', 'C2', (file) => file.set32(file.inTable(file.directory.at(-1)!), none)],
  [
    'entry beyond the file',
    'C2',
    (file) => {
      const sectors = file.bytes.length / 512 - 1
      file.set32(file.inTable(sectors), end)
    },
  ],
  [
    'chain of mini sectors that ends too early',
    'C3',
    (file) => {
      const long = file.sids
        .map(file.entryAt)
        .find((at) => file.bytes[at + 66] === 2 && file.u32(at + 120) > 128 && file.u32(at + 120) < 4096)!
      file.set32(file.placeOf(file.u32(60)) + 4 * file.u32(long + 116), end)
    },
  ],
  [
    'mini sector that is in use and free',
    'C3',
    (file) => {
      const short = file.sids
        .map(file.entryAt)
        .find((at) => file.bytes[at + 66] === 2 && file.u32(at + 120) > 0 && file.u32(at + 120) <= 64)!
      file.set32(file.placeOf(file.u32(60)) + 4 * file.u32(short + 116), none)
    },
  ],
  ['size of the mini stream', 'C3', (file) => file.set32(file.entryAt(0) + 120, file.u32(file.entryAt(0) + 120) - 1)],
  ['beginning of the mini stream', 'C2', (file) => file.set32(file.entryAt(0) + 116, 0xffff)],
]

const streams: readonly Damage[] = [
  [
    'beginning of an empty stream',
    'C4',
    (file) => file.set32(file.entry(attachment(1), '__substg1.0_37010102') + 116, 0),
  ],
  ['high half of a size', 'C4', (file) => file.flip32(file.entry(subject) + 124)],
  ['size of a stream over the limit', 'C2', (file) => file.set32(file.entry(subject) + 120, 5000)],
  [
    'size of a stream below the limit',
    'C3',
    (file) => file.set32(file.entry(attachment(0), '__substg1.0_37010102') + 120, 4000),
  ],
]

const directory: readonly Damage[] = [
  ['name', 'C5', (file) => file.set16(file.entry(subject), 0x7a7a)],
  [
    'name of another entry',
    'C5',
    (file) => {
      const [from, to] = [file.entry(firstRecipient), file.entry('__recip_version1.0_#00000001')]
      file.bytes.copyWithin(to, from, from + 64)
    },
  ],
  ['filling of a name', 'C5', (file) => file.set16(file.entry(subject) + 62, 1)],
  ['length of a name', 'C5', (file) => file.set16(file.entry(subject) + 64, 66)],
  ['shorter name', 'C5', (file) => file.set16(file.entry(subject) + 64, 38)],
  ['kind of a root', 'C5', (file) => file.bytes.fill(1, file.entryAt(0) + 66, file.entryAt(0) + 67)],
  ['kind of an entry', 'C5', (file) => file.bytes.fill(3, file.entry(subject) + 66, file.entry(subject) + 67)],
  ['colour', 'C5', (file) => file.bytes.fill(2, file.entry(subject) + 67, file.entry(subject) + 68)],
  [
    'two red ones',
    'C5 (warning)',
    (file) => {
      for (const sid of file.sids) file.bytes[file.entryAt(sid) + 67] = 0
    },
  ],
  [
    'left sibling',
    'C5',
    (file) => {
      const sid = file.sids.find((one) => file.u32(file.entryAt(one) + 68) !== none)!
      file.set32(file.entryAt(sid) + 68, none)
    },
  ],
  [
    'right sibling',
    'C5',
    (file) => {
      const sid = file.sids.find((one) => file.u32(file.entryAt(one) + 72) !== none)!
      file.set32(file.entryAt(sid) + 72, sid)
    },
  ],
  [
    'order of siblings',
    'C5',
    (file) => {
      const at = file.sids.map(file.entryAt).find((one) => file.u32(one + 68) !== none && file.u32(one + 72) !== none)!
      const [left, right] = [file.u32(at + 68), file.u32(at + 72)]
      file.set32(at + 68, right)
      file.set32(at + 72, left)
    },
  ],
  ['siblings of the root', 'C5', (file) => file.set32(file.entryAt(0) + 68, 1)],
  ['first child', 'C5', (file) => file.set32(file.entry(firstRecipient) + 76, none)],
  ['children of a stream', 'C5', (file) => file.set32(file.entry(subject) + 76, 1)],
  [
    'list instead of a tree',
    'C5',
    (file) => {
      const children = file.childrenOf(0)
      for (const [index, sid] of children.entries()) {
        file.set32(file.entryAt(sid) + 68, none)
        file.set32(file.entryAt(sid) + 72, children[index + 1] ?? none)
      }
      file.set32(file.entryAt(0) + 76, children[0]!)
    },
  ],
  ['class id of the root', 'C5', (file) => file.flip32(file.entryAt(0) + 80)],
  ['class id of a stream', 'C5', (file) => file.flip32(file.entry(subject) + 80)],
  ['state', 'C5 (warning)', (file) => file.flip32(file.entry(subject) + 96)],
  ['creation of a stream', 'C5', (file) => file.flip32(file.entry(subject) + 100)],
  ['change of a stream', 'C5', (file) => file.flip32(file.entry(subject) + 108)],
  ['creation of the root', 'C5', (file) => file.flip32(file.entryAt(0) + 100)],
  ['beginning of a storage', 'C5', (file) => file.flip32(file.entry(firstRecipient) + 116)],
  ['size of a storage', 'C5', (file) => file.flip32(file.entry(firstRecipient) + 120)],
  ['name of the root', 'C5', (file) => file.set16(file.entryAt(0), 0x53)],
]

const properties: readonly Damage[] = [
  ['length of the list', 'C6', (file) => file.set32(file.entry(list) + 120, file.u32(file.entry(list) + 120) - 8)],
  ['type', 'C6', (file) => file.set16(stringProperty(file), 0x0099)],
  ['type of another kind', 'C6', (file) => file.set16(stringProperty(file), 0x0102)],
  ['id', 'C6', (file) => file.set16(stringProperty(file) + 2, 0x0036)],
  ['id that is there already', 'C6', (file) => file.set16(stringProperty(file) + 2, 0x001a)],
  ['flags', 'C6', (file) => file.set32(stringProperty(file) + 4, 0x10)],
  ['flags of nobody', 'C6', (file) => file.set32(stringProperty(file) + 4, 4)],
  ['size of a text', 'C6', (file) => file.set32(stringProperty(file) + 8, file.u32(stringProperty(file) + 8) - 2)],
  ['behind the size of a text', 'C6 (warning)', (file) => file.flip32(stringProperty(file) + 12)],
  ['behind a number', 'C6', (file) => file.flip32(propertyAt(file, 32, 0x0017) + 12)],
  ['truth that is neither', 'C6', (file) => file.set16(propertyAt(file, 8, 0x7fff, attachment(0)) + 8, 2)],
  [
    'text with a terminator',
    'C6',
    (file) => {
      const entry = file.entry(subject)
      file.set16(file.content(entry) + file.u32(entry + 120) - 2, 0)
    },
  ],
  ['lengths of several texts', 'C6', (file) => file.flip32(file.content(file.entryAt(keywords(file))))],
  [
    'text of several without its terminator',
    'C6',
    (file) => {
      const name = `${file.nameOf(keywords(file))}-00000000`
      const entry = file.entry(name)
      file.set16(file.content(entry) + file.u32(entry + 120) - 2, 65)
    },
  ],
  ['size of an object', 'C6', (file) => file.set32(propertyAt(file, 8, 0x3701, attachment(2)) + 8, 0)],
  ['kind of an object', 'C6', (file) => file.set32(propertyAt(file, 8, 0x3701, attachment(2)) + 12, 2)],
  ['object that is no message', 'C10', (file) => file.set32(propertyAt(file, 8, 0x3701, attachment(2)) + 12, 4)],
  ['property in a message in the message', 'C6', (file) => file.set16(propertyAt(file, 24, 0x0037, ...inner), 0x0102)],
]

const counts: readonly Damage[] = [
  ...(
    [
      ['reserved', 0],
      ['next recipient', 8],
      ['next attachment', 12],
      ['recipients', 16],
      ['attachments', 20],
      ['reserved at the end', 24],
    ] as const
  ).flatMap(([name, at]): readonly Damage[] => [
    [`${name} of the message`, 'C7', (file) => file.flip32(file.content(file.entry(list)) + at)],
    ...(at === 24
      ? []
      : ([
          [`${name} of a message in it`, 'C7', (file) => file.flip32(file.content(file.entry(...inner, list)) + at)],
        ] as const satisfies readonly Damage[])),
  ]),
  ['reserved of a recipient', 'C7', (file) => file.flip32(file.content(file.entry(firstRecipient, list)))],
  ['reserved of an attachment', 'C7', (file) => file.flip32(file.content(file.entry(attachment(0), list)))],
  ['number of a storage', 'C7', (file) => file.set16(file.entry('__recip_version1.0_#00000001') + 2 * 27, 0x39)],
  ['number of a recipient', 'C7', (file) => file.flip32(propertyAt(file, 8, 0x3000, firstRecipient) + 8)],
  ['number of an attachment', 'C7', (file) => file.flip32(propertyAt(file, 8, 0x0e21, attachment(0)) + 8)],
]

const inNames = (file: Opened, stream: string): number => file.content(file.entry(names, `__substg1.0_${stream}0102`))
const named: readonly Damage[] = [
  ['number or text of a name', 'C8', (file) => file.flip32(inNames(file, '0003'))],
  ['property set of a name', 'C8', (file) => file.set16(inNames(file, '0003') + 4, 0x101)],
  ['kind of a name', 'C8', (file) => file.set16(inNames(file, '0003') + 4, file.u16(inNames(file, '0003') + 4) ^ 1)],
  ['property of a name', 'C8', (file) => file.set16(inNames(file, '0003') + 6, 7)],
  ['length of a text', 'C8', (file) => file.set32(inNames(file, '0004'), 1000)],
  ['character of a text', 'C8', (file) => file.set16(inNames(file, '0004') + 4, 0x6b)],
  ['entry of a bucket', 'C8', (file) => file.flip32(inNames(file, '1015'))],
  ['bucket', 'C8', (file) => file.set16(file.entry(names, '__substg1.0_10150102') + 2 * 14, 0x30)],
  [
    'missing entries',
    'C8',
    (file) => {
      file.set32(file.entry(names, '__substg1.0_00030102') + 120, 0)
    },
  ],
  [
    'property without a name',
    'C8',
    (file) => {
      const at = propertyAt(file, 32, Number.parseInt(file.nameOf(keywords(file)).slice(12, 16), 16))
      file.set16(at + 2, 0x9000)
    },
  ],
]

const required: readonly Damage[] = [
  ['no message class', 'C9', (file) => file.set16(propertyAt(file, 32, 0x001a) + 2, 0x001b)],
  ['no search key in a message in it', 'C9', (file) => file.set16(propertyAt(file, 24, 0x300b, ...inner) + 2, 0x300a)],
  ['strings that are not Unicode', 'C9', (file) => file.set32(propertyAt(file, 32, 0x340d) + 8, 0)],
  [
    'strings of an attachment that are not Unicode',
    'C9',
    (file) => file.set32(propertyAt(file, 8, 0x340d, attachment(0)) + 8, 0),
  ],
  ['no attachments by its flags', 'C9', (file) => file.set32(propertyAt(file, 32, 0x0e07) + 8, 1)],
  ['kind of a recipient', 'C9', (file) => file.set32(propertyAt(file, 8, 0x0c15, firstRecipient) + 8, 9)],
  ['method of an attachment', 'C9', (file) => file.set32(propertyAt(file, 8, 0x3705, attachment(0)) + 8, 5)],
  ['subject as a PST has it', 'C9', (file) => file.set16(file.content(file.entry(subject)), 1)],
  ['subject that is another', 'C9', (file) => file.set16(file.content(file.entry(subject)), 0x42)],
]

describe('a good file', () => {
  test('has no findings', async () => {
    expect(await findingsOf(good)).toEqual([])
    expect(await findingsOf(large)).toEqual([])
  })
  test('that was cut off is found', async () => {
    expect(await findingsOf(good.subarray(0, good.length - 100))).toContain('C1')
    expect(await findingsOf(good.subarray(0, good.length - 1024))).toContain('C2')
    expect(await findingsOf(good.subarray(0, 100))).toEqual(['C1'])
  })
})

describe.each([
  ['the header', header],
  ['tables of sectors', tables],
  ['streams', streams],
  ['the directory', directory],
  ['properties', properties],
  ['counts and numbers', counts],
  ['names', named],
  ['what is required', required],
])('damage to %s', (_, damages) => {
  test.each(damages)('%s is found by %s', async (_name, check, damage) => {
    const file = open(good.slice())
    damage(file)
    expect(await findingsOf(file.bytes)).toContain(check)
  })
})

describe('damage to a file with a further list of sectors', () => {
  test.each<Damage>([
    ['its first sector', 'C2', (file) => file.set32(68, 0)],
    ['how many there are', 'C1', (file) => file.flip32(72)],
    ['a sector in it', 'C2', (file) => file.set32(file.placeOf(file.u32(68)), 0)],
    ['what follows it', 'C2', (file) => file.set32(file.placeOf(file.u32(68)) + 508, 0)],
    ['its mark in the table', 'C2', (file) => file.set32(file.inTable(file.u32(68)), end)],
  ])('%s is found by %s', async (_, check, damage) => {
    const file = open(large.slice())
    damage(file)
    expect(await findingsOf(file.bytes)).toContain(check)
  })
})
