import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { patternBytes } from '../../../../test/doubles/mapi-messages.ts'
import { readStreams } from '../../../../testkit/read-msg.ts'
import { createMemoryFile } from '../memory-file.ts'
import { type CompoundFile, createCompoundFile } from './compound-file.ts'

const refusal = new Error('too large')

const compoundFile = async (
  fill: (msg: CompoundFile) => Promise<void>,
  { limitBytes = 2 ** 31 - 1, bufferBytes = 4096 } = {},
): Promise<Buffer> => {
  const file = createMemoryFile()
  const { signal } = new AbortController()
  const msg = createCompoundFile({
    file,
    rootClass: new Uint8Array(16),
    limitBytes,
    tooLarge: () => refusal,
    signal,
    bufferBytes,
  })
  await fill(msg)
  const { sizeBytes } = await msg.finish()
  expect(file.bytes().length).toBe(sizeBytes)
  return Buffer.from(file.bytes())
}

async function* inChunks(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}

/** Where each sector leads, from the FAT whose sectors the header and the DIFAT name. */
const readFat = (file: Buffer): number[] => {
  const at = (sector: number) => (sector + 1) * 512
  const fatSectors = Array.from({ length: 109 }, (_, index) => file.readUInt32LE(76 + index * 4))
  const difatSectors: number[] = []
  for (let sector = file.readUInt32LE(68); sector !== 0xfffffffe; sector = file.readUInt32LE(at(sector) + 508)) {
    difatSectors.push(sector)
    for (let index = 0; index < 127; index++) fatSectors.push(file.readUInt32LE(at(sector) + index * 4))
  }
  const used = fatSectors.filter((sector) => sector !== 0xffffffff)
  expect(used.length).toBe(file.readUInt32LE(44))
  expect(difatSectors.length).toBe(file.readUInt32LE(72))
  const fat = used.flatMap((sector) =>
    Array.from({ length: 128 }, (_, index) => file.readUInt32LE(at(sector) + index * 4)),
  )
  for (const sector of used) expect(fat[sector]).toBe(0xfffffffd)
  for (const sector of difatSectors) expect(fat[sector]).toBe(0xfffffffc)
  return fat
}

const chain = (fat: readonly number[], first: number): number[] => {
  const sectors: number[] = []
  for (let sector = first; sector < 0xfffffff0; sector = fat[sector]!) {
    sectors.push(sector)
    if (sectors.length > fat.length) throw new Error('a chain without an end')
  }
  return sectors
}

type Listed = {
  name: string
  kind: number
  isBlack: boolean
  left: number
  right: number
  child: number
  start: number
  size: number
}

const readDirectory = (file: Buffer, fat: readonly number[]): Listed[] =>
  chain(fat, file.readUInt32LE(48)).flatMap((sector) =>
    [0, 1, 2, 3].map((slot) => {
      const at = (sector + 1) * 512 + slot * 128
      return {
        name: file.toString('utf16le', at, at + Math.max(0, file.readUInt16LE(at + 64) - 2)),
        kind: file[at + 66]!,
        isBlack: file[at + 67] === 1,
        left: file.readUInt32LE(at + 68),
        right: file.readUInt32LE(at + 72),
        child: file.readUInt32LE(at + 76),
        start: file.readUInt32LE(at + 116),
        size: file.readUInt32LE(at + 120),
      }
    }),
  )

/** Answers the names below, left to right, and how many black ones lie on each way down; throws where two red ones meet. */
const walkTree = (
  entries: readonly Listed[],
  id: number,
  parentIsBlack: boolean,
): { names: string[]; blacks: number } => {
  if (id === 0xffffffff) return { names: [], blacks: 0 }
  const { name, isBlack, left, right } = entries[id]!
  if (!isBlack && !parentIsBlack) throw new Error(`${name} is red below red`)
  const before = walkTree(entries, left, isBlack)
  const after = walkTree(entries, right, isBlack)
  if (before.blacks !== after.blacks) throw new Error(`${name} has unequal black heights`)
  return { names: [...before.names, name, ...after.names], blacks: before.blacks + (isBlack ? 1 : 0) }
}

const inOrder = (a: string, b: string): number => a.length - b.length || (a.toUpperCase() < b.toUpperCase() ? -1 : 1)

/** Every sector belongs to one chain or table; answers the directory. */
const checkSectors = (file: Buffer): Listed[] => {
  const fat = readFat(file)
  const entries = readDirectory(file, fat)
  const total = file.length / 512 - 1
  const owners = new Map<number, string>()
  const own = (sectors: readonly number[], owner: string): void => {
    for (const sector of sectors) {
      expect(owners.get(sector), `sector ${sector} of ${owner}`).toBeUndefined()
      owners.set(sector, owner)
    }
  }
  own(chain(fat, file.readUInt32LE(48)), 'the directory')
  const miniFat = chain(fat, file.readUInt32LE(60))
  own(miniFat, 'the mini FAT')
  expect(miniFat.length).toBe(file.readUInt32LE(64))
  for (const { name, kind, start, size } of entries) {
    if (kind !== 5 && (kind !== 2 || size < 4096)) continue
    const sectors = chain(fat, start)
    expect(sectors.length, name).toBe(Math.ceil(size / 512))
    own(sectors, name)
  }
  for (const [sector, next] of fat.entries()) {
    if (next === 0xfffffffd || next === 0xfffffffc) own([sector], 'a table')
    if (sector >= total) expect(next).toBe(0xffffffff)
  }
  expect(owners.size).toBe(total)
  return entries
}

const sizes = [0, 1, 63, 64, 65, 511, 512, 513, 4095, 4096, 4097, 8192, 70_000]

describe('a compound file', () => {
  test('gives back streams of every size around the limits', async () => {
    const file = await compoundFile(async (msg) => {
      for (const size of sizes) await msg.stream(msg.root, `whole ${size}`, patternBytes(size))
      const below = msg.storage(msg.root, 'below')
      for (const size of sizes) {
        expect(await msg.streamFrom(below, `chunked ${size}`, inChunks(patternBytes(size, 1), 1000))).toBe(size)
      }
    })
    const streams = readStreams(file)
    for (const size of sizes) {
      expect(streams.get(`whole ${size}`), `${size}`).toEqual(patternBytes(size))
      expect(streams.get(`below/chunked ${size}`), `${size}`).toEqual(patternBytes(size, 1))
    }
    checkSectors(file)
  })

  test('gives back any streams in any chunks', async () => {
    const part = fc.record({ size: fc.nat(9000), chunk: fc.integer({ min: 1, max: 5000 }), whole: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 30 }),
        fc.constantFrom(512, 4096, 16_384),
        async (parts, bufferBytes) => {
          const file = await compoundFile(
            async (msg) => {
              for (const [index, { size, chunk, whole }] of parts.entries()) {
                const bytes = patternBytes(size, index)
                if (whole) await msg.stream(msg.root, `s${index}`, bytes)
                else await msg.streamFrom(msg.root, `s${index}`, inChunks(bytes, chunk))
              }
            },
            { bufferBytes },
          )
          checkSectors(file)
          const streams = readStreams(file)
          for (const [index, { size }] of parts.entries())
            expect(streams.get(`s${index}`)?.equals(patternBytes(size, index))).toBe(true)
        },
      ),
      { numRuns: 40 },
    )
  })

  test('spills the mini stream between other streams', async () => {
    const small = patternBytes(4000)
    const file = await compoundFile(async (msg) => {
      for (let index = 0; index < 900; index++) {
        await msg.stream(msg.root, `small ${index}`, small)
        if (index % 300 === 0) await msg.stream(msg.root, `large ${index}`, patternBytes(5000, index))
      }
    })
    const fat = readFat(file)
    const root = checkSectors(file)[0]!
    const sectors = chain(fat, root.start)
    expect(sectors.some((sector, index) => index > 0 && sector !== sectors[index - 1]! + 1)).toBe(true)
    const streams = readStreams(file)
    for (let index = 0; index < 900; index++) expect(streams.get(`small ${index}`)?.equals(small)).toBe(true)
    expect(streams.get('large 300')).toEqual(patternBytes(5000, 300))
  })

  // 109 FAT sectors fit the header, each DIFAT sector holds 127 more.
  test.each([109, 110, 236, 237])('is whole with %i FAT sectors', async (fatSectors) => {
    const difat = Math.ceil(Math.max(0, fatSectors - 109) / 127)
    // Besides the stream there is one sector of the directory.
    const streamSectors = fatSectors * 128 - fatSectors - difat - 1
    const content = patternBytes(512 * 1024)
    const sizeBytes = streamSectors * 512
    async function* chunks() {
      for (let left = sizeBytes; left > 0; left -= content.length)
        yield content.subarray(0, Math.min(left, content.length))
    }
    const file = await compoundFile((msg) => msg.streamFrom(msg.root, 'large', chunks()).then(() => undefined), {
      bufferBytes: 65_536,
    })
    expect(file.readUInt32LE(44)).toBe(fatSectors)
    expect(file.readUInt32LE(72)).toBe(difat)
    expect(file.length).toBe((1 + fatSectors * 128) * 512)
    checkSectors(file)
    expect(readStreams(file).get('large')?.subarray(-512)).toEqual(
      content.subarray(0, sizeBytes % content.length || undefined).subarray(-512),
    )
  })

  test.each([0, 1, 2, 3, 4, 6, 7, 8, 100, 2000])('has a red-black tree of %i siblings', async (count) => {
    const names = Array.from({ length: count }, (_, index) => `${index % 3 === 0 ? 'a' : '__B_'}${index.toString(16)}`)
    const file = await compoundFile(async (msg) => {
      for (const name of names) await msg.stream(msg.root, name, new Uint8Array(0))
    })
    const entries = readDirectory(file, readFat(file))
    expect(walkTree(entries, entries[0]!.child, false).names).toEqual(names.toSorted(inOrder))
  })

  test('is refused exactly when it would pass the limit', async () => {
    const fill = async (msg: CompoundFile) => {
      await msg.stream(msg.root, 'small', patternBytes(700))
      await msg.streamFrom(msg.storage(msg.root, 'below'), 'large', inChunks(patternBytes(100_000), 4000))
    }
    const { length } = await compoundFile(fill)
    expect((await compoundFile(fill, { limitBytes: length })).length).toBe(length)
    await expect(compoundFile(fill, { limitBytes: length - 1 })).rejects.toBe(refusal)
  })

  test('stops reading a stream that would pass the limit', async () => {
    let given = 0
    async function* endless() {
      for (;;) yield new Uint8Array(1000).fill(given++)
    }
    await expect(
      compoundFile((msg) => msg.streamFrom(msg.root, 'x', endless()).then(() => undefined), { limitBytes: 50_000 }),
    ).rejects.toBe(refusal)
    expect(given).toBeLessThan(51)
  })
})
