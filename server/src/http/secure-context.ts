import type { SecureContextOptions } from 'node:tls'
import type { TlsMaterial } from '../ports/server-tls.ts'

/** What is served, as node:tls takes it. */
export const secureContextOf = (
  { cert, key, passphrase, minVersion, clientAuthorities }: TlsMaterial,
  asksForCertificates: boolean,
): SecureContextOptions => ({
  cert,
  key,
  minVersion,
  ...(passphrase === null ? {} : { passphrase }),
  ...(asksForCertificates && clientAuthorities !== null ? { ca: [...clientAuthorities] } : {}),
})
