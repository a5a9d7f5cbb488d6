import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import ssh2 from 'ssh2'
import { describe, expect, test } from 'vitest'
import { lockOf } from './key-lock.ts'
import { checkPrivateKey, readPrivateKey } from './private-key.ts'

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

  test('is told from a locked one and from what is none', () => {
    const options = { cipher: 'aes256-ctr', passphrase: 'open sesame', rounds: 4 } as const
    const openSsh = ssh2.utils.generateKeyPairSync('ed25519', options).private
    const oldPem = made.rsa
      .export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'open sesame' })
      .toString()
    for (const locked of [openSsh, oldPem, pkcs8(made.rsa, 'open sesame')]) {
      expect(checkPrivateKey(locked, 'open sesame')).toBe('usable')
      expect(checkPrivateKey(locked, 'open')).toBe('locked')
      expect(checkPrivateKey(locked)).toBe('locked')
    }
    expect(checkPrivateKey(pkcs8(made.ed25519))).toBe('usable')
    expect(checkPrivateKey(pkcs8(made.ed25519), 'not needed')).toBe('usable')
    for (const none of ['', 'nonsense', ssh2.utils.generateKeyPairSync('ed25519').public, oldPem.slice(0, 200)])
      expect(checkPrivateKey(none)).not.toBe('usable')
    expect(checkPrivateKey('nonsense')).toBe('unreadable')
  })

  test('is not opened when that would keep everybody waiting', () => {
    const { private: usual } = ssh2.utils.generateKeyPairSync('ed25519', {
      cipher: 'aes256-ctr',
      passphrase: 'open sesame',
      rounds: 4,
    })
    const bytes = Buffer.from(usual.replace(/-----[^-]*-----/g, ''), 'base64')
    const roundsAt = bytes.indexOf(Buffer.from([0, 0, 0, 4, 0, 0, 0, 1]))
    bytes.writeUInt32BE(0xffff_ffff, roundsAt)
    const armour = (name: string, key: Buffer) =>
      `-----BEGIN ${name}-----\n${key
        .toString('base64')
        .match(/.{1,70}/g)!
        .join('\n')}\n-----END ${name}-----\n`
    const startedAt = Date.now()
    const costly = armour('OPENSSH PRIVATE KEY', bytes)
    expect(readPrivateKey(costly, 'open sesame')).toBeNull()
    expect(checkPrivateKey(costly, 'open sesame')).toBe('unreadable')
    expect(Date.now() - startedAt).toBeLessThan(10_000)

    const der = Buffer.from(pkcs8(made.ed25519, 'open sesame').replace(/-----[^-]*-----/g, ''), 'base64')
    const at = der.indexOf(Buffer.from('02020800', 'hex'))
    expect(at).toBeGreaterThan(0)
    const lockOfRounds = (rounds: string) =>
      lockOf(
        armour(
          'ENCRYPTED PRIVATE KEY',
          Buffer.concat([der.subarray(0, at), Buffer.from(rounds, 'hex'), der.subarray(at + 4)]),
        ),
      )
    expect(lockOfRounds('02020800')).toBe('usual')
    expect(lockOfRounds('0203100000')).toBe('usual')
    expect(lockOfRounds('02047fffffff')).toBe('costly')
    expect(lockOfRounds('0209007fffffffffffffff')).toBe('costly')
    expect(lockOfRounds('0500')).toBe('costly')
  })

  test('is not a public key', () => {
    expect(readPrivateKey(ssh2.utils.generateKeyPairSync('ed25519').public)).toBeNull()
    expect(readPrivateKey(pkcs8(generateKeyPairSync('x25519').privateKey))).toBeNull()
  })
})
