import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import type { KeyFiles } from '../../ports/key-files.ts'
import type { Secrets } from '../../ports/secrets.ts'

const sealingKeyBytes = 32
const nonceBytes = 12
const tagBytes = 16
/** Begins every sealed value, so that another way of sealing can follow without guessing. */
const sealedPrefix = 'v1:'
const loss = 'what was signed or sealed with it would be lost'

/**
 * Reads the keys the service signs and seals with, and makes them when they have never been there.
 * @throws Error with a sentence for the administrator when a key file cannot be read or is no key
 */
export const openFileSecrets = async ({ keyFiles }: { readonly keyFiles: KeyFiles }): Promise<Secrets> => {
  const signingKeyPem = await keyFiles.readOrMake('signing.pem', newSigningKey, isSigningKey, loss)
  const sealingText = await keyFiles.readOrMake(
    'sealing.key',
    () => `${randomBytes(sealingKeyBytes).toString('base64')}\n`,
    (text) => sealingKeyOf(text) !== null,
    loss,
  )
  const sealingKey = sealingKeyOf(sealingText)!
  const signingPublicKey = createPublicKey(signingKeyPem).export({ type: 'spki', format: 'der' }).toString('base64')

  return {
    signingKeyPem,
    signingPublicKey,
    seal: (plain, context) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce)
      cipher.setAAD(Buffer.from(context, 'utf8'))
      const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return sealedPrefix + sealed.toString('base64')
    },
    open: (sealed, context) => {
      const bytes = Buffer.from(sealed.slice(sealedPrefix.length), 'base64')
      if (!sealed.startsWith(sealedPrefix) || bytes.length < nonceBytes + tagBytes)
        throw new Error('this is no sealed value')
      const decipher = createDecipheriv('aes-256-gcm', sealingKey, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      })
      decipher.setAAD(Buffer.from(context, 'utf8'))
      decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes))
      const plain = decipher.update(bytes.subarray(nonceBytes, bytes.length - tagBytes))
      return Buffer.concat([plain, decipher.final()]).toString('utf8')
    },
  }
}

const newSigningKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const isSigningKey = (text: string): boolean => {
  let key: KeyObject
  try {
    key = createPrivateKey(text)
  } catch {
    return false
  }
  return key.asymmetricKeyType === 'ed25519'
}

const sealingKeyOf = (text: string): Buffer | null => {
  if (!/^[A-Za-z0-9+/]{43}=\n?$/.test(text)) return null
  return Buffer.from(text, 'base64')
}
