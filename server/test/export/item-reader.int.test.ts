import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createItemReader } from '../../src/adapters/work/item-reader.ts'
import { createWorkFiles } from '../../src/adapters/work/work-files.ts'
import { openArchive } from '../../src/domain/archive/read-archive.ts'
import { heldBytes } from '../../src/domain/export/fill-items.ts'
import type { WantedItem } from '../../src/ports/item-reader.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { captureArchive } from '../doubles/scripted-archive.ts'
import { scriptedFolder } from '../doubles/scripted-readers.ts'

const { signal } = new AbortController()
const open = createItemReader(new URL('../../src/item-reader-main.ts', import.meta.url))
const texts = ['one', 'two'.repeat(1_000), 'x'.repeat(heldBytes + 1), 'four'].map((body) => `Subject: x\r\n\r\n${body}`)

let folder: Awaited<ReturnType<typeof ownFolder>>
let archivePath: string
let workFolder: string
let wanted: readonly WantedItem[]

beforeAll(async () => {
  folder = await ownFolder('item-reader')
  workFolder = join(folder.path, 'work')
  await mkdir(workFolder)
  const items = texts.map((text, no) => ({ ref: no + 1, text, receivedAtMs: 0 }))
  archivePath = (await captureArchive(folder.path, 'archive', [scriptedFolder('mail', ['INBOX'], items)])).archivePath
  const file = await createWorkFiles(folder.path).open(archivePath)
  const archive = await openArchive(file, signal)
  const found: WantedItem[] = []
  for await (const { record, place } of archive.items(signal))
    found.push({ entry: record.entry, sizeBytes: record.sizeBytes, sha256: record.sha256, place: place! })
  await file.close()
  wanted = found
})
afterAll(() => folder.remove())

test('small items come in memory and large ones in a file; a buffer that was given back is filled again', async () => {
  const reader = open({ archivePath, workFolder }, signal)
  try {
    const [first, second] = await Promise.all([reader.read(wanted), reader.read([wanted[1]!, wanted[0]!])])
    const [one, two, three, four] = first.items
    for (const [item, no] of [
      [one, 0],
      [two, 1],
      [four, 3],
    ] as const)
      expect(item?.form === 'held' && Buffer.from(item.bytes).toString()).toBe(texts[no])
    expect(three?.form === 'spool' && (await readFile(three.path, 'utf8'))).toBe(texts[2])
    expect(second.items.map((item) => item.form === 'held' && Buffer.from(item.bytes).toString())).toEqual([
      texts[1],
      texts[0],
    ])
    if (three?.form === 'spool') await rm(three.path)
    const { buffer } = (one as { bytes: Uint8Array }).bytes
    first.release()
    expect(buffer.byteLength).toBeGreaterThan(0)
    await reader.read([wanted[3]!])
    expect(buffer.byteLength, 'it went back to the thread').toBe(0)
  } finally {
    await reader.close()
  }
})

test('what is damaged is an answer, and nothing of it is left behind', async () => {
  const reader = open({ archivePath, workFolder }, signal)
  try {
    const before = await readdir(workFolder)
    const { items } = await reader.read([
      { ...wanted[1]!, sha256: '0'.repeat(64) },
      { ...wanted[2]!, sha256: '0'.repeat(64) },
      { ...wanted[0]!, place: { ...wanted[0]!.place, crc32: 1 } },
      wanted[3]!,
    ])
    expect(items.map((item) => (item.form === 'damaged' ? item.code : item.form))).toEqual([
      'hash_differs',
      'hash_differs',
      'header_differs',
      'held',
    ])
    expect(await readdir(workFolder)).toEqual(before)
  } finally {
    await reader.close()
  }
})

test('a work folder that is gone ends the request with a reason, and the next one is answered', async () => {
  const gone = join(folder.path, 'gone')
  const reader = open({ archivePath, workFolder: gone }, signal)
  try {
    await expect(reader.read([wanted[2]!])).rejects.toMatchObject({ code: 'store_failed' })
    expect((await reader.read([wanted[0]!])).items[0]).toMatchObject({ form: 'held' })
  } finally {
    await reader.close()
  }
})

test('an archive that is gone ends every request', async () => {
  await rename(archivePath, `${archivePath}.away`)
  const reader = open({ archivePath, workFolder }, signal)
  try {
    await expect(reader.read([wanted[0]!])).rejects.toThrow('ENOENT')
  } finally {
    await reader.close()
    await rename(`${archivePath}.away`, archivePath)
  }
})

test('who is told to stop gets the reason at once, then and later', async () => {
  const stop = new AbortController()
  const reader = open({ archivePath, workFolder }, stop.signal)
  const asked = reader.read(wanted)
  stop.abort(new Error('enough'))
  await expect(asked).rejects.toThrow('enough')
  await expect(reader.read(wanted)).rejects.toThrow('enough')
  await reader.close()
})

test('a thread that dies is an error with a code, then and later', async () => {
  const reader = createItemReader(new URL('data:text/javascript,process.exit(3)'))({ archivePath, workFolder }, signal)
  await expect(reader.read(wanted)).rejects.toMatchObject({
    code: 'worker_died',
    details: { reason: 'exit code 3' },
  })
  await expect(reader.read(wanted)).rejects.toMatchObject({ code: 'worker_died' })
  await reader.close()
})
