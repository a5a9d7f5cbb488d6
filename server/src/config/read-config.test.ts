import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConfigError, readConfig } from './read-config.ts'
import { settingsMarkdown } from './settings-markdown.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stillbox-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (text: string, name = 'stillbox.config.yaml') => writeFileSync(join(folder, name), text)
const problems = (env: NodeJS.ProcessEnv = {}): readonly string[] => {
  try {
    readConfig(env, folder)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('without any setting the service listens on this machine alone and offers the sample', () => {
  const config = readConfig({}, folder)
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 8462,
    dataFolder: join(folder, 'data'),
    configFile: null,
    adminPassword: null,
    databaseUrl: null,
    organizations: [],
    sample: true,
    publicUrl: null,
    trustedProxies: ['loopback'],
    logLevel: 'info',
  })
  expect(config.limits.captureThreads).toBeGreaterThanOrEqual(1)
  expect(Object.isFrozen(config) && Object.isFrozen(config.limits)).toBe(true)
})

const organization = `
organizations:
  - organization: example
    name: Example
    directory: { type: pattern, login: '{userName}' }
    mail: { technology: imap, host: imap.example.org }
`

test('the sample goes once there is an organization, unless it is asked for', () => {
  write(organization)
  expect(readConfig({}, folder)).toMatchObject({ sample: false, organizations: [{ organization: 'example' }] })
  write(`${organization}sample: true\n`)
  expect(readConfig({}, folder).sample).toBe(true)
})

test('an empty file and an empty variable change nothing', () => {
  write('')
  expect(readConfig({ STILLBOX_PORT: '', DATABASE_URL: '' }, folder)).toMatchObject({ port: 8462, databaseUrl: null })
})

test('secrets do not print', () => {
  const env = { STILLBOX_ADMIN_PASSWORD: 'a very secret word', DATABASE_URL: 'postgres://u:hidden@db/stillbox' }
  const config = readConfig(env, folder)
  expect(inspect(config) + JSON.stringify(config)).not.toMatch(/very secret|hidden/)
  expect(config.adminPassword?.reveal()).toBe('a very secret word')
})

test('every problem is told at once, each with what to do', () => {
  write('organisations: []\nlimits: { capturesAtOnce: 0 }\nlogLevel: loud\n')
  const told = problems({
    STILLBOX_PORT: '70000',
    STILLBOX_PROT: '1',
    STILLBOX_ADMIN_PASSWORD: 'short',
    DATABASE_URL: 'mysql://x',
  })
  expect(told).toHaveLength(7)
  for (const words of [
    /no setting STILLBOX_PROT\. The settings are STILLBOX_HOST/,
    /STILLBOX_PORT is not a whole number from 0 to 65535/,
    /STILLBOX_ADMIN_PASSWORD is shorter than 8 characters/,
    /DATABASE_URL is not the address of a PostgreSQL database/,
    /has no setting organisations: the settings are organizations/,
    /limits\.capturesAtOnce is at least 1/,
    /logLevel is unknown: write fatal/,
  ])
    expect(
      told.some((problem) => words.test(problem)),
      String(words),
    ).toBe(true)
})

test('a file that is named has to exist; one that is not need not', () => {
  expect(problems({ STILLBOX_CONFIG: 'other.yaml' })).toEqual([
    `The configuration file ${join(folder, 'other.yaml')} cannot be read (ENOENT).`,
  ])
})

test('broken YAML is told by its place, without the lines around it', () => {
  write('password: hunter2\nlimits: [\nhost: x\n')
  const told = problems().join('\n')
  expect(told).toMatch(/is not YAML: .* at line 3, column 1/)
  expect(told).not.toMatch(/hunter2/)
})

test.each([
  ['0.0.0.0', null, false],
  ['192.0.2.7', null, false],
  ['192.0.2.7', 'http://stillbox.example.org', false],
  ['192.0.2.7', 'https://user@stillbox.example.org', false],
  ['192.0.2.7', 'https://stillbox.example.org/path', false],
  ['192.0.2.7', 'https://stillbox.example.org/', true],
  ['127.0.0.1', 'http://localhost:9000', true],
  ['::1', null, true],
  ['localhost', null, true],
])('listening on %s with publicUrl %s: allowed %s', (host, publicUrl, isAllowed) => {
  if (publicUrl !== null) write(`publicUrl: ${publicUrl}\n`)
  expect(problems({ STILLBOX_HOST: host })).toHaveLength(isAllowed ? 0 : 1)
})

test('with a certificate of its own it may listen for other machines; files count from the configuration', () => {
  write('tls: { certFile: server.crt, keyFile: /keys/server.key }\nclientCertificates: { caFile: ca/ca.crt }\n')
  const config = readConfig({ STILLBOX_HOST: '0.0.0.0' }, folder)
  expect(config.tls).toEqual({
    certFile: join(folder, 'server.crt'),
    keyFile: '/keys/server.key',
    minVersion: 'TLSv1.2',
  })
  expect(config.clientCertificates).toMatchObject({
    caFile: join(folder, 'ca/ca.crt'),
    required: true,
    mapping: 'fingerprint',
    accounts: [],
  })
  expect(readConfig({ STILLBOX_CONFIG: '/dev/null' }, folder)).toMatchObject({ tls: null, clientCertificates: null })
})

test.each([
  ['clientCertificates: { caFile: ca.crt }', /^clientCertificates needs tls/],
  ['tls: { certFile: a.crt }', /^tls\.keyFile is missing/],
  ['tls: { certFile: a.crt, keyFile: a.key, minVersion: TLSv1 }', /^tls\.minVersion is unknown: write TLSv1\.2 or/],
  [
    'tls: { certFile: a, keyFile: b }\nclientCertificates: { caFile: c, accounts: [{ certificate: ab:cd, userName: x }] }',
    /^clientCertificates\.accounts\[0\]\.certificate is not a SHA-256 fingerprint/,
  ],
  [
    'tls: { certFile: a, keyFile: b }\nclientCertificates: { caFile: c, mapping: email, accounts: [{ certificate: A@b, userName: x }, { certificate: a@B, userName: y }] }',
    /^clientCertificates\.accounts\[1\]\.certificate is there twice, with two user names/,
  ],
])('%s', (text, problem) => {
  write(text)
  expect(problems()).toEqual([expect.stringMatching(problem)])
})

test('docs/generated/settings.md is what the schemas say; “pnpm gen” writes it', () => {
  const written = readFileSync(new URL('../../../docs/generated/settings.md', import.meta.url), 'utf8')
  expect(written).toBe(settingsMarkdown())
})

test.each([
  ['', {}, true],
  ['publicUrl: https://stillbox.example.org', {}, false],
  ['publicUrl: https://stillbox.example.org', { STILLBOX_HOST: '0.0.0.0' }, false],
  ['publicUrl: https://stillbox.example.org\nscriptAccess: true', {}, true],
  ['scriptAccess: false', {}, false],
])('with %j and %j programs may sign in: %s', (text, env, scriptAccess) => {
  write(text)
  expect(readConfig(env, folder).scriptAccess).toBe(scriptAccess)
})

test.each([
  ['', ['loopback']],
  ['publicUrl: https://stillbox.example.org', ['loopback']],
  // Whoever comes by a tunnel on this machine is not a proxy that knows the protocol.
  ['publicUrl: https://stillbox.example.org\ntls: { certFile: a, keyFile: b }', []],
  [
    'publicUrl: https://stillbox.example.org\ntls: { certFile: a, keyFile: b }\ntrustedProxies: [10.0.0.1]',
    ['10.0.0.1'],
  ],
])('with %j these may say where a request comes from: %j', (text, trusted) => {
  write(text)
  expect(readConfig({}, folder).trustedProxies).toEqual(trusted)
})

test('roles that need a second factor are roles', () => {
  write('requireSecondFactor: [administrator, auditor]\npasswordMinLength: 16')
  expect(readConfig({}, folder)).toMatchObject({
    requireSecondFactor: ['administrator', 'auditor'],
    passwordMinLength: 16,
  })
  write('requireSecondFactor: [everybody]\npasswordMinLength: 4')
  expect(problems()).toEqual([
    expect.stringMatching(/^requireSecondFactor\[0\] is not a role: write administrator, operator, auditor/),
    expect.stringMatching(/^passwordMinLength is at least 8/),
  ])
})
