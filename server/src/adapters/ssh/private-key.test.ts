import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import ssh2 from 'ssh2'
import { describe, expect, test } from 'vitest'
import { readPrivateKey } from './private-key.ts'

const made = {
  ed25519: generateKeyPairSync('ed25519').privateKey,
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
}
const pkcs8 = (key: KeyObject, passphrase?: string): string =>
  key
    .export({
      type: 'pkcs8',
      format: 'pem',
      ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
    })
    .toString()

describe('a private key', () => {
  test.each(Object.entries(made))('is read from PKCS #8: %s', (_, key) => {
    const read = readPrivateKey(pkcs8(key))!
    expect(createPublicKey(read.getPublicPEM()).equals(createPublicKey(key))).toBe(true)
    expect(readPrivateKey(pkcs8(key, 'open sesame'), 'open sesame')?.getPublicPEM()).toBe(read.getPublicPEM())
    expect(readPrivateKey(pkcs8(key, 'open sesame'), 'open')).toBeNull()
    expect(readPrivateKey(pkcs8(key, 'open sesame'))).toBeNull()
  })

  test('signs as the key it was read from', () => {
    const data = Buffer.from('what is signed')
    const signature = readPrivateKey(pkcs8(made.ed25519))!.sign(data)
    expect(verify(null, data, createPublicKey(made.ed25519), signature)).toBe(true)
  })

  test("is read from OpenSSH's form, locked or not, with space around", () => {
    const open = ssh2.utils.generateKeyPairSync('ed25519')
    expect(readPrivateKey(`\n${open.private}\n\n`)?.type).toBe('ssh-ed25519')
    const locked = ssh2.utils.generateKeyPairSync('ed25519', {
      cipher: 'aes256-ctr',
      passphrase: 'open sesame',
      rounds: 4,
    })
    expect(readPrivateKey(locked.private, 'open sesame')?.type).toBe('ssh-ed25519')
    expect(readPrivateKey(locked.private, 'open')).toBeNull()
    expect(readPrivateKey(locked.private)).toBeNull()
  })

  test.each(['', 'nonsense', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'])('is not %j', (text) => {
    expect(readPrivateKey(text)).toBeNull()
  })

  test('is not a public key', () => {
    expect(readPrivateKey(ssh2.utils.generateKeyPairSync('ed25519').public)).toBeNull()
    expect(readPrivateKey(pkcs8(generateKeyPairSync('x25519').privateKey))).toBeNull()
  })
})
