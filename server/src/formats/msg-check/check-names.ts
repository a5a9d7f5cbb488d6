import { crc32 } from 'node:zlib'
import { hex, isAll, u16, u32 } from './bytes.ts'
import type { CompoundFile } from './compound-file.ts'
import type { DirectoryEntry } from './directory.ts'
import type { Findings } from './findings.ts'

export const namesStorage = '__nameid_version1.0'
const guidStream = '__substg1.0_00020102'
const entryStream = '__substg1.0_00030102'
const stringStream = '__substg1.0_00040102'
const bucketName = /^__substg1\.0_10([0-9A-F]{2})0102$/
const bucketCount = 31

/** CRC-32 that begins with 0 and is not inverted ([MS-PST] 5.3). */
const nameHash = (bytes: Uint8Array): number => (crc32(bytes, 0xffffffff) ^ 0xffffffff) >>> 0

const keyOf = (record: Uint8Array): string => `${u32(record, 0)} ${u16(record, 4)} ${u16(record, 6)}`

/** C8: the map of named properties. Answers how many there are. */
export const checkNames = async (
  { root, read }: Pick<CompoundFile, 'root' | 'read'>,
  findings: Findings,
): Promise<number> => {
  const { fault } = findings
  const storage = root.children.find(({ name }) => name === namesStorage)
  if (storage?.kind !== 'storage') {
    fault('C8', 'message', `it has no storage ${namesStorage}`)
    return 0
  }
  const children = new Map<string, DirectoryEntry>(storage.children.map((child) => [child.name, child]))
  const streamOf = async (name: string): Promise<Uint8Array> => {
    const entry = children.get(name)
    if (entry?.kind === 'stream') return read(entry)
    fault('C8', storage.path, `it has no stream ${name}`)
    return new Uint8Array(0)
  }
  const [guids, entries, strings] = [
    await streamOf(guidStream),
    await streamOf(entryStream),
    await streamOf(stringStream),
  ]
  for (const [name, stream, unit] of [
    [guidStream, guids, 16],
    [entryStream, entries, 8],
    [stringStream, strings, 4],
  ] as const)
    if (stream.length % unit !== 0)
      fault('C8', `${storage.path}/${name}`, `${stream.length} bytes are no whole values of ${unit}`)
  const guidCount = Math.floor(guids.length / 16)
  const count = Math.floor(entries.length / 8)
  const expected = Array.from({ length: bucketCount }, () => [] as string[])
  const seen = new Set<string>()
  for (let number = 0; number < count; number++) {
    const at = number * 8
    const place = `${storage.path}, name ${number}`
    const word = u16(entries, at + 4)
    if (u16(entries, at + 6) !== number)
      fault('C8', place, `it is for property ${hex(0x8000 + u16(entries, at + 6))}, not ${hex(0x8000 + number)}`)
    if (word >>> 1 === 0 || word >>> 1 >= 3 + guidCount)
      fault('C8', place, `it is of property set ${word >>> 1}, and there are 1 to ${2 + guidCount}`)
    let hash = u32(entries, at)
    let key = `${word} ${hash}`
    if (word % 2 === 1) {
      const length = hash + 4 <= strings.length ? u32(strings, hash) : 0
      const end = hash + 4 + length
      if (hash % 4 !== 0 || length === 0 || length % 2 !== 0 || end > strings.length) {
        fault('C8', place, `there is no string at ${hash}`)
        continue
      }
      if (!isAll(strings.subarray(end, Math.ceil(end / 4) * 4), 0))
        fault('C8', place, 'the filling behind its string is not zero')
      const name = strings.subarray(hash + 4, end)
      hash = nameHash(name)
      key = `${word} ${Array.from(name).join(',')}`
    }
    if (seen.has(key)) fault('C8', place, 'the same name has another id too')
    seen.add(key)
    expected[((hash ^ word) >>> 0) % bucketCount]!.push(`${hash} ${word} ${number}`)
  }
  for (const [bucket, wanted] of expected.entries()) {
    const name = `__substg1.0_${hex(0x1000 + bucket).slice(2)}0102`
    const place = `${storage.path}/${name}`
    const entry = children.get(name)
    if (entry === undefined && wanted.length === 0) continue
    const stored = entry?.kind === 'stream' ? await read(entry) : new Uint8Array(0)
    const found = Array.from({ length: Math.floor(stored.length / 8) }, (_, record) =>
      keyOf(stored.subarray(8 * record, 8 * record + 8)),
    )
    if (stored.length % 8 !== 0 || found.sort().join() !== wanted.sort().join())
      fault('C8', place, `it has ${found.length} names, and they are not the ${wanted.length} that belong there`)
  }
  for (const { name, path } of storage.children) {
    const bucket = bucketName.exec(name)?.[1]
    if (
      ![guidStream, entryStream, stringStream].includes(name) &&
      (bucket === undefined || Number.parseInt(bucket, 16) >= bucketCount)
    )
      fault('C8', path, 'it is no part of the map of names')
  }
  return count
}
