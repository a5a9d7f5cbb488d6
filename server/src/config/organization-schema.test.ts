import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { organizationConfigIn, organizationConfigsIn } from './organization-schema.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stillbox-config-'))
  writeFileSync(join(folder, 'master.password'), 'hunter2\n')
  writeFileSync(join(folder, 'ca.pem'), '-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----\n')
  writeFileSync(join(folder, 'not-a-ca.pem'), 'nothing')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const problemsOf = (yaml: string): string[] => {
  const { error } = organizationConfigIn(folder).safeParse(parse(yaml))
  return (error?.issues ?? []).map((issue) => `${issue.path.join('.')} ${issue.message}`)
}

const whole = `
organization: example
name: Example Hosting
directory: { type: pattern, login: '{userName}@example.org' }
mail:
  technology: imap
  host: imap.example.org
  caFile: ca.pem
  signIn: { method: master-user, masterUser: stillbox, passwordFile: master.password }
calendar: { technology: dav, url: 'https://dav.example.org/{login}/' }
contacts: { technology: directory, path: 'contacts/{login}' }
`

test('files are read, defaults filled in, secrets wrapped', () => {
  const config = organizationConfigIn(folder).parse(parse(whole))
  expect(config).toMatchObject({
    organization: 'example',
    userNameHint: null,
    maxCapturesAtOnce: 4,
    isSample: false,
    mail: { port: 993, tls: 'implicit', compress: false, timeoutSeconds: 60, signIn: { separator: '*' } },
    calendar: { signIn: { method: 'password-of-user' } },
    contacts: { path: join(folder, 'contacts/{login}') },
  })
  if (config.mail?.technology !== 'imap' || config.mail.signIn.method !== 'master-user')
    throw new Error('not as written')
  expect(config.mail.ca).toContain('BEGIN CERTIFICATE')
  expect(config.mail.signIn.password.reveal()).toBe('hunter2')
  expect(JSON.stringify(config)).not.toContain('hunter2')
})

test('the port follows from tls', () => {
  const config = organizationConfigIn(folder).parse(
    parse(whole.replace('host: imap.example.org', 'host: imap.example.org\n  tls: starttls')),
  )
  expect(config.mail).toMatchObject({ port: 143, tls: 'starttls' })
})

test('every problem is reported with its path and what to write instead', () => {
  const problems = problemsOf(`
organization: Example!
directory: { type: ldap }
mail: { technology: imap, host: 'imaps://imap.example.org', tls: maybe, hots: x, signIn: { method: master-user, masterUser: s } }
calendar: { technology: dav, url: 'dav.example.org/{login}' }
contacts: { technology: directory, path: '/srv/{nobody}' }
`)
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual(
    expect.arrayContaining([
      'organization',
      'name',
      'directory.type',
      'mail.host',
      'mail.tls',
      'calendar.url',
      'contacts.path',
    ]),
  )
  const all = problems.join('\n')
  expect(all).toContain('write type: one of pattern, csv, http')
  expect(all).toContain('does not know {nobody} here')
  expect(all).toContain('has no setting hots')
  expect(all).toContain('give either password or passwordFile')
})

test.each([
  [
    'a placeholder that the directory cannot fill',
    whole.replace('/{login}/', '/{uid}/'),
    'calendar.url does not know {uid}',
  ],
  ['the same login for every user', whole.replace('{userName}@', 'all@'), 'directory.login is the same for every user'],
  ['a path without a user', whole.replace('contacts/{login}', 'contacts'), 'contacts.path is the same for every user'],
  ['a brace alone', whole.replace('/{login}/', '/{login/'), 'has a brace without its partner'],
  ['a missing file', whole.replace('ca.pem', 'gone.pem'), 'mail.caFile cannot be read (ENOENT)'],
  ['a file that is no certificate', whole.replace('ca.pem', 'not-a-ca.pem'), 'mail.caFile holds no certificate'],
  ['a password twice', whole.replace('passwordFile', 'password: x, passwordFile'), 'mail.signIn.password give either'],
  [
    'a user who chooses the host',
    whole.replace('dav.example.org', '{login}.example.org'),
    'has a placeholder in its host name',
  ],
  ['a user in the URL', whole.replace('dav.example', 'a:b@dav.example'), 'has a user name or password in it'],
  ['passwords without TLS', whole.replace('https://', 'http://'), 'calendar.url is not encrypted'],
  ['nothing to capture', whole.slice(0, whole.indexOf('mail:')), 'has nothing to capture'],
])('%s is refused', (_, yaml, problem) => {
  expect(problemsOf(yaml).join('\n')).toContain(problem)
})

test('a plain URL passes where it is meant or stays on the machine', () => {
  expect(problemsOf(whole.replace('https://dav.example.org', 'http://127.0.0.1:5232'))).toEqual([])
  expect(problemsOf(whole.replace("url: 'https://", "tls: none, url: 'http://"))).toEqual([])
})

test('two organizations of one name are refused', () => {
  const { error } = organizationConfigsIn(folder).safeParse([parse(whole), parse(whole)])
  expect(error?.issues).toMatchObject([{ path: [1, 'organization'] }])
})
