import { Buffer } from 'node:buffer'
import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { memoryFile } from '../../formats/zip/random-access-file.ts'
import { type CentralEntry, openZip } from '../../formats/zip/read-zip.ts'
import { entryNames, type ManifestContent } from './manifest.ts'
import { makeSmallArchive, type SmallArchiveChanges } from './small-archive.ts'
import { verifyArchive } from './verify-archive.ts'

const keyPair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    spki: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  }
}
const key = keyPair()
const long = 'mail/INBOX/000009 Re_ [x] _Offer__.eml'
const ten = 'mail/INBOX/000010.eml'

const codesOf = async (bytes: Uint8Array) =>
  (await verifyArchive(memoryFile(bytes))).faults.map(({ entry, code }) => `${code} ${entry}`)

let good: Uint8Array
let entries: readonly CentralEntry[]
let directoryOffset: number

beforeAll(async () => {
  good = await makeSmallArchive(key.pem)
  const zip = await openZip(memoryFile(good))
  directoryOffset = zip.directoryOffset
  const found: CentralEntry[] = []
  for await (const entry of zip.entries()) found.push(entry)
  entries = found
})

const entryOf = (name: string): CentralEntry => entries.find((entry) => entry.name === name)!
const dataOf = (name: string): number => entryOf(name).headerOffset + 30 + Buffer.byteLength(name)
/** Offset of an entry's record in the central directory. */
const recordOf = (name: string): number =>
  entries
    .slice(0, entries.indexOf(entryOf(name)))
    .reduce((sum, entry) => sum + 46 + Buffer.byteLength(entry.name), directoryOffset)

const flipped = (offset: number, bits = 0x01): Uint8Array => {
  const bytes = Uint8Array.from(good)
  bytes[offset]! ^= bits
  return bytes
}

describe('a good archive', () => {
  test('has no faults', async () => {
    const outcome = await verifyArchive(memoryFile(good), { trustedKeys: [keyPair().spki, key.spki] })
    expect(outcome).toEqual({ ok: true, itemCount: 6, rootHash: expect.stringMatching(/^[0-9a-f]{64}$/), faults: [] })
  })

  test('tells how far it is, and stops when told', async () => {
    const seen: number[] = []
    await verifyArchive(memoryFile(good), { onProgress: ({ itemsDone }) => seen.push(itemsDone) })
    expect(seen.at(-1)).toBe(entries.length)
    const stop = new AbortController()
    stop.abort(new Error('enough'))
    await expect(verifyArchive(memoryFile(good), { signal: stop.signal })).rejects.toThrow('enough')
  })

  test('signed with a key nobody trusts is told apart', async () => {
    const { faults } = await verifyArchive(memoryFile(good), { trustedKeys: [keyPair().spki] })
    expect(faults).toMatchObject([{ entry: entryNames.manifest, code: 'signature_untrusted' }])
  })
})

describe('a byte changed on the way is found, and the entry named', () => {
  test.each([
    ['in stored data', () => flipped(dataOf(entryNames.index) + 3), `crc_differs ${entryNames.index}`],
    ['in a local header: signature', () => flipped(entryOf(long).headerOffset), `header_differs ${long}`],
    ['in a local header: version', () => flipped(entryOf(long).headerOffset + 4), `header_differs ${long}`],
    ['in a local header: flags', () => flipped(entryOf(long).headerOffset + 6), `header_differs ${long}`],
    ['in a local header: method', () => flipped(entryOf(long).headerOffset + 8, 8), `header_differs ${long}`],
    ['in a local header: time', () => flipped(entryOf(long).headerOffset + 10), `header_differs ${long}`],
    ['in a local header: CRC', () => flipped(entryOf(long).headerOffset + 14), `header_differs ${long}`],
    ['in a local header: size', () => flipped(entryOf(long).headerOffset + 22), `header_differs ${long}`],
    ['in a local header: name length', () => flipped(entryOf(long).headerOffset + 26), `header_differs ${long}`],
    ['in a local header: extra length', () => flipped(entryOf(long).headerOffset + 28), `header_differs ${long}`],
    ['in a local header: name', () => flipped(entryOf(long).headerOffset + 31), `header_differs ${long}`],
    ['in the directory: made by', () => flipped(recordOf(long) + 4), `structure ${long}`],
    ['in the directory: time', () => flipped(recordOf(long) + 12), `header_differs ${long}`],
    ['in the directory: CRC', () => flipped(recordOf(long) + 16), `header_differs ${long}`],
    ['in the directory: compressed size', () => flipped(recordOf(long) + 20), `header_differs ${long}`],
    ['in the directory: size', () => flipped(recordOf(long) + 24), `header_differs ${long}`],
    ['in the directory: offset', () => flipped(recordOf(long) + 42), `structure ${long}`],
    ['in the directory: attributes', () => flipped(recordOf(long) + 40), `structure ${long}`],
    ['in the directory: name', () => flipped(recordOf(long) + 46 + 20), `entry_missing ${long}`],
    ['in the directory: method', () => flipped(recordOf(long) + 10, 1), `structure ${long}`],
  ])('%s', async (_, damaged, fault) => {
    expect(await codesOf(damaged())).toContain(fault)
  })

  // Deflate ends on a bit, not on a byte (RFC 1951 §3.1): the bits left over in its last byte mean nothing.
  const isPadding = (offset: number): boolean =>
    entries.some((entry) => entry.method === 8 && offset === dataOf(entry.name) + entry.compressedBytes - 1)

  test('wherever it is', async () => {
    const silent: number[] = []
    for (let offset = 0; offset < good.length; offset += 3)
      if ((await verifyArchive(memoryFile(flipped(offset, 1 << (offset % 8))))).ok) silent.push(offset)
    expect(silent.filter((offset) => !isPadding(offset))).toEqual([])
  }, 60_000)

  test('in the data of any entry, and that entry is among those named', async () => {
    for (const { name, compressedBytes } of entries)
      for (let at = 0; at < compressedBytes; at += 7) {
        if (isPadding(dataOf(name) + at)) continue
        const codes = await codesOf(flipped(dataOf(name) + at, 0x10))
        const named = codes.filter((code) => /^(crc_differs|data_unreadable|size_differs) /.test(code))
        expect(named.map((code) => code.replace(/^\S+ /, ''))).toContain(name)
      }
  }, 60_000)
})

describe('what is cut off or put on is found', () => {
  test('cut anywhere', async () => {
    for (let size = 0; size < good.length; size += 41)
      expect((await verifyArchive(memoryFile(good.subarray(0, size)))).faults).toMatchObject([{ code: 'structure' }])
  })
  test.each([
    ['bytes before', () => Buffer.concat([Buffer.from('x'), good])],
    ['bytes after', () => Buffer.concat([good, Buffer.from('x')])],
    [
      'a comment',
      () => {
        const bytes = Buffer.concat([good, Buffer.from('hi')])
        bytes.writeUInt16LE(2, good.length - 2)
        return bytes
      },
    ],
    [
      'bytes before the directory',
      () => {
        const bytes = Buffer.concat([
          good.subarray(0, directoryOffset),
          Buffer.from('xxxx'),
          good.subarray(directoryOffset),
        ])
        bytes.writeUInt32LE(directoryOffset + 4, bytes.length - 6)
        return bytes
      },
    ],
  ])('%s', async (_, damaged) => {
    expect((await codesOf(damaged())).join()).toMatch(/^structure /)
  })
})

const changedCount = (change: (folder: ManifestContent['folders'][number]) => object): SmallArchiveChanges => ({
  content: (content) => ({
    ...content,
    folders: content.folders.map((folder) => (folder.label === 'INBOX' ? { ...folder, ...change(folder) } : folder)),
  }),
})

/** Made and signed by somebody who does not keep to the format, or by a mistake of ours. */
describe('an archive that contradicts itself is found out', () => {
  test.each<[string, SmallArchiveChanges, readonly string[]]>([
    [
      'another message under the name',
      {
        entries: (all) =>
          all.map((entry) => (entry.name === ten ? { ...entry, content: 'Subject: \r\n\r\nTEN\r\n' } : entry)),
      },
      [`hash_differs ${ten}`],
    ],
    [
      'a longer message under the name',
      {
        entries: (all) =>
          all.map((entry) => (entry.name === ten ? { ...entry, content: 'longer than it was before' } : entry)),
      },
      [`size_differs ${ten}`],
    ],
    ['a message left out', { entries: (all) => all.filter(({ name }) => name !== ten) }, [`entry_missing ${ten}`]],
    [
      'a message put in',
      { entries: (all) => [{ name: 'mail/INBOX/000099.eml', content: 'x' }, ...all] },
      ['entry_extra mail/INBOX/000099.eml'],
    ],
    [
      'an entry twice',
      { entries: (all) => [{ name: ten, content: 'x' }, ...all] },
      [`entry_repeated ${ten}`, `size_differs ${ten}`],
    ],
    [
      'a name that leads outside',
      { entries: (all) => [{ name: '../../etc/passwd', content: 'x' }, ...all] },
      ['name_unsafe ../../etc/passwd', 'entry_extra ../../etc/passwd'],
    ],
    ['no manifest', { entries: (all) => all.slice(0, -1) }, ['manifest_missing stillbox.json']],
    [
      'a manifest that is not the last entry',
      { entries: (all) => [all.at(-1)!, ...all.slice(0, -1)] },
      ['order_wrong stillbox.json'],
    ],
    ['no README', { entries: (all) => all.filter(({ name }) => name !== 'README.txt') }, ['entry_missing README.txt']],
    ['two lines swapped', { lines: ([a, b, c, ...rest]) => [a!, c!, b!, ...rest] }, [`order_wrong ${long}`]],
    [
      'two lines of different folders swapped',
      { lines: ([a, b, ...rest]) => [b!, a!, ...rest] },
      ['order_wrong mail/Archiv/Übersicht/000003 Überblick.eml'],
    ],
    [
      'a line dropped',
      { lines: (lines) => lines.filter((line) => !line.includes(ten)) },
      ['count_differs mail/INBOX', 'count_differs items.jsonl', `entry_extra ${ten}`],
    ],
    [
      'a line twice',
      { lines: ([a, ...rest]) => [a!, a!, ...rest] },
      [
        'order_wrong mail/Archiv/Übersicht/000003 Überblick.eml',
        'entry_repeated mail/Archiv/Übersicht/000003 Überblick.eml',
        'count_differs mail/Archiv/Übersicht',
        'count_differs items.jsonl',
      ],
    ],
    [
      'a line with spaces in it',
      { lines: ([a, ...rest]) => [a!.replace(',"kind"', ', "kind"'), ...rest] },
      [
        'line_invalid items.jsonl',
        'count_differs mail/Archiv/Übersicht',
        'count_differs items.jsonl',
        'entry_extra mail/Archiv/Übersicht/000003 Überblick.eml',
      ],
    ],
    [
      'a line that claims another folder',
      { lines: (lines) => lines.map((line) => (line.includes(ten) ? line.replace('"INBOX"', '"Elsewhere"') : line)) },
      [`line_invalid ${ten}`, 'count_differs mail/INBOX', 'count_differs items.jsonl'],
    ],
    [
      'a line of another UIDVALIDITY',
      { lines: (lines) => lines.map((line) => (line.includes(ten) ? line.replace('"77"', '"78"') : line)) },
      [`line_invalid ${ten}`],
    ],
    [
      'another root',
      { content: (content) => ({ ...content, items: { ...content.items, treeRoot: '0'.repeat(64) } }) },
      ['root_differs items.jsonl'],
    ],
    [
      'another count of a folder',
      changedCount(({ taken, onServer }) => ({ taken: taken + 1, onServer: onServer + 1 })),
      ['count_differs mail/INBOX'],
    ],
    [
      'other bytes of a folder',
      changedCount(({ takenBytes }) => ({ takenBytes: takenBytes + 1 })),
      ['count_differs mail/INBOX'],
    ],
    [
      'another count of all',
      { content: (content) => ({ ...content, items: { ...content.items, count: 7 } }) },
      ['count_differs items.jsonl'],
    ],
    [
      'other bytes of all',
      { content: (content) => ({ ...content, items: { ...content.items, bytes: 7 } }) },
      ['count_differs items.jsonl'],
    ],
    [
      'another count of issues',
      { content: (content) => ({ ...content, issues: { count: 0 } }) },
      ['count_differs issues.jsonl'],
    ],
    [
      'vanished messages that no issue names',
      changedCount(({ vanished, onServer }) => ({ vanished: vanished + 1, onServer: onServer + 1 })),
      ['count_differs issues.jsonl'],
    ],
    [
      'messages that arrived and that no issue names',
      changedCount(() => ({ arrivedMeanwhile: 3 })),
      ['count_differs issues.jsonl'],
    ],
    [
      'messages that were not taken, without a reason',
      changedCount(({ notTaken, onServer }) => ({ notTaken: notTaken + 4, onServer: onServer + 4 })),
      ['count_differs issues.jsonl'],
    ],
    [
      'a file that is not listed',
      {
        content: (content) => ({
          ...content,
          files: content.files.filter(({ entry }) => entry !== 'calendar/Work.ics'),
        }),
      },
      ['entry_extra calendar/Work.ics'],
    ],
    [
      'a file with another hash',
      {
        content: (content) => ({
          ...content,
          files: content.files.map((file) =>
            file.entry === 'index.sqlite' ? { ...file, sha256: 'f'.repeat(64) } : file,
          ),
        }),
      },
      ['hash_differs index.sqlite'],
    ],
    [
      'a subject changed after signing',
      { signed: (manifest) => ({ ...manifest, subject: { ...manifest.subject, userName: 'bruno' } }) },
      ['signature_wrong stillbox.json'],
    ],
    [
      'a fingerprint of another key',
      { signed: (manifest) => ({ ...manifest, signature: { ...manifest.signature, fingerprint: '0'.repeat(64) } }) },
      ['signature_wrong stillbox.json'],
    ],
    [
      'a signature that is none',
      { signed: (manifest) => ({ ...manifest, signature: { ...manifest.signature, value: 'AAAA' } }) },
      ['signature_wrong stillbox.json'],
    ],
    [
      'a public key that is none',
      { signed: (manifest) => ({ ...manifest, signature: { ...manifest.signature, publicKey: 'AAAA' } }) },
      ['signature_wrong stillbox.json'],
    ],
    [
      'a sum that does not add up',
      { manifestText: (text) => text.replace('"onServer": 8', '"onServer": 9') },
      ['manifest_invalid stillbox.json'],
    ],
    [
      'a later format version',
      { manifestText: (text) => text.replace('"version": 1', '"version": 2') },
      ['manifest_invalid stillbox.json'],
    ],
    [
      'a key twice',
      { manifestText: (text) => text.replace('"count": 6', '"count": 5,\n    "count": 6') },
      ['manifest_invalid stillbox.json'],
    ],
    ['a manifest that is no JSON', { manifestText: (text) => text.slice(1) }, ['manifest_invalid stillbox.json']],
  ])('%s', async (_, changes, faults) => {
    expect(await codesOf(await makeSmallArchive(key.pem, changes))).toEqual(faults)
  })
})
