import { auditActions } from '@stillbox/shared/vocabulary/audit-action.ts'
import { expect, test } from 'vitest'
import { AuditSearch, exportHref, fromLocalField, isNarrowed, narrowingOf, toLocalField } from './audit-search.ts'
import { actionGroups, actionWords } from './audit-words.ts'

test('an address is read as what is asked for', () => {
  const search = AuditSearch.parse({
    actor: 'ada',
    action: 'snapshot.create,snapshot.delete',
    outcome: 'refused',
    from: '2026-11-22T10:00:00.000Z',
    entry: '17',
  })
  expect(search.entry).toBe(17)
  expect(narrowingOf(search)).toEqual({
    actor: 'ada',
    action: ['snapshot.create', 'snapshot.delete'],
    outcome: 'refused',
    from: '2026-11-22T10:00:00.000Z',
  })
  expect(AuditSearch.parse(search)).toEqual(search)
})

test.each([
  [{ action: 'nonsense', outcome: 'maybe', from: 'yesterday', organization: '???', entry: 'last' }],
  [{ actor: ' ', action: '', target: '' }],
  [{}],
])('what %j gets wrong narrows nothing', (address) => {
  const search = AuditSearch.parse(address)
  expect(isNarrowed(search)).toBe(false)
  expect(exportHref('csv', search)).toBe('/audit-log.csv')
})

test('an unknown action beside a known one is left out', () => {
  expect(AuditSearch.parse({ action: 'snapshot.create,no.such' }).action).toEqual(['snapshot.create'])
})

test('the export has the filters, and not the open entry', () => {
  const search = AuditSearch.parse({ actor: 'a&b', action: ['audit.verify', 'audit.export'], entry: 3 })
  expect(exportHref('jsonl', search)).toBe('/audit-log.jsonl?actor=a%26b&action=audit.verify%2Caudit.export')
})

test('a field for date and time holds the reader’s own time', () => {
  expect(fromLocalField(toLocalField('2026-11-22T10:05:00.000Z'))).toBe('2026-11-22T10:05:00.000Z')
  expect(toLocalField(undefined)).toBe('')
  expect(fromLocalField('')).toBeUndefined()
})

test('every action has words and belongs to one group', () => {
  expect(actionGroups.flatMap(({ actions }) => actions).sort()).toEqual([...auditActions].sort())
  expect(new Set(Object.values(actionWords)).size).toBe(auditActions.length)
})
