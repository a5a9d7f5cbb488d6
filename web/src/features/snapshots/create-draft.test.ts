import { expect, test } from 'vitest'
import { type CreateDraft, checkDraft } from './create-draft.ts'

const draft: CreateDraft = {
  userName: ' anna@sample.example ',
  organization: '',
  types: ['mailbox', 'contacts'],
  action: 'download',
  firstDay: '2026-01-01',
  lastDay: '2026-01-31',
  password: '',
}

test('a full draft becomes parameters whose end is the midnight after the last day', () => {
  expect(checkDraft(draft)).toEqual({
    errors: null,
    params: {
      userName: 'anna@sample.example',
      type: ['mailbox', 'contacts'],
      action: 'download',
      start: '2026-01-01T00:00:00.000Z',
      end: '2026-02-01T00:00:00.000Z',
    },
  })
})

test('dates are left out where no mailbox is taken', () => {
  expect(checkDraft({ ...draft, types: ['calendar'] }).params).toEqual({
    userName: 'anna@sample.example',
    type: ['calendar'],
    action: 'download',
  })
})

test.each([
  [{ userName: '  ' }, ['userName']],
  [{ types: [] }, ['type']],
  [{ firstDay: '', lastDay: '' }, ['start', 'end']],
  [{ lastDay: '2025-12-31' }, ['end']],
  [{ userName: 'a\u0007' }, ['userName']],
  [{ organization: 'Not an id' }, ['organization']],
] as [Partial<CreateDraft>, string[]][])('%j is refused at %j', (change, fields) => {
  const { params, errors } = checkDraft({ ...draft, ...change })
  expect(params).toBeNull()
  expect(Object.keys(errors ?? {})).toEqual(fields)
})
