import { describe, expect, test } from 'vitest'
import { hostKeyOf, matchesFingerprint, normalFingerprint, wordedHostKey } from './host-keys.ts'

// A key made for this test; the fingerprints are what ssh-keygen -l prints for it.
const blob = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB', 'base64')
const key = hostKeyOf(blob)

describe('fingerprints of host keys', () => {
  test('are those ssh-keygen prints', () => {
    expect(key).toEqual({
      algorithm: 'ssh-ed25519',
      sha256: 'SHA256:X75Mb3nqVpJG3UuCRMIO94EyEAtegd44QTYVIRv99HI',
      md5: '4a:a4:d1:98:33:de:21:7f:bc:51:73:7f:f0:ee:28:e0',
    })
    expect(wordedHostKey(key)).toBe(`ssh-ed25519 ${key.sha256} (MD5 ${key.md5})`)
  })

  test.each([
    ['as OpenSSH prints it', key.sha256],
    ['with padding', `${key.sha256}=`],
    ['with a small prefix and space around', `  sha256:${key.sha256.slice(7)}\n`],
    ['hex pairs', key.md5],
    ['hex pairs in capitals', key.md5.toUpperCase()],
    ['hex pairs with a prefix', `MD5:${key.md5}`],
    ['hex without colons', key.md5.replaceAll(':', '')],
    ['a line of ssh-keygen -l', `256 ${key.sha256} root@host (ED25519)`],
    ['a line of ssh-keygen -l -E md5', `256 MD5:${key.md5} root@host (ED25519)`],
  ])('match %s', (_, text) => {
    expect(matchesFingerprint(key, text)).toBe(true)
    expect([key.sha256, key.md5]).toContain(normalFingerprint(text))
  })

  test.each([
    '',
    ' ',
    'SHA256:',
    '*',
    key.sha256.slice(0, -1),
    key.sha256.slice(7),
    key.sha256.toLowerCase(),
    key.md5.slice(0, -3),
    `${key.md5}:00`,
    `SHA256:${'A'.repeat(43)}`,
    `MD5:${'00:'.repeat(15)}00`,
  ])('do not match %j', (text) => {
    expect(matchesFingerprint(key, text)).toBe(false)
  })

  test('of what is no key do not fail', () => {
    expect(hostKeyOf(new Uint8Array(0)).algorithm).toBe('')
    expect(hostKeyOf(Buffer.from('ffffffff00', 'hex')).algorithm.length).toBeLessThanOrEqual(64)
  })
})
