import { createHash } from 'node:crypto'
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { composeExport } from '../../src/compose-export.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { captureArchive } from '../doubles/scripted-archive.ts'
import { type ScriptedItem, scriptedFolder } from '../doubles/scripted-readers.ts'
import { checkFile } from './check-file.ts'
import type { ItemFacts } from './item-facts.ts'
import { visitWithExtractor } from './read-pst-items.ts'

const gigabyte = 1e9
const largeCount = 40
const largeBytes = 60_000_000
const smallCount = 600
const cardCount = 30

const lineBytes = 57
/** One line over and over, so that it costs little to make and to deflate. */
const largeLine = (no: number): Buffer => Buffer.alloc(lineBytes, `attachment ${no}, `)
const largeLines = Math.floor(largeBytes / lineBytes)
const largeHash = (no: number): string => {
  const hash = createHash('sha256')
  const block = Buffer.concat(Array.from({ length: 1000 }, () => largeLine(no)))
  let left = largeLines
  for (; left >= 1000; left -= 1000) hash.update(block)
  return hash.update(block.subarray(0, left * lineBytes)).digest('hex')
}

const head = (id: string): string =>
  `From: sender@mail.example\r\nTo: anna@mail.example\r\nSubject: ${id}\r\nMessage-ID: <${id}@mail.example>\r\nMIME-Version: 1.0\r\n`
const large = (no: number): ScriptedItem => ({
  ref: no + 1,
  get text() {
    return `${head(`large-${no}`)}Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="${no}.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n${`${largeLine(no).toString('base64')}\r\n`.repeat(largeLines)}`
  },
})
const small = (no: number): ScriptedItem => ({
  ref: no + 1,
  text: `${head(`small-${no}`)}Content-Type: text/plain\r\n\r\nNothing but words.\r\n`,
})
const card = (no: number): ScriptedItem => ({
  ref: `/dav/Friends/${no}.vcf`,
  text: `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:${no}\r\nFN:Friend ${no}\r\nN:;Friend ${no};;;\r\nEND:VCARD\r\n`,
})
const many = (count: number, make: (no: number) => ScriptedItem) => Array.from({ length: count }, (_, no) => make(no))

let folder: Awaited<ReturnType<typeof ownFolder>>
beforeAll(async () => {
  folder = await ownFolder('split-pst')
})
afterAll(() => folder.remove())

test('an export of 2.4 GB with files of 1 GB at most has each item once in one of them', async () => {
  const { archivePath } = await captureArchive(folder.path, 'archive', [
    scriptedFolder('mail', ['INBOX'], many(smallCount, small)),
    scriptedFolder('mail', ['Large'], many(largeCount, large)),
    scriptedFolder('contact', ['Friends'], many(cardCount, card)),
  ])
  const workFolder = join(folder.path, 'export')
  await mkdir(workFolder)
  const order = { format: 'pst', folder: null, words: null, maxGb: 1 } as const
  const work = { order, archivePath, fullTextPath: null, workFolder }
  const report = await composeExport(work, () => {}, new AbortController().signal)
  const itemCount = smallCount + largeCount + cardCount
  expect(report.counts).toMatchObject({ inArchive: itemCount, written: itemCount, degraded: 0, skipped: 0 })

  const parts = report.files.filter(({ name }) => name.endsWith('.pst'))
  expect(parts.length).toBeGreaterThanOrEqual(3)
  expect(parts.map(({ name }) => name.replace(/^.* part/, 'part'))).toEqual(
    parts.map((_, index) => `part ${index + 1}.pst`),
  )
  const found: { readonly where: string; readonly facts: ItemFacts }[] = []
  let messages = 0
  for (const [index, { name, sizeBytes }] of parts.entries()) {
    const path = join(workFolder, 'out', name)
    expect((await stat(path)).size).toBe(sizeBytes)
    expect(sizeBytes).toBeLessThanOrEqual(gigabyte)
    // Not cut short: each but the last is as full as its items allow.
    if (index < parts.length - 1) expect(sizeBytes).toBeGreaterThan(gigabyte - 2 * largeBytes)
    const checked = await checkFile(path)
    expect(checked).toMatchObject({ faults: [], warnings: [] })
    messages += checked.messages
    visitWithExtractor(path, (where, facts) => found.push({ where, facts }))
  }
  expect(messages).toBe(itemCount)
  const told = found.map(({ where, facts }) => {
    if (facts.kind === 'mail') return [where, facts.subject, ...facts.attachments.map(({ content }) => content)]
    return [where, facts.kind === 'card' ? facts.name : '']
  })
  const expected = [
    ...Array.from({ length: smallCount }, (_, no) => ['INBOX', `small-${no}`]),
    ...Array.from({ length: largeCount }, (_, no) => ['Large', `large-${no}`, largeHash(no)]),
    ...Array.from({ length: cardCount }, (_, no) => ['Contacts/Friends', `Friend ${no}`]),
  ]
  const asText = (lines: readonly unknown[]) => lines.map((line) => JSON.stringify(line)).sort()
  expect(asText(told)).toEqual(asText(expected))
  console.log(`parts of ${parts.map(({ sizeBytes }) => sizeBytes).join(', ')} bytes`)
})
