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
  ...(asksForCertificates && clientAuthorities !== null
    ? // An authority between the root and people is enough to trust, so that not all a root ever issued is let in.
      { ca: [...clientAuthorities], allowPartialTrustChain: true }
    : {}),
})
