import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gate, startGate } from '../../testkit/hostile/gate.ts'
import { type Dovecot, startDovecot } from '../../testkit/servers/dovecot.ts'
import { needs } from '../../testkit/servers/needs.ts'
import type { Product } from '../../testkit/servers/product.ts'
import {
  archiveOf,
  createSnapshot,
  ended,
  expectMessages,
  imapOrganization,
  nothingLeftBut,
  startFaultProduct,
} from './fault-bench.ts'

const text = (no: number, bytes: number): Buffer =>
  Buffer.from(`Subject: Message ${no}\r\nMessage-ID: <${no}@example.org>\r\n\r\n${`line ${no}\r\n`.repeat(bytes / 10)}`)

describe.skipIf(!needs('dovecot') || !needs('unzip'))('a mail server that fails', () => {
  let dovecot: Dovecot
  let gate: Gate
  let product: Product
  const mail = Array.from({ length: 900 }, (_, no) => text(no, 6_000))

  beforeAll(async () => {
    dovecot = await startDovecot({ users: { anna: 'secret' } })
    await dovecot.deliver(
      'anna',
      [],
      mail.map((bytes) => ({ bytes })),
    )
    gate = await startGate(dovecot.port)
    product = await startFaultProduct({
      config: JSON.stringify({ organizations: [imapOrganization('real', gate.port)] }),
    })
  }, 60_000)
  afterAll(async () => {
    await product?.stop()
    await gate?.stop()
    await dovecot?.stop()
  })

  test('killed in the middle of a fetch and started again: the archive is complete', async () => {
    const barred = gate.barAfter(2_000_000)
    const { snapshotId } = await createSnapshot(product, { organization: 'real' })
    await barred
    await dovecot.crash()
    gate.cut()
    gate.open()
    // Away for longer than one attempt goes on trying.
    const waiting = await product.until<{ state: string; attempt: number; error: { code: string; message: string } }>(
      snapshotId,
      ['pending'],
      30_000,
    )
    expect(waiting).toMatchObject({ attempt: 1, error: { code: 'source_unreachable' } })
    await nothingLeftBut(product, [])
    await dovecot.revive()
    const info = await ended(product, snapshotId)
    expect(info).toMatchObject({ state: 'available', error: null, itemCount: mail.length, issueCount: 0 })
    expect(info.attempt).toBeGreaterThan(1)
    await expectMessages(archiveOf(product, snapshotId), mail)
    await nothingLeftBut(product, [snapshotId])
  }, 60_000)
})
