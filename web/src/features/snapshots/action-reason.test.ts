import type { SnapshotDelivery } from '@stillbox/shared/contract/delivery.ts'
import { type SnapshotAction, snapshotCan, snapshotStates } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { describe, expect, test } from 'vitest'
import { isOffered, whyNot } from './action-reason.ts'

const actions = Object.keys(snapshotCan) as SnapshotAction[]
const delivered = {
  protocol: 'sftp',
  destinationId: null,
  destinationName: null,
  host: 'vault.example.org',
  port: 22,
  username: 'backup',
  path: '/srv',
  bytesDone: 10,
  bytesExpected: 10,
  bytesPerSecond: null,
  deliveredPath: '/srv/a.zip',
  sha256: null,
  deliveredAt: '2026-11-22T10:00:00.000Z',
  deletesLocal: true,
} satisfies SnapshotDelivery
const facts = { delivery: null, expiresAt: null }

describe.each(snapshotStates)('%s', (state) => {
  describe.each([true, false])('with its archive in the store: %s', (isStored) => {
    test.each(actions)('%s is disabled with a reason exactly where snapshotCan forbids it', (action) => {
      const reason = whyNot(action, { ...facts, state, isStored }, 'administrator')
      if (snapshotCan[action]({ state, isStored })) expect(reason).toBeNull()
      else expect(reason).toMatch(/\.$/)
    })
  })
})

test('an auditor is offered what reads and nothing that changes', () => {
  expect(actions.filter((action) => isOffered(action, 'auditor'))).toEqual(['download', 'verify'])
  expect(actions.filter((action) => !isOffered(action, 'operator'))).toEqual(['rebuildIndex'])
  expect(whyNot('download', { ...facts, state: 'available', isStored: true }, 'auditor')).toBeNull()
  for (const action of ['delete', 'expire', 'cancel', 'retry'] as const)
    expect(whyNot(action, { ...facts, state: 'available', isStored: true }, 'auditor')).toContain('auditor')
})

test('an archive that does not lie here any more has its reason', () => {
  const gone = { ...facts, state: 'available', isStored: false } as const
  expect(whyNot('download', { ...gone, delivery: delivered }, 'operator')).toBe(
    'The archive was delivered to vault.example.org and then deleted here.',
  )
  expect(whyNot('verify', { ...gone, delivery: { ...delivered, deletesLocal: false } }, 'operator')).toMatch(
    /has expired.*vault\.example\.org/,
  )
  expect(whyNot('download', gone, 'operator')).toBe('The archive has expired and was deleted.')
})

test('an archive whose delivery failed is still there to fetch', () => {
  expect(whyNot('download', { ...facts, state: 'failed', isStored: true }, 'auditor')).toBeNull()
  expect(whyNot('download', { ...facts, state: 'failed', isStored: false }, 'auditor')).toMatch(/failed/)
})
