import { promisify } from 'node:util'
import ssh2 from 'ssh2'
import type { KeyFiles } from '../../ports/key-files.ts'

/** A key pair the service signs in with, both halves as OpenSSH writes them. */
export type ServiceKey = {
  /** `-----BEGIN OPENSSH PRIVATE KEY-----`, without a passphrase: the file's mode and folder are its protection. */
  readonly privateKey: string
  /** One line for authorized_keys: `ssh-ed25519 AAAA… stillbox`. */
  readonly publicKey: string
}

export type ServiceKeys = {
  readonly ed25519: ServiceKey
  /** For servers, and for callers, that know nothing newer. */
  readonly rsa: ServiceKey
}

const comment = 'stillbox'
const makePair = promisify(
  (type: 'ed25519' | 'rsa', done: (error: Error | null, pair?: { private: string; public: string }) => void) =>
    type === 'rsa'
      ? ssh2.utils.generateKeyPair('rsa', { bits: 3072, comment }, done)
      : ssh2.utils.generateKeyPair('ed25519', { comment }, done),
)

const make = async (type: 'ed25519' | 'rsa'): Promise<ServiceKey> => {
  const pair = (await makePair(type))!
  return { privateKey: `${pair.private.trim()}\n`, publicKey: `${pair.public.trim()}` }
}

export const makeServiceKeys = async (): Promise<ServiceKeys> => ({
  ed25519: await make('ed25519'),
  rsa: await make('rsa'),
})

/**
 * Reads the service's SSH keys, and makes them when they have never been there.
 * @throws Error with a sentence for the administrator when a key file cannot be read or is no key
 */
export const openServiceKeys = async ({ keyFiles }: { readonly keyFiles: KeyFiles }): Promise<ServiceKeys> => {
  const readOrMake = async (type: 'ed25519' | 'rsa'): Promise<ServiceKey> => {
    const privateKey = await keyFiles.readOrMake(
      `ssh-${type}.key`,
      async () => (await make(type)).privateKey,
      (text) => publicKeyOf(text)?.startsWith(`ssh-${type} `) ?? false,
      'destinations would not let the service in any more',
    )
    return { privateKey, publicKey: publicKeyOf(privateKey)! }
  }
  return { ed25519: await readOrMake('ed25519'), rsa: await readOrMake('rsa') }
}

/** The line for authorized_keys that belongs to a private key; null when it is none, or is locked by a passphrase. */
export const publicKeyOf = (privateKey: string): string | null => {
  const key = ssh2.utils.parseKey(privateKey)
  if (key instanceof Error || !key.isPrivateKey()) return null
  return `${key.type} ${key.getPublicSSH().toString('base64')} ${comment}`
}
