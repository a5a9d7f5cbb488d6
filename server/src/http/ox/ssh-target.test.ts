import { describe, expect, test } from 'vitest'
import { SshTarget } from './ssh-target.ts'

const md5 = '16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48'
const sha256 = 'SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8'
const target = { host: 'upload.example.org', port: 22, username: 'ox', path: '/data/in', fingerprint: md5 }

const read = (changes: object) => {
  const { success, data, error } = SshTarget.safeParse({ ...target, ...changes })
  return success ? data : error.issues.map(({ message }) => message).join('; ')
}

test('the published example', () => {
  expect(SshTarget.parse(target)).toEqual(target)
})

test('what is not needed is left out', () => {
  expect(read({ port: undefined, comment: 'x' })).toEqual(target)
  expect(read({ port: null })).toEqual(target)
})

describe('host', () => {
  test.each([
    ['upload', 'upload'],
    ['Upload.Example.ORG', 'upload.example.org'],
    [' upload.example.org ', 'upload.example.org'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['192.0.2.7', '192.0.2.7'],
    ['2001:DB8::7', '2001:db8::7'],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
  ])('%j is taken', (host, taken) => {
    expect(read({ host })).toEqual({ ...target, host: taken })
  })

  test.each([
    '',
    'a..b',
    '.example.org',
    '-oProxyCommand=x',
    'host-',
    'ox@upload.example.org',
    'upload.example.org:22',
    'upload.example.org/x',
    '192.0.2.256',
    '192.0.2',
    '[2001:db8::7]',
    '2001:db8::7::1',
    'bücher.example',
    'a b',
    'a\nb',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}example`,
  ])('%j is refused', (host) => {
    expect(read({ host })).toBe('ssh.host is neither a host name nor an IP address')
  })
})

test.each([0, -1, 65_536, 22.5, '22', Number.NaN, true])('port %j is refused', (port) => {
  expect(read({ port })).toBe('ssh.port is a whole number from 1 to 65535')
})

test.each([1, 22, 2222, 65_535])('port %j is taken', (port) => {
  expect(read({ port })).toMatchObject({ port })
})

test.each([
  ['username', '', 'ssh.username is empty'],
  ['username', undefined, 'ssh.username is missing'],
  ['username', 7, 'ssh.username is a string'],
  ['username', 'a\nb', 'ssh.username has no control characters'],
  ['username', 'a'.repeat(256), 'ssh.username has at most 255 characters'],
  ['path', ' ', 'ssh.path is empty'],
  ['path', undefined, 'ssh.path is missing'],
  ['path', '/data/\u0000', 'ssh.path has no control characters'],
  ['path', '/data/\u0085', 'ssh.path has no control characters'],
  ['path', 'a'.repeat(1_025), 'ssh.path has at most 1024 characters'],
  ['fingerprint', undefined, 'ssh.fingerprint is missing'],
])('%s %j: %s', (field, value, message) => {
  expect(read({ [field]: value })).toBe(message)
})

test('a path is taken as it is', () => {
  for (const path of ['/data/in', 'in', '~/in', '/daten/Größe & Maße', "/it's $HOME; ls"])
    expect(read({ path })).toMatchObject({ path })
})

describe('fingerprint', () => {
  test.each([
    [md5, md5],
    [md5.toUpperCase(), md5],
    [`MD5:${md5}`, md5],
    [sha256, sha256],
    [`${sha256}=`, sha256],
    [` ${sha256}\n`, sha256],
  ])('%j is taken', (fingerprint, taken) => {
    expect(read({ fingerprint })).toEqual({ ...target, fingerprint: taken })
  })

  test.each([
    '',
    'any',
    '*',
    md5.slice(0, -3),
    `${md5}:00`,
    md5.replaceAll(':', ''),
    md5.replaceAll(':', '-'),
    md5.replace('16', 'g6'),
    sha256.slice(7),
    sha256.slice(0, -1),
    sha256.replace('SHA256', 'SHA1'),
    // Bits beyond the 32nd byte: no 32 bytes are written like this.
    `${sha256.slice(0, -1)}9`,
  ])('%j is refused', (fingerprint) => {
    expect(read({ fingerprint })).toMatch(/^ssh\.fingerprint is 16 hexadecimal pairs/)
  })
})
