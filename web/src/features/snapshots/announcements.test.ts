import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { expect, test } from 'vitest'
import { announcementOf } from './announcements.ts'

const at = (progressPercentage: number | null, state: 'pending' | 'dumping' | 'available' | 'failed' = 'dumping') => ({
  snapshotId: SnapshotId.parse('3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2'),
  userName: 'anna',
  delivery: null,
  state,
  progressPercentage,
})

test('a whole capture is told in five sentences, whatever the ticks', () => {
  const ticks = [
    at(null, 'pending'),
    at(null),
    ...Array.from({ length: 100 }, (_, percent) => at(percent)),
    at(null, 'available'),
  ]
  const said = ticks.map((now, tick) => announcementOf(ticks[tick - 1], now)).filter((text) => text !== null)
  expect(said).toEqual([
    'Snapshot of anna: dumping.',
    'Snapshot of anna: 25 percent.',
    'Snapshot of anna: 50 percent.',
    'Snapshot of anna: 75 percent.',
    'Snapshot of anna: 100 percent, available.',
  ])
})

test('what is seen for the first time is not news, and going back is not progress', () => {
  expect(announcementOf(undefined, at(60))).toBeNull()
  expect(announcementOf(at(60), at(10))).toBeNull()
})

test('an upload is told by its own quarters', () => {
  const uploading = (bytesDone: number) => ({
    ...at(null),
    state: 'uploading' as const,
    delivery: { bytesDone, bytesExpected: 400 } as NonNullable<Snapshot['delivery']>,
  })
  expect(announcementOf(at(99), uploading(0))).toBe('Snapshot of anna: uploading.')
  expect(announcementOf(uploading(90), uploading(210))).toBe('Snapshot of anna: 50 percent.')
  expect(announcementOf(uploading(210), uploading(290))).toBeNull()
})

test('a failure is told', () => {
  expect(announcementOf(at(60), at(null, 'failed'))).toBe('Snapshot of anna: failed.')
})
