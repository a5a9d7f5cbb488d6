import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkFile, clean } from './check-file.ts'
import { folderFacts } from './mail-model.ts'
import { readWithExtractor, readWithHiraoka } from './read-with-libraries.ts'
import { sampleMailbox } from './sample-mailbox.ts'
import { writeMailbox } from './write-mailbox.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pst-round-trip-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(['permute', 'none'] as const)('a mailbox with something of everything, encoded by %s', (cryptMethod) => {
  let path: string
  const expected = folderFacts(sampleMailbox())
  beforeAll(async () => {
    path = join(folder, `${cryptMethod}.pst`)
    await writeMailbox(path, sampleMailbox(), { cryptMethod })
  })

  test('has nothing that the checker minds', async () => {
    expect(await checkFile(path)).toEqual(clean(305))
  })

  test('is read by @hiraokahypertools/pst-extractor as it was', async () => {
    expect(await readWithHiraoka(path)).toEqual(expected)
  })

  test('is read by pst-extractor as it was', () => {
    const withoutInner = expected.map((one) => ({
      ...one,
      mails: one.mails.map((mail) => ({
        ...mail,
        attachments: mail.attachments.map(({ name, content }) => ({
          name,
          content: typeof content === 'string' ? content : 'a message',
        })),
      })),
    }))
    expect(readWithExtractor(path)).toEqual(withoutInner)
  })
})
