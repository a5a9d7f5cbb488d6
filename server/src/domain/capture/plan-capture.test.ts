import { describe, expect, test } from 'vitest'
import type { CompactListing } from '../../ports/readers.ts'
import type { SourceFolder } from '../../ports/source.ts'
import { applyRange, planTasks, taskLimits } from './plan-capture.ts'

const folder = (path: string[], kind: SourceFolder['kind'] = 'mail'): SourceFolder => ({
  kind,
  path,
  serverName: path.join('/'),
  isSelectable: true,
  generation: '1',
  properties: {},
})

const listing = (
  items: readonly { uid: number; size: number; at: string }[],
  expectedCount = items.length,
): CompactListing => ({
  expectedCount,
  refs: Uint32Array.from(items, ({ uid }) => uid),
  sizes: Float64Array.from(items, ({ size }) => size),
  receivedAtMs: Float64Array.from(items, ({ at }) => Date.parse(at)),
  issues: [],
})

describe('the date range', () => {
  const range = { start: '2026-01-01T00:00:00.000Z', end: '2026-02-01T00:00:00.000Z' }

  test('takes what was received at its start, and not what was received at its end', () => {
    const surveyed = applyRange(
      0,
      folder(['INBOX']),
      listing([
        { uid: 1, size: 10, at: '2025-12-31T23:59:59Z' },
        { uid: 2, size: 20, at: '2026-01-01T00:00:00Z' },
        { uid: 3, size: 40, at: '2026-01-31T23:59:59Z' },
        { uid: 4, size: 80, at: '2026-02-01T00:00:00Z' },
      ]),
      range,
    )
    expect([...surveyed.wantedRefs]).toEqual([2, 3])
    expect(surveyed).toMatchObject({ expectedCount: 4, excludedByRequest: 2, wantedBytes: 60 })
    expect([...surveyed.listedRefs]).toEqual([1, 2, 3, 4])
  })

  test('takes a message without a date rather than lose it', () => {
    const surveyed = applyRange(0, folder(['INBOX']), listing([{ uid: 7, size: 1, at: 'never' }]), range)
    expect([...surveyed.wantedRefs]).toEqual([7])
  })

  test('says nothing about calendars', () => {
    const hrefs: CompactListing = {
      expectedCount: 1,
      refs: ['/a.ics'],
      sizes: new Float64Array(1),
      receivedAtMs: Float64Array.of(Number.NaN),
      issues: [],
    }
    expect(applyRange(0, folder(['Work'], 'calendar'), hrefs, range).wantedRefs).toEqual(['/a.ics'])
  })
})

describe('tasks', () => {
  const surveyed = (count: number, size: number, name = 'INBOX') =>
    applyRange(
      0,
      folder([name]),
      listing(Array.from({ length: count }, (_, at) => ({ uid: at + 1, size, at: '2026-01-01T00:00:00Z' }))),
      null,
    )

  test('hold every ref once, in order, and stay below both limits', () => {
    const tasks = planTasks([surveyed(2500, 100), surveyed(3, 40 * 1024 * 1024, 'Large'), surveyed(0, 0, 'Empty')])
    expect(tasks.filter(({ folderIndex }) => folderIndex === 0).flatMap(({ refs }) => [...refs])).toEqual(
      Array.from({ length: 2500 }, (_, at) => at + 1),
    )
    expect(Math.max(...tasks.map(({ refs }) => refs.length))).toBeLessThanOrEqual(taskLimits.refs)
    expect(tasks.filter(({ folderIndex }) => folderIndex === 1)).toHaveLength(3)
    expect(tasks.filter(({ folderIndex }) => folderIndex === 2)).toHaveLength(0)
  })

  test('start with the largest', () => {
    const [first] = planTasks([surveyed(10, 1), surveyed(1, 5_000_000, 'Large')])
    expect(first?.folderIndex).toBe(1)
  })
})
