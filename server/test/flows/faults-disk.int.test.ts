import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Dovecot, startDovecot } from '../../testkit/servers/dovecot.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { type PostgresServer, startPostgres } from '../../testkit/servers/postgres.ts'
import type { Product } from '../../testkit/servers/product.ts'
import { canMount, mountSmallDisk, type SmallDisk } from '../../testkit/small-disk.ts'
import {
  archiveOf,
  createSnapshot,
  ended,
  expectMessages,
  expectWhole,
  imapOrganization,
  infoOf,
  nothingLeftBut,
  startFaultProduct,
} from './fault-bench.ts'

const megabyte = 1024 * 1024
const diskBytes = 24 * megabyte
const message = (no: number, bodyBytes: number): Buffer =>
  Buffer.from(
    `Subject: ${no}\r\n\r\n${randomBytes(Math.ceil((bodyBytes * 3) / 4))
      .toString('base64')
      .replace(/.{76}/g, '$&\r\n')}\r\n`,
  )
const mail = {
  // Deflated in batches, straight into the archive.
  small: Array.from({ length: 900 }, (_, no) => message(no, 7_000)),
  // Through a spool file.
  large: [message(1, 9 * megabyte)],
}

const areInstalled = (['dovecot', 'postgres', 'unzip'] as const).every((name) => needs(name)) && canMount()

describe.skipIf(!areInstalled)('a disk that is full', () => {
  let dovecot: Dovecot
  let postgres: PostgresServer
  let disk: SmallDisk
  let product: Product

  beforeAll(async () => {
    ;[dovecot, postgres, disk] = await Promise.all([
      startDovecot({ users: { small: 'secret', large: 'secret' } }),
      startPostgres(),
      mountSmallDisk(diskBytes),
    ])
    for (const [user, messages] of Object.entries(mail))
      await dovecot.deliver(
        user,
        [],
        messages.map((bytes) => ({ bytes })),
      )
    product = await startFaultProduct({
      config: JSON.stringify({ organizations: [imapOrganization('real', dovecot.port)] }),
      dataFolder: disk.path,
      databaseUrl: await postgres.createDatabase('disk'),
    })
  })
  afterAll(async () => {
    await product?.stop()
    await disk?.unmount()
    await Promise.all([dovecot?.stop(), postgres?.stop()])
  })

  const capture = async (userName: keyof typeof mail) => {
    const { snapshotId } = await createSnapshot(product, { organization: 'real', userName })
    return ended(product, snapshotId)
  }
  const fullTextEnds = (snapshotId: string) =>
    expect.poll(async () => (await infoOf(product, snapshotId)).fullTextState).toMatch(/^(ready|failed)$/)
  const remove = async (snapshotId: string) => {
    await product.invoke('DeleteSnapshot', { snapshotId })
    await nothingLeftBut(product, [])
  }

  test.each(['small', 'large'] as const)(
    'fails a capture of %s messages at once; retried with space, it succeeds',
    async (user) => {
      await disk.leave(3 * megabyte)
      const failed = await capture(user)
      expect(failed).toMatchObject({
        state: 'failed',
        attempt: 1,
        nextAttemptAt: null,
        itemCount: null,
        error: { code: 'disk_full' },
      })
      expect(failed.error?.message).toMatch(
        /^The disk of the archive store is full \(.+\)\. Free space there, then try again\.$/,
      )
      await nothingLeftBut(product, [])
      await disk.leave(diskBytes)
      const { snapshotId } = failed
      await product.invoke('RetrySnapshot', { snapshotId, password: 'secret' })
      expect(await ended(product, snapshotId)).toMatchObject({ state: 'available', error: null })
      await expectMessages(archiveOf(product, snapshotId), mail[user])
      await fullTextEnds(snapshotId)
      await nothingLeftBut(product, [snapshotId])
      await remove(snapshotId)
    },
  )

  test('at whatever step it gets full: either nothing is there, or a whole archive', async () => {
    await disk.leave(diskBytes)
    const { snapshotId, archiveSizeBytes } = await capture('small')
    await fullTextEnds(snapshotId)
    await remove(snapshotId)
    const states = []
    // From the end of the items on: central directory, lists, index.sqlite, its copy into the archive, manifest.
    for (const spare of [-0.2, -0.05, 0.02, 0.08, 0.2, 0.6]) {
      await disk.leave(Math.round(Number(archiveSizeBytes) * (1 + spare)))
      const info = await capture('small')
      states.push(info.state)
      if (info.state === 'failed') {
        expect(info).toMatchObject({ attempt: 1, error: { code: 'disk_full' } })
        await nothingLeftBut(product, [])
      } else {
        await fullTextEnds(info.snapshotId)
        await nothingLeftBut(product, [info.snapshotId])
        await disk.leave(diskBytes)
        await expectWhole(archiveOf(product, info.snapshotId))
        await remove(info.snapshotId)
      }
    }
    expect(states[0]).toBe('failed')
    expect(states.at(-1)).toBe('available')
  })
})
