import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPropertyBag } from '../../src/formats/mapi/property.ts'
import { checkFile, clean } from './check-file.ts'
import { mapiMessage, properties } from './mail-model.ts'
import { plainMail } from './sample-mailbox.ts'
import { diskFile, neverAborted, testPst } from './write-mailbox.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pst-long-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const piece = randomBytes(1024 * 1024)

// The first FPMap lies at 2.08 GB; beyond 4 GB offsets have more than 32 bits.
describe.each([
  ['the first FPMap page', 2.2],
  ['offsets of 32 bits', 4.4],
])('a file beyond %s', (_, gigabytes) => {
  test(`of ${gigabytes} GB has nothing that the checker minds`, async () => {
    const path = join(folder, 'large.pst')
    const file = await diskFile(path)
    const pst = testPst(file)
    const inbox = pst.addFolder(['Inbox'], 'IPF.Note')
    let left = Math.round(gigabytes * 1000)
    let count = 0
    for (; left > 0; left -= 700) {
      const pieces = Math.min(left, 700)
      const message = mapiMessage(plainMail(`Large ${count}`))
      const content = {
        kind: 'bytes' as const,
        open: async function* () {
          for (let index = 0; index < pieces; index++) yield piece
        },
      }
      const bag = createPropertyBag().set(properties.longFilename, 'large.bin')
      await pst.add(inbox, { ...message, attachments: [{ properties: bag, content }] }, neverAborted)
      count++
    }
    const { sizeBytes } = await pst.finish()
    await file.close()
    expect(sizeBytes).toBeGreaterThan(gigabytes * 1e9)
    expect(await checkFile(path)).toEqual(clean(count))
    await rm(path)
  })
})
