import { createPrivateKey, type KeyObject } from 'node:crypto'
import ssh2, { type ParsedKey } from 'ssh2'
import type { CheckPrivateKey } from '../../ports/delivery.ts'
import { lockOf } from './key-lock.ts'

/**
 * Reads a private key in any of the usual forms: OpenSSH's, the old PEM ones, PuTTY's, and PKCS #8, locked by the passphrase or
 * not. Null for anything else, a wrong passphrase, a public key, and a lock that takes longer to open than a service can wait.
 */
export const readPrivateKey = (text: string, passphrase?: string): ParsedKey | null => {
  const plain = text.trim()
  if (lockOf(plain) === 'costly') return null
  const key = ssh2.utils.parseKey(isPkcs8(plain) ? fromPkcs8(plain, passphrase) : plain, passphrase)
  return key instanceof Error || !key.isPrivateKey() ? null : key
}

export const checkPrivateKey: CheckPrivateKey = (privateKey, passphrase) => {
  if (readPrivateKey(privateKey, passphrase) !== null) return 'usable'
  return lockOf(privateKey.trim()) === 'usual' ? 'locked' : 'unreadable'
}

/** RFC 7468 §10 and §11. */
const isPkcs8 = (text: string): boolean => /^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text)

/** The same key in a form that ssh2 reads; an empty text when it cannot be opened. */
const fromPkcs8 = (text: string, passphrase: string | undefined): string => {
  let key: KeyObject
  try {
    key = createPrivateKey({ key: text, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) })
  } catch {
    return ''
  }
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return key.export({ type: 'pkcs1', format: 'pem' }).toString()
    case 'ec':
      return key.export({ type: 'sec1', format: 'pem' }).toString()
    case 'ed25519':
      return openSshForm(key)
    default:
      return ''
  }
}

const field = (bytes: Uint8Array | string): Buffer => {
  const content = Buffer.from(bytes as Uint8Array)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}

/** An unlocked Ed25519 key as `openssh-key-v1` (PROTOCOL.key of OpenSSH): it has no older form. */
const openSshForm = (key: KeyObject): string => {
  const { d, x } = key.export({ format: 'jwk' })
  const seed = Buffer.from(d!, 'base64url')
  const point = Buffer.from(x!, 'base64url')
  const publicBlob = Buffer.concat([field('ssh-ed25519'), field(point)])
  // Two equal numbers tell a reader that the passphrase was right; with none they may be any.
  const check = Buffer.alloc(8)
  const secret = Buffer.concat([check, publicBlob, field(Buffer.concat([seed, point])), field('')])
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, i) => i + 1))
  const count = Buffer.from([0, 0, 0, 1])
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[field('none'), field('none'), field(''), count, field(publicBlob)],
    field(Buffer.concat([secret, padding])),
  ])
  const lines = whole.toString('base64').match(/.{1,70}/g)!
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n')
}
