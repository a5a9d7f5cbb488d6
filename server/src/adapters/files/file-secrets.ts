import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto'
import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Secrets } from '../../ports/secrets.ts'
import { codeOf } from './file-errors.ts'

const sealingKeyBytes = 32
const nonceBytes = 12
const tagBytes = 16
/** Begins every sealed value, so that another way of sealing can follow without guessing. */
const sealedPrefix = 'v1:'

/**
 * Reads the service's keys from `<folder>/keys`, and makes them when they have never been there.
 * @throws Error with a sentence for the administrator when a key file cannot be read or is no key; it is never replaced, since everything
 * signed or sealed with it would be lost.
 */
export const openFileSecrets = async ({ folder }: { readonly folder: string }): Promise<Secrets> => {
  const keys = join(folder, 'keys')
  await mkdir(keys, { recursive: true, mode: 0o700 })
  await chmod(keys, 0o700)

  const signingKeyPem = await readOrMake(join(keys, 'signing.pem'), newSigningKey, isSigningKey)
  const sealingText = await readOrMake(
    join(keys, 'sealing.key'),
    () => `${randomBytes(sealingKeyBytes).toString('base64')}\n`,
    (text) => sealingKeyOf(text) !== null,
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

const readOrMake = async (path: string, make: () => string, isKey: (text: string) => boolean): Promise<string> => {
  const found = (await readKey(path)) ?? (await makeKey(path, make()))
  if (!isKey(found))
    throw new Error(
      `The key file ${path} is damaged. Put it back from a backup. It is not replaced by itself: what was signed or sealed with it would be lost.`,
    )
  return found
}

const readKey = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw new Error(
      `The key file ${path} cannot be read (${codeOf(error) ?? 'unknown'}). Let the user that runs the service read it, or put it back from a backup.`,
      { cause: error },
    )
  }
}

/** A key appears whole or not at all; when another process was quicker, its key is the one. */
const makeKey = async (path: string, text: string): Promise<string> => {
  const draft = `${path}.${randomUUID()}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, path)
    return text
  } catch (error) {
    const other = codeOf(error) === 'EEXIST' ? await readKey(path) : null
    if (other === null) throw error
    return other
  } finally {
    await rm(draft, { force: true })
  }
}
