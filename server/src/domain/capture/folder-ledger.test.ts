import { expect, test } from 'vitest'
import type { ItemIssue } from '../../ports/source.ts'
import { createFolderLedger } from './folder-ledger.ts'
import type { SurveyedFolder } from './plan-capture.ts'

const lost = (ref: number | null, code: ItemIssue['code']): ItemIssue => ({ ref, code, text: 'x', isLost: true })

const surveyed = (facts: Partial<SurveyedFolder> & { listed: number }): SurveyedFolder => ({
  sourceIndex: 0,
  folder: { kind: 'mail', path: ['INBOX'], serverName: 'INBOX', isSelectable: true, generation: '1', properties: {} },
  expectedCount: facts.listed,
  listedRefs: new Uint32Array(facts.listed),
  wantedRefs: new Uint32Array(facts.listed - (facts.excludedByRequest ?? 0)),
  wantedSizes: new Float64Array(0),
  wantedBytes: 0,
  excludedByRequest: 0,
  issues: [],
  ...facts,
})

test('every item of the server ends in one column', () => {
  const ledger = createFolderLedger(surveyed({ listed: 10, excludedByRequest: 4 }))
  for (const bytes of [100, 200, 300]) ledger.taken(bytes)
  ledger.issue(lost(7, 'vanished'))
  ledger.issue(lost(8, 'fetch_refused'))
  ledger.issue({ ...lost(9, 'malformed'), isLost: false })
  ledger.taken(1)
  ledger.arrived(2)
  expect(ledger.account('INBOX')).toEqual({
    kind: 'mail',
    folder: 'INBOX',
    onServer: 10,
    taken: 4,
    excludedByRequest: 4,
    notTaken: 1,
    vanished: 1,
    arrivedMeanwhile: 2,
    takenBytes: 601,
  })
  expect(ledger.issues.map(({ code }) => code)).toEqual(['vanished', 'fetch_refused', 'malformed'])
})

test('what the server counts but does not list is said', () => {
  const ledger = createFolderLedger(surveyed({ listed: 2, expectedCount: 5 }))
  ledger.taken(1)
  ledger.taken(1)
  expect(ledger.account('INBOX')).toMatchObject({ onServer: 5, taken: 2, notTaken: 3 })
  expect(ledger.issues).toEqual([
    {
      ref: null,
      code: 'not_listed',
      text: '3 items are counted by the server, which would not list them.',
      isLost: true,
    },
  ])
})

test('an item that no reader spoke of is said too', () => {
  const ledger = createFolderLedger(surveyed({ listed: 2 }))
  ledger.taken(1)
  expect(ledger.account('INBOX').notTaken).toBe(1)
  expect(ledger.issues).toMatchObject([{ ref: null, code: 'not_returned', isLost: true }])
})
