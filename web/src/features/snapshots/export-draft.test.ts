import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { describe, expect, test } from 'vitest'
import { emptyDraft, foldersFor, paramsOf, sizeFault } from './export-draft.ts'

const snapshotId = SnapshotId.parse('3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2')

describe('what is asked for', () => {
  test('leaves out what is empty', () =>
    expect(paramsOf(snapshotId, { ...emptyDraft, words: '  ' })).toEqual({ snapshotId, format: 'zip-eml' }))
  test('has folder and words', () =>
    expect(paramsOf(snapshotId, { ...emptyDraft, format: 'mbox', folder: 'INBOX', words: ' offer ' })).toEqual({
      ...{ snapshotId, format: 'mbox', folder: 'INBOX', words: 'offer' },
    }))
  test('takes no size for what is not split', () =>
    expect(sizeFault({ ...emptyDraft, format: 'mbox', maxGb: 'much' })).toBeNull())
})

test('the folders are those the format can take, each once', () => {
  const folders = [
    { kind: 'mail', folder: 'Work' },
    { kind: 'calendar', folder: 'Work' },
    { kind: 'contact', folder: 'Friends' },
  ] as const
  expect(foldersFor('zip-eml', folders)).toEqual(['Work', 'Friends'])
  expect(foldersFor('mbox', folders)).toEqual(['Work'])
  expect(foldersFor('vcf', folders)).toEqual(['Friends'])
})
