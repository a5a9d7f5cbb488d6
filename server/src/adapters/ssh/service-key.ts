import { randomUUID } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ssh2 from 'ssh2'

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
 * Reads the service's SSH keys from `<folder>/keys`, and makes them when they have never been there.
 * @throws Error with a sentence for the administrator when a key file cannot be read or is no key; it is never replaced, since
 * every destination that was told the public key would stop letting the service in.
 */
export const openServiceKeys = async ({ folder }: { readonly folder: string }): Promise<ServiceKeys> => {
  const keys = join(folder, 'keys')
  await mkdir(keys, { recursive: true, mode: 0o700 })
  await chmod(keys, 0o700)
  const readOrMake = async (type: 'ed25519' | 'rsa'): Promise<ServiceKey> => {
    const path = join(keys, `ssh-${type}.key`)
    const text = (await readKey(path)) ?? (await keep(path, (await make(type)).privateKey))
    const publicKey = publicKeyOf(text)
    if (!publicKey?.startsWith(`ssh-${type} `))
      throw new Error(
        `The key file ${path} is damaged. Put it back from a backup. It is not replaced by itself: destinations would not let the service in any more.`,
      )
    return { privateKey: text, publicKey }
  }
  return { ed25519: await readOrMake('ed25519'), rsa: await readOrMake('rsa') }
}

/** The line for authorized_keys that belongs to a private key; null when it is none, or is locked by a passphrase. */
export const publicKeyOf = (privateKey: string): string | null => {
  const key = ssh2.utils.parseKey(privateKey)
  if (key instanceof Error || !key.isPrivateKey()) return null
  return `${key.type} ${key.getPublicSSH().toString('base64')} ${comment}`
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : null)

const readKey = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw new Error(
      `The key file ${path} cannot be read (${codeOf(error)}). Let the user that runs the service read it, or put it back from a backup.`,
      { cause: error },
    )
  }
}

/** A key appears whole or not at all; when another process was quicker, its key is the one. */
const keep = async (path: string, text: string): Promise<string> => {
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
