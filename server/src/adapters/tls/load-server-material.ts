import { createPrivateKey, type KeyObject } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { TlsConfig } from '../../config/tls-schema.ts'
import type { TlsMaterial } from '../../ports/server-tls.ts'
import { dayOf, readBounded, readCertificates } from './read-pem.ts'

export type ServerMaterial = Omit<TlsMaterial, 'clientAuthorities'>

/** Collects what is wrong as sentences. */
export type Tell = (problem: string) => void

export const reasonOf = (error: unknown): string =>
  error instanceof Error ? ('code' in error ? String(error.code) : error.message) : 'unreadable'

/** The content of a file; null, and told, when it cannot be read. */
export const readOrTell = (setting: string, path: string, tell: Tell): Buffer | null => {
  try {
    return readBounded(path)
  } catch (error) {
    tell(`${setting} ${path} cannot be read (${reasonOf(error)}).`)
    return null
  }
}

const openKey = (keyFile: string, pem: string, passphrase: string | null, tell: Tell): KeyObject | null => {
  try {
    return createPrivateKey(passphrase === null ? { key: pem } : { key: pem, passphrase })
  } catch (error) {
    const needsPassphrase = error instanceof Error && 'code' in error && error.code === 'ERR_MISSING_PASSPHRASE'
    tell(
      needsPassphrase || pem.includes('ENCRYPTED')
        ? `tls.keyFile ${keyFile} is encrypted, and ${passphrase === null ? 'there is no tls.keyPassphraseFile' : 'the passphrase does not open it'}.`
        : `tls.keyFile ${keyFile} is not a private key in PEM.`,
    )
    return null
  }
}

/** Reads and checks the certificate and key of the service; null when something is wrong, which is then told. */
export const loadServerMaterial = (config: TlsConfig, nowMs: number, tell: Tell): ServerMaterial | null => {
  const { certFile, keyFile, keyPassphraseFile, minVersion } = config
  const cert = readOrTell('tls.certFile', certFile, tell)?.toString('latin1') ?? null
  const key = readOrTell('tls.keyFile', keyFile, tell)?.toString('latin1') ?? null
  const passphrase =
    keyPassphraseFile === undefined
      ? null
      : (readOrTell('tls.keyPassphraseFile', keyPassphraseFile, tell)?.toString('utf8').split(/\r?\n/)[0] ?? null)
  const opened = key === null ? null : openKey(keyFile, key, passphrase, tell)
  if (cert === null) return null
  let own: ReturnType<typeof readCertificates>[number] | undefined
  try {
    own = readCertificates(cert)[0]
  } catch {
    own = undefined
  }
  if (!own) {
    tell(`tls.certFile ${certFile} holds no certificate in PEM.`)
    return null
  }
  if (own.validToDate.getTime() <= nowMs)
    tell(`tls.certFile ${certFile} has expired on ${dayOf(own.validToDate.getTime())}: browsers would refuse it.`)
  if (own.validFromDate.getTime() > nowMs)
    tell(`tls.certFile ${certFile} is not valid before ${own.validFromDate.toISOString()}.`)
  if (key === null || opened === null) return null
  if (!own.checkPrivateKey(opened)) {
    tell(`tls.keyFile ${keyFile} is not the key of the certificate in ${certFile}.`)
    return null
  }
  const material = { cert, key, passphrase, minVersion }
  try {
    createSecureContext({ cert, key, minVersion, ...(passphrase === null ? {} : { passphrase }) })
  } catch (error) {
    tell(`tls.certFile ${certFile} and its key cannot be used (${reasonOf(error)}).`)
    return null
  }
  return material
}
