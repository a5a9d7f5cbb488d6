import { expect, test } from 'vitest'
import { type CreateDraft, checkDraft, errorsAfter } from './create-draft.ts'

const draft: CreateDraft = {
  userName: ' anna@sample.example ',
  organization: '',
  types: ['mailbox', 'contacts'],
  action: 'download',
  firstDay: '2026-01-01',
  lastDay: '2026-01-31',
  password: '',
}

const one = { several: false }

test('a full draft becomes parameters whose end is the midnight after the last day', () => {
  expect(checkDraft(draft, one)).toEqual({
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
  expect(checkDraft({ ...draft, types: ['calendar'] }, one).params).toEqual({
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
  const { params, errors } = checkDraft({ ...draft, ...change }, one)
  expect(params).toBeNull()
  expect(Object.keys(errors ?? {})).toEqual(fields)
})

test('where there are several organizations one has to be chosen', () => {
  expect(checkDraft(draft, { several: true }).errors).toHaveProperty('organization')
  expect(checkDraft({ ...draft, organization: 'north' }, { several: true }).errors).toBeNull()
})

const empty: CreateDraft = { ...draft, userName: '', types: ['mailbox'], firstDay: '', lastDay: '' }
const all = checkDraft(empty, one).errors ?? {}
const fieldsAfter = (before: CreateDraft, change: Partial<CreateDraft>) =>
  Object.keys(errorsAfter(all, before, { ...before, ...change }, one))

test('a field that is filled loses its error at once; the others keep theirs', () => {
  expect(Object.keys(all)).toEqual(['userName', 'start', 'end'])
  expect(fieldsAfter(empty, { userName: 'a' })).toEqual(['start', 'end'])
  expect(fieldsAfter(empty, { firstDay: '2026-01-01', lastDay: '2026-01-31' })).toEqual(['userName'])
  expect(fieldsAfter(empty, { types: ['contacts'] })).toEqual(['userName'])
})

test('a change that is wrong in another way says so', () => {
  const before = { ...empty, firstDay: '2026-02-01' }
  const after = errorsAfter(all, before, { ...before, lastDay: '2026-01-31' }, one)
  expect(after.end).toBe('The last day is before the first.')
})

test('a refusal by the service goes when its field is changed, and not before', () => {
  const refused = { organization: 'unknown' }
  expect(errorsAfter(refused, draft, { ...draft, password: 'x' }, one)).toEqual(refused)
  expect(errorsAfter(refused, draft, { ...draft, organization: 'south' }, one)).toEqual({})
})

test('a field without an error gets none while it is being filled in', () => {
  expect(errorsAfter({}, draft, { ...draft, userName: '' }, one)).toEqual({})
})
