import { expect, test } from 'vitest'
import { readConfig } from './read-config.ts'

const docs = new URL('../../../docs/', import.meta.url).pathname

test('docs/stillbox.config.example.yaml is accepted as it stands, and shows every directory, technology and sign-in', () => {
  const { organizations } = readConfig({ STILLBOX_CONFIG: 'stillbox.config.example.yaml' }, docs)
  expect(new Set(organizations.map(({ directory }) => directory.type))).toEqual(new Set(['pattern', 'csv', 'http']))
  const sources = organizations.flatMap(({ mail, calendar, contacts }) => [mail, calendar, contacts])
  expect(new Set(sources.map((source) => source?.technology))).toEqual(new Set(['imap', 'dav', 'directory']))
  const methods = sources.flatMap((source) => (source && 'signIn' in source ? [source.signIn.method] : []))
  expect(new Set(methods)).toEqual(
    new Set(['master-user', 'plain-authzid', 'service-account', 'password-of-user', 'xoauth2']),
  )
})
