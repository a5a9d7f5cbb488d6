import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { noProgress } from '@stillbox/shared/vocabulary/job-state.ts'
import { expect, test } from 'vitest'
import { stepsOf } from './steps.ts'

const at = (seconds: number): string => new Date(Date.parse('2026-11-19T10:00:00Z') + seconds * 1_000).toISOString()

const snapshot = (change: Partial<Snapshot>): Snapshot => ({
  snapshotId: '3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2' as Snapshot['snapshotId'],
  organization: 'sample' as Snapshot['organization'],
  userName: 'anna@sample.example',
  type: ['mailbox'],
  action: 'download',
  start: null,
  end: null,
  state: 'pending',
  createdAt: at(0),
  createdBy: 'admin',
  startedAt: null,
  dumpedAt: null,
  finishedAt: null,
  lastChangedAt: at(0),
  attempt: 1,
  nextAttemptAt: null,
  progress: noProgress,
  progressPercentage: null,
  itemCount: null,
  issueCount: null,
  archiveName: null,
  archiveSizeBytes: null,
  isStored: false,
  expiresAt: null,
  delivery: null,
  rootHash: null,
  lastVerifiedAt: null,
  lastVerifiedOk: null,
  fullTextState: 'none',
  error: null,
  ...change,
})

const told = (change: Partial<Snapshot>, nowSeconds: number) =>
  stepsOf(snapshot(change), Date.parse(at(nowSeconds))).map(({ state, phase, ms }) => [state, phase, ms])

test('a capture at work: its step grows, the rest lies ahead', () => {
  expect(told({ state: 'dumping', startedAt: at(2) }, 12)).toEqual([
    ['pending', 'done', 2_000],
    ['dumping', 'current', 10_000],
    ['dumped', 'ahead', null],
    ['available', 'ahead', null],
  ])
})

test('an available snapshot has been through every step', () => {
  expect(told({ state: 'available', startedAt: at(2), dumpedAt: at(9), finishedAt: at(10) }, 500)).toEqual([
    ['pending', 'done', 2_000],
    ['dumping', 'done', 7_000],
    ['dumped', 'done', 1_000],
    ['available', 'done', null],
  ])
})

test('a failed one ends at the step it had come to', () => {
  expect(told({ state: 'failed', startedAt: at(2), finishedAt: at(5) }, 500)).toEqual([
    ['pending', 'done', 2_000],
    ['dumping', 'done', 3_000],
    ['failed', 'failed', null],
  ])
  expect(told({ state: 'failed', finishedAt: at(5) }, 500).map(([state]) => state)).toEqual(['pending', 'failed'])
})

test('a delivery elsewhere has a step of its own', () => {
  expect(
    told({ state: 'uploading', action: 'sftp', startedAt: at(1), dumpedAt: at(2) }, 3).map(([state]) => state),
  ).toEqual(['pending', 'dumping', 'dumped', 'uploading', 'available'])
})

test('waiting for its delivery, a snapshot stands at dumped, and that grows', () => {
  const waiting = { state: 'dumped', action: 'scp', startedAt: at(1), dumpedAt: at(2) } as const
  expect(told(waiting, 9)).toEqual([
    ['pending', 'done', 1_000],
    ['dumping', 'done', 1_000],
    ['dumped', 'current', 7_000],
    ['uploading', 'ahead', null],
    ['available', 'ahead', null],
  ])
})

test('a delivery that failed is the step before the failure', () => {
  const failed = { state: 'failed', action: 'sftp', startedAt: at(1), dumpedAt: at(2), finishedAt: at(8) } as const
  expect(told(failed, 99).slice(-2)).toEqual([
    ['uploading', 'done', 6_000],
    ['failed', 'failed', null],
  ])
})
