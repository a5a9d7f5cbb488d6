import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MapiMessage } from '../../src/formats/mapi/message.ts'
import { createPropertyBag } from '../../src/formats/mapi/property.ts'
import type { WritableFile } from '../../src/formats/mapi/writable-file.ts'
import { createSplitPst } from '../../src/formats/pst/create-split-pst.ts'
import { checkFile, clean } from './check-file.ts'
import { folderFacts, mapiMessage, properties } from './mail-model.ts'
import { readWithHiraoka } from './read-with-libraries.ts'
import { patternBytes, plainMail, sampleMailbox } from './sample-mailbox.ts'
import { diskFile, fixedNow, neverAborted, seededBytes, testPst, writeMailbox } from './write-mailbox.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pst-writing-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A message with an attachment of so many MB that ends with `failure`, if there is one. */
const streamed = (subject: string, megabytes: number, failure?: Error): MapiMessage => ({
  properties: createPropertyBag().set(properties.subject, subject),
  recipients: [],
  attachments: [
    {
      properties: createPropertyBag().set(properties.longFilename, 'stream.bin'),
      content: {
        kind: 'bytes',
        open: async function* () {
          const piece = patternBytes(1024 * 1024)
          for (let count = 0; count < megabytes; count++) yield piece
          if (failure) throw failure
        },
      },
    },
  ],
})

test('the same mailbox, clock and random bytes give the same file', async () => {
  const hashes = []
  for (const name of ['one.pst', 'other.pst']) {
    const path = join(folder, name)
    await writeMailbox(path, sampleMailbox())
    hashes.push(
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    )
  }
  expect(hashes[0]).toBe(hashes[1])
})

describe('a message that fails', () => {
  test.each([
    [0, 'at once'],
    [1, 'at once'],
    [3, 'at once'],
    [1, 'late and in another order'],
    [3, 'late and in another order'],
  ])('after %d MB leaves the file as it was, though it is written %s', async (megabytes, how) => {
    const path = join(folder, 'failed.pst')
    const file = await diskFile(path)
    let writes = 0
    const late: WritableFile = {
      write: async (offset, bytes) => {
        writes++
        await sleep(writes % 2 === 0 ? 1 : 15)
        await file.write(offset, bytes)
      },
    }
    const pst = testPst(how === 'at once' ? file : late)
    const inbox = pst.addFolder(['Inbox'], 'IPF.Note')
    const [first, second, third] = sampleMailbox()[0]!.mails
    await pst.add(inbox, mapiMessage(first!), neverAborted)
    const failure = new Error('the source broke')
    await expect(pst.add(inbox, streamed('broken', megabytes, failure), neverAborted)).rejects.toBe(failure)
    await pst.add(inbox, mapiMessage(second!), neverAborted)
    await expect(pst.add(inbox, streamed('broken again', megabytes, failure), neverAborted)).rejects.toBe(failure)
    await pst.add(inbox, mapiMessage(third!), neverAborted)
    const { sizeBytes, messages } = await pst.finish()
    await file.close()
    expect(messages).toBe(3)
    expect((await stat(path)).size).toBe(sizeBytes)
    expect(await checkFile(path)).toEqual(clean(3))
    const expected = folderFacts([{ path: ['Inbox'], containerClass: 'IPF.Note', mails: [first!, second!, third!] }])
    expect(await readWithHiraoka(path)).toEqual(expected)
  })

  test('last leaves a whole file of what was written of it', async () => {
    const path = join(folder, 'failed-last.pst')
    const file = await diskFile(path)
    const pst = testPst(file)
    const inbox = pst.addFolder(['Inbox'], 'IPF.Note')
    await expect(pst.add(inbox, streamed('broken', 5, new Error('broken')), neverAborted)).rejects.toThrow('broken')
    const { sizeBytes } = await pst.finish()
    await file.close()
    expect((await stat(path)).size).toBe(sizeBytes)
    expect(await checkFile(path)).toEqual(clean(0))
  })

  test('by abort', async () => {
    const path = join(folder, 'aborted.pst')
    const file = await diskFile(path)
    const pst = testPst(file)
    const inbox = pst.addFolder(['Inbox'], 'IPF.Note')
    const abort = new AbortController()
    const adding = pst.add(inbox, streamed('long', 100), abort.signal)
    setImmediate(() => abort.abort())
    await expect(adding).rejects.toThrow(/abort/)
    await pst.finish()
    await file.close()
    expect(await checkFile(path)).toEqual(clean(0))
  })

  test('because the file cannot be written fails all that follow', async () => {
    const full = new Error('no space')
    const pst = testPst({ write: () => Promise.reject(full) })
    const inbox = pst.addFolder(['Inbox'], 'IPF.Note')
    await expect(pst.add(inbox, streamed('large', 2), neverAborted)).rejects.toBe(full)
    await expect(pst.add(inbox, streamed('small', 0), neverAborted)).rejects.toBe(full)
    await expect(pst.finish()).rejects.toBe(full)
  })
})

test('overlapping calls are carried out in their order', async () => {
  const path = join(folder, 'overlapping.pst')
  const file = await diskFile(path)
  const pst = testPst(file)
  const inbox = pst.addFolder(['Inbox'], 'IPF.Note')
  const mails = Array.from({ length: 20 }, (_, index) =>
    plainMail(`${index}`, { attachments: [{ name: 'a', bytes: patternBytes((20 - index) * 20_000) }] }),
  )
  await Promise.all(mails.map((mail) => pst.add(inbox, mapiMessage(mail), neverAborted)))
  await pst.finish()
  await file.close()
  expect(await readWithHiraoka(path)).toEqual(folderFacts([{ path: ['Inbox'], containerClass: 'IPF.Note', mails }]))
})

test('a full folder goes on in a second one; names that differ by case alone get a number', async () => {
  const path = join(folder, 'names.pst')
  const file = await diskFile(path)
  const pst = testPst(file, { maxFolderItems: 3 })
  const inbox = pst.addFolder(['Inbox'], 'IPF.Note')
  const lower = pst.addFolder(['inbox', 'deep\u0000er'], 'IPF.Contact')
  for (let count = 0; count < 7; count++) await pst.add(inbox, mapiMessage(plainMail(`${count}`)), neverAborted)
  await pst.add(lower, mapiMessage(plainMail('in lower case')), neverAborted)
  expect(await pst.finish()).toMatchObject({ folders: 5, messages: 8 })
  await file.close()
  expect(await checkFile(path)).toEqual(clean(8))
  const found = (await readWithHiraoka(path)).map((one) => [one.path, one.containerClass, one.itemCount])
  expect(found).toEqual([
    ['Inbox', 'IPF.Note', 3],
    ['Inbox (3)', 'IPF.Note', 3],
    ['Inbox (4)', 'IPF.Note', 1],
    ['inbox (2)', 'IPF.Note', 0],
    ['inbox (2)/deep er', 'IPF.Contact', 1],
  ])
})

describe('parts', () => {
  const split = (limitBytes: number, name: string) => {
    const pathOf = (part: number): string => join(folder, `${name} ${part}.pst`)
    const pst = createSplitPst({
      create: (part) => diskFile(pathOf(part)),
      limitBytes,
      displayName: 'Mailbox',
      now: fixedNow,
      randomBytes: seededBytes(name),
    })
    return { pst, pathOf }
  }

  test('are closed before the limit, each with the folders that it needs', async () => {
    const limitBytes = 4_000_000
    const { pst, pathOf } = split(limitBytes, 'split')
    const folders = [
      await pst.addFolder(['Inbox', 'Deep'], 'IPF.Note'),
      await pst.addFolder(['Empty'], 'IPF.Note'),
      await pst.addFolder(['Sent'], 'IPF.Note'),
    ]
    const subjects: string[] = []
    for (let index = 0; index < 40; index++) {
      const mail = plainMail(`${index}`, { attachments: [{ name: 'a', bytes: patternBytes((index % 7) * 120_000) }] })
      // With and without a word about its size.
      const expected = index % 2 === 0 ? 900_000 : undefined
      await pst.add(folders[index < 30 ? 0 : 2]!, mapiMessage(mail), neverAborted, expected)
      subjects.push(mail.subject)
    }
    const { parts } = await pst.finish()
    expect(parts.length).toBeGreaterThan(3)
    const read: string[] = []
    for (const { part, sizeBytes, messages, isOversized } of parts) {
      const path = pathOf(part)
      expect((await stat(path)).size).toBe(sizeBytes)
      expect(sizeBytes).toBeLessThanOrEqual(limitBytes)
      expect(isOversized).toBe(false)
      expect(await checkFile(path)).toEqual(clean(messages))
      const found = await readWithHiraoka(path)
      expect(found.some((one) => one.path === 'Empty')).toBe(part === 1)
      read.push(...found.flatMap(({ mails }) => mails.map(({ subject }) => subject)))
    }
    expect(read).toEqual(subjects)
  })

  test('an item larger than the limit has a part of its own', async () => {
    const { pst, pathOf } = split(3_000_000, 'oversized')
    const inbox = await pst.addFolder(['Inbox'], 'IPF.Note')
    const added = []
    for (const [subject, megabytes] of [
      ['small', 0],
      ['huge', 6],
      ['small again', 0],
    ] as const)
      added.push(await pst.add(inbox, streamed(subject, megabytes), neverAborted))
    expect(added.map(({ part, isOversized }) => [part, isOversized])).toEqual([
      [1, false],
      [2, true],
      [3, false],
    ])
    const { parts } = await pst.finish()
    expect(parts.map(({ messages, isOversized }) => [messages, isOversized])).toEqual([
      [1, false],
      [1, true],
      [1, false],
    ])
    for (const { part } of parts) expect(await checkFile(pathOf(part))).toEqual(clean(1))
  })
})

test('the projected size is never below the final one', async () => {
  for (const mails of [0, 1, 40, 400, 3000]) {
    const path = join(folder, 'projected.pst')
    const file = await diskFile(path)
    const pst = testPst(file)
    for (let index = 0; index < mails; index++) {
      const target = pst.addFolder([`Folder ${index % 97}`], 'IPF.Note')
      await pst.add(target, mapiMessage(plainMail(`${index}`.repeat(20), { recipients: [] })), neverAborted)
    }
    const projected = pst.projectedSizeBytes(0)
    const { sizeBytes } = await pst.finish()
    await file.close()
    expect(sizeBytes).toBeLessThanOrEqual(projected)
    expect(projected).toBeLessThan(sizeBytes * 1.25 + 1_200_000)
  }
})
