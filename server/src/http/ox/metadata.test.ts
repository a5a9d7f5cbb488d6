import { snapshotStates } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { describe, expect, test } from 'vitest'
import { testSnapshot } from '../../../test/doubles/http-service.ts'
import { toCreated, toMetadata } from './metadata.ts'

const times = {
  createdAt: '2016-12-14T10:00:00.001Z',
  startedAt: '2016-12-14T10:00:00.002Z',
  dumpedAt: '2016-12-14T10:00:00.003Z',
  finishedAt: '2016-12-14T10:00:00.004Z',
  lastChangedAt: '2016-12-14T10:00:00.009Z',
}
const second = 1_481_709_600_000

describe('lastChanged', () => {
  // Progress and verification change a snapshot without changing its status.
  test.each([
    ['pending', 9],
    ['dumping', 2],
    ['dumped', 3],
    ['uploading', 9],
    ['available', 4],
    ['failed', 4],
    ['deleted', 9],
  ] as const)('%s', (state, ms) => {
    expect(toMetadata({ ...testSnapshot, ...times, state })).toMatchObject({ status: state, lastChanged: second + ms })
  })

  test('falls back to the last change of any kind', () => {
    const unknown = { startedAt: null, dumpedAt: null, finishedAt: null }
    for (const state of snapshotStates)
      expect(toMetadata({ ...testSnapshot, ...times, ...unknown, state }).lastChanged).toBe(second + 9)
    expect(toMetadata({ ...testSnapshot, ...times, state: 'dumping', attempt: 2 }).lastChanged).toBe(second + 9)
  })

  test('of a new snapshot is when it was created', () => {
    expect(toCreated({ ...testSnapshot, ...times }).lastChanged).toBe(second + 1)
  })
})

test('bounds are there for mail, as they were written', () => {
  const [start, end] = ['2016-11-01T00:00:00.000Z', '2016-12-01T00:00:00.500Z']
  expect(toMetadata({ ...testSnapshot, start, end })).toMatchObject({
    start: '2016-11-01T00:00:00Z',
    end: '2016-12-01T00:00:00.500Z',
  })
  expect(toMetadata(testSnapshot)).not.toHaveProperty('start')
  expect(toMetadata(testSnapshot)).not.toHaveProperty('end')
})

test('one of several types is shown under its first, with all beside it', () => {
  expect(toMetadata({ ...testSnapshot, type: ['mailbox', 'contacts'] })).toMatchObject({
    type: 'MAILBOX',
    types: ['MAILBOX', 'CONTACTS'],
  })
  expect(toCreated({ ...testSnapshot, type: ['mailbox', 'contacts'] })).not.toHaveProperty('types')
  expect(toMetadata(testSnapshot)).not.toHaveProperty('types')
})

test('why it failed is told while it is failed', () => {
  const error = { code: 'user_unknown', message: 'Nobody knows “1234567”.' }
  expect(toMetadata({ ...testSnapshot, state: 'failed', error })).toMatchObject({ error: error.message })
  expect(toMetadata({ ...testSnapshot, state: 'deleted', error })).not.toHaveProperty('error')
})
