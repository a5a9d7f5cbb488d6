/** The certificate a client has proved to hold the key of. */
export type ClientCertificate = {
  /** `CN=Anna, O=Example`, in the order of the certificate; commas and control characters within a value are escaped. */
  readonly subject: string
  /** SHA-256, upper-case hexadecimal pairs joined by colons. */
  readonly fingerprint: string
  readonly emailAddresses: readonly string[]
  readonly validToMs: number
}

/** Why a certificate does not count; `list_outdated`: nobody can say whether it was revoked. */
export type CertificateFault = 'missing' | 'untrusted' | 'not_yet_valid' | 'expired' | 'revoked' | 'list_outdated'

export type CertificateFinding =
  | { readonly fault: null; readonly certificate: ClientCertificate }
  | { readonly fault: CertificateFault; readonly certificate: ClientCertificate | null }

/** What a connection came with. */
export type PresentedCertificate = {
  /** DER; null when the client sent none. */
  readonly der: Buffer | null
  /** Whether the TLS library found nothing wrong when the connection was opened, but perhaps a root that is not known. */
  readonly isAuthorized: boolean
}

/** Tells which certificates of people count, by the authorities and revocation lists as they are at the moment. */
export type ClientCertificates = {
  check(presented: PresentedCertificate): CertificateFinding
}
