import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import { expect, test } from 'vitest'
import { type CreateDraft, checkDraft, deletesLocalOf, errorsAfter, usableDestinations } from './create-draft.ts'

const draft: CreateDraft = {
  userName: ' anna@sample.example ',
  organization: '',
  types: ['mailbox', 'contacts'],
  action: 'download',
  destinationId: '',
  deletesLocal: null,
  firstDay: '2026-01-01',
  lastDay: '2026-01-31',
  password: '',
}

const one = { several: false, destinations: [] }
const several = { several: true, destinations: [] }

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
  expect(checkDraft(draft, several).errors).toHaveProperty('organization')
  expect(checkDraft({ ...draft, organization: 'north' }, several).errors).toBeNull()
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

const vault = {
  destinationId: '3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2' as Destination['destinationId'],
  name: 'Vault',
  protocol: 'sftp',
  host: 'vault.example.org',
  port: 22,
  username: 'backup',
  path: '',
  fileName: '{userName}.zip',
  hostKeyFingerprints: [],
  authMethod: 'service-key',
  deletesLocal: true,
  organizations: ['north' as NonNullable<Destination['organizations']>[number]],
  createdAt: '2026-11-20T10:00:00.000Z',
  createdBy: 'admin',
  changedAt: '2026-11-20T10:00:00.000Z',
  lastTest: null,
} satisfies Destination
const withVault = { several: false, destinations: [vault] }

test('a delivery needs a destination, and a download has none', () => {
  const sftp: CreateDraft = { ...draft, action: 'sftp' }
  expect(Object.keys(checkDraft(sftp, withVault).errors ?? {})).toEqual(['destinationId'])
  const chosen = { ...sftp, destinationId: vault.destinationId }
  expect(checkDraft(chosen, withVault).params).toMatchObject({ destinationId: vault.destinationId, deletesLocal: true })
  expect(checkDraft({ ...chosen, action: 'download' }, withVault).params).not.toHaveProperty('destinationId')
})

test('what becomes of the local archive is as the destination says until it is chosen otherwise', () => {
  const chosen: CreateDraft = { ...draft, action: 'sftp', destinationId: vault.destinationId }
  expect(deletesLocalOf(chosen, [vault])).toBe(true)
  expect(deletesLocalOf({ ...chosen, deletesLocal: false }, [vault])).toBe(false)
  expect(deletesLocalOf({ ...chosen, destinationId: '' }, [vault])).toBe(false)
})

test('only destinations of the protocol that are open to the organization are offered', () => {
  const open = { ...vault, organizations: null }
  expect(usableDestinations([vault, open], 'sftp', 'north')).toEqual([vault, open])
  expect(usableDestinations([vault, open], 'sftp', 'south')).toEqual([open])
  expect(usableDestinations([vault, open], 'sftp', undefined)).toEqual([vault, open])
  expect(usableDestinations([vault, open], 'scp', 'north')).toEqual([])
})
