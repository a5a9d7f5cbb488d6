import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import forge from 'node-forge'

const { asn1, pki } = forge

export type IssuedCertificate = {
  /** PEM. */
  readonly cert: string
  /** PKCS #8 in PEM, not encrypted. */
  readonly key: string
}

export type Validity = { readonly fromMs: number; readonly toMs: number }

export type CertificateOrder = Validity & {
  readonly commonName: string
  /** `server` may be shown by a service, `client` by a person. */
  readonly use: 'server' | 'client'
  /** Names and addresses of a server. */
  readonly hosts?: readonly string[]
  readonly email?: string | undefined
}

const newKey = (bits: number): string =>
  generateKeyPairSync('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey

/** Positive and never with a leading zero, so that every tool prints it alike (RFC 5280 §4.1.2.2). */
const newSerial = (): string => {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x3f) | 0x40
  return bytes.toString('hex')
}

// UTF8String (RFC 5280 §4.1.2.4), as names are not ASCII everywhere. The typings know the tag only as an enum.
const nameOf = (commonName: string): forge.pki.CertificateField[] => [
  { name: 'commonName', value: commonName, valueTagClass: asn1.Type.UTF8 as unknown as forge.asn1.Class },
]

const draft = (key: string, commonName: string, { fromMs, toMs }: Validity): forge.pki.Certificate => {
  const certificate = pki.createCertificate()
  const { n, e } = pki.privateKeyFromPem(key)
  certificate.publicKey = pki.setRsaPublicKey(n, e)
  certificate.serialNumber = newSerial()
  certificate.validity.notBefore = new Date(fromMs)
  certificate.validity.notAfter = new Date(toMs)
  certificate.setSubject(nameOf(commonName))
  return certificate
}

const sign = (certificate: forge.pki.Certificate, key: string): string => {
  certificate.sign(pki.privateKeyFromPem(key), forge.md.sha256.create())
  return pki.certificateToPem(certificate)
}

/** An authority of one's own, which signs itself and may issue certificates but no further authorities. */
export const createAuthority = (commonName: string, validity: Validity): IssuedCertificate => {
  const key = newKey(3072)
  const certificate = draft(key, commonName, validity)
  certificate.setIssuer(nameOf(commonName))
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
  ])
  return { cert: sign(certificate, key), key }
}

const alternativeNamesOf = ({ hosts = [], email }: CertificateOrder) => [
  ...hosts.map((host) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host })),
  ...(email === undefined ? [] : [{ type: 1, value: email }]),
]

/** A certificate with a new key of its own. */
export const issueCertificate = (authority: IssuedCertificate, order: CertificateOrder): IssuedCertificate => {
  const { commonName, use } = order
  const issuer = pki.certificateFromPem(authority.cert)
  const key = newKey(2048)
  const certificate = draft(key, commonName, order)
  certificate.setIssuer(issuer.subject.attributes)
  const altNames = alternativeNamesOf(order)
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: use === 'server' },
    { name: 'extKeyUsage', serverAuth: use === 'server', clientAuth: use === 'client' },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
    ...(altNames.length === 0 ? [] : [{ name: 'subjectAltName', altNames }]),
  ])
  return { cert: sign(certificate, authority.key), key }
}

/** Certificate, key and authority in one file with a passphrase, as browsers import it (RFC 7292). */
export const toPkcs12 = (
  { cert, key }: IssuedCertificate,
  authorityCert: string,
  { passphrase, label }: { readonly passphrase: string; readonly label: string },
): Buffer => {
  const chain = [pki.certificateFromPem(cert), pki.certificateFromPem(authorityCert)]
  const file = pki.privateKeyFromPem(key)
  const pfx = forge.pkcs12.toPkcs12Asn1(file, chain, passphrase, {
    algorithm: 'aes256',
    count: 20_000,
    saltSize: 16,
    friendlyName: label,
    generateLocalKeyId: true,
  })
  return Buffer.from(asn1.toDer(pfx).getBytes(), 'latin1')
}
