import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import { describe, expect, test } from 'vitest'
import { checkDestination, type DestinationDraft, draftOf, keepsSecret, serverOf } from './destination-draft.ts'
import { examplePath } from './template-example.ts'

const fingerprint = `SHA256:${'A'.repeat(43)}`
const pairs = Array.from({ length: 16 }, () => 'ab').join(':')

const saved = {
  destinationId: '3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2' as Destination['destinationId'],
  name: 'Vault',
  protocol: 'sftp',
  host: 'vault.example.org',
  port: 22,
  username: 'backup',
  path: '/srv/archives',
  fileName: '{userName}/{date}.zip',
  hostKeyFingerprints: [fingerprint],
  authMethod: 'password',
  deletesLocal: false,
  organizations: null,
  createdAt: '2026-11-20T10:00:00.000Z',
  createdBy: 'admin',
  changedAt: '2026-11-20T10:00:00.000Z',
  lastTest: null,
} satisfies Destination

const filled: DestinationDraft = {
  ...draftOf(null),
  name: 'Vault',
  host: 'Vault.example.org ',
  username: 'backup',
  hostKeyFingerprints: [fingerprint],
}
const fieldsOf = (draft: DestinationDraft, of: Destination | null = null) =>
  Object.keys(checkDestination(draft, of).errors ?? {}).sort()

test('an empty form asks for all that has no default', () => {
  expect(fieldsOf(draftOf(null))).toEqual(['host', 'hostKeyFingerprints', 'name', 'username'])
})

test('a full draft becomes the parameters of CreateDestination', () => {
  const { save } = checkDestination(filled, null)
  expect(save?.destinationId).toBeNull()
  expect(save?.params).toMatchObject({ port: 22, authMethod: 'service-key', organizations: ['*'] })
  expect(save?.params).not.toHaveProperty('password')
})

test.each([
  [{ port: '0' }, ['port']],
  [{ port: 'ssh' }, ['port']],
  [{ host: 'no host at all' }, ['host']],
  [{ fileName: '../{userName}' }, ['fileName']],
  [{ fileName: '{nobody}.zip' }, ['fileName']],
  [{ pasted: 'SHA256:short' }, ['hostKeyFingerprints']],
  [{ authMethod: 'password' }, ['password']],
  [{ authMethod: 'private-key' }, ['privateKey']],
  [{ isLimited: true }, ['organizations']],
] as [Partial<DestinationDraft>, string[]][])('%j is refused at %j, in a sentence', (change, fields) => {
  const { errors } = checkDestination({ ...filled, ...change }, null)
  expect(Object.keys(errors ?? {})).toEqual(fields)
  for (const text of Object.values(errors ?? {})) expect(text).toMatch(/^[A-Z].*\.$/)
})

test('a fingerprint that was pasted and not added counts all the same', () => {
  const { save } = checkDestination({ ...filled, hostKeyFingerprints: [], pasted: ` MD5:${pairs.toUpperCase()}` }, null)
  expect(save?.params.hostKeyFingerprints).toEqual([pairs])
})

describe('of a saved destination', () => {
  const draft = draftOf(saved)
  test('only what changed is sent', () => {
    expect(checkDestination(draft, saved).save?.params).toEqual({})
    expect(
      checkDestination({ ...draft, path: '/other', isLimited: true, organizations: ['north'] }, saved).save?.params,
    ).toEqual({
      path: '/other',
      organizations: ['north'],
    })
    expect(checkDestination({ ...draft, password: 'new' }, saved).save?.params).toEqual({ password: 'new' })
  })
  test('its password stays with its server and account alone', () => {
    expect(keepsSecret(draft, saved)).toBe(true)
    for (const change of [{ host: 'other.example.org' }, { port: '2222' }, { username: 'else' }]) {
      expect(fieldsOf({ ...draft, ...change }, saved)).toEqual(['password'])
      expect(checkDestination({ ...draft, ...change }, saved).errors?.password).toMatch(/again/)
      expect(fieldsOf({ ...draft, ...change, password: 'x' }, saved)).toEqual([])
    }
    expect(fieldsOf({ ...draft, host: ' VAULT.example.org' }, saved)).toEqual([])
  })
  test('a passphrase needs the key it opens', () => {
    const withKey = { ...saved, authMethod: 'private-key' } satisfies Destination
    expect(fieldsOf({ ...draftOf(withKey), passphrase: 'x' }, withKey)).toEqual(['privateKey'])
  })
})

test('the server can be asked once host and port are complete', () => {
  expect(serverOf({ host: 'Vault.example.org', port: '2222' })).toEqual({ host: 'vault.example.org', port: 2222 })
  expect(serverOf({ host: '', port: '22' })).toBeNull()
  expect(serverOf({ host: 'vault', port: '' })).toBeNull()
})

test.each([
  ['/srv/archives/', '{organization}/{userName}/{date}.zip', '/srv/archives/example/anna@example.org/2026-11-22.zip'],
  ['', '{type}.zip', 'mailbox+calendar.zip'],
  ['/', '{type}.zip', '/mailbox+calendar.zip'],
  ['/srv', '{nonsense}', null],
])('“%s” with “%s” leads to %s', (folder, fileName, path) => {
  expect(examplePath(folder, fileName)).toBe(path)
})
