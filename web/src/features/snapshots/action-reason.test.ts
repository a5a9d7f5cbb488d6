import { snapshotCan, snapshotStates } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { describe, expect, test } from 'vitest'
import { isOffered, whyNot } from './action-reason.ts'

const actions = ['download', 'verify', 'cancel', 'retry', 'delete'] as const

describe.each(snapshotStates)('%s', (state) => {
  test.each(actions)('%s is disabled with a reason exactly where snapshotCan forbids it', (action) => {
    const reason = whyNot(action, { state }, 'operator')
    if (snapshotCan[action]({ state })) expect(reason).toBeNull()
    else expect(reason).toMatch(/\.$/)
  })
})

test('an auditor is offered what reads and nothing that changes', () => {
  expect(actions.filter((action) => isOffered(action, 'auditor'))).toEqual(['download', 'verify'])
  expect(actions.filter((action) => isOffered(action, 'operator'))).toEqual([...actions])
  expect(whyNot('download', { state: 'available' }, 'auditor')).toBeNull()
  expect(whyNot('delete', { state: 'available' }, 'auditor')).toContain('auditor')
})
