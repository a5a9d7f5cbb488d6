import { X509Certificate } from 'node:crypto'
import { type CertificateFields, readCertificate } from '../../formats/x509/read-certificate.ts'
import type {
  CertificateFault,
  CertificateFinding,
  ClientCertificate,
  PresentedCertificate,
} from '../../ports/client-certificates.ts'
import type { Authority, Issuer } from './load-authority.ts'
import { subjectOf } from './read-pem.ts'

/** A chain is as long as authorities are deep; more is a circle. */
const deepest = 8

const issuerOf = (certificate: X509Certificate, { issuers }: Authority): Issuer | null =>
  issuers.find(
    (issuer) => certificate.checkIssued(issuer.certificate) && certificate.verify(issuer.certificate.publicKey),
  ) ?? null

const clientAuthentication = '1.3.6.1.5.5.7.3.2'

/** RFC 5280 §4.2.1.12: a certificate that names purposes is good for those alone. Node calls the extended usage keyUsage. */
const mayBeShownByPeople = ({ keyUsage }: X509Certificate): boolean =>
  // Without the extension node gives undefined, whatever its typings say.
  ((keyUsage as string[] | undefined) ?? [clientAuthentication]).includes(clientAuthentication)

const timeFault = (certificate: X509Certificate, nowMs: number): CertificateFault | null => {
  if (certificate.validFromDate.getTime() > nowMs) return 'not_yet_valid'
  return certificate.validToDate.getTime() <= nowMs ? 'expired' : null
}

const listFault = (serial: string, { list }: Issuer, isListNeeded: boolean, nowMs: number): CertificateFault | null => {
  if (list?.revoked.has(serial)) return 'revoked'
  if (list === null) return isListNeeded ? 'list_outdated' : null
  return list.nextUpdateMs !== null && list.nextUpdateMs <= nowMs ? 'list_outdated' : null
}

/** Walks from the certificate to the root, as far as the authorities are known. */
const chainFault = (
  leaf: X509Certificate,
  { serial }: CertificateFields,
  authority: Authority,
  nowMs: number,
): CertificateFault | null => {
  let below: { readonly certificate: X509Certificate; readonly serial: string } = { certificate: leaf, serial }
  for (let depth = 0; depth < deepest; depth += 1) {
    const issuer = issuerOf(below.certificate, authority)
    // The lowest must be known; a chain may end below its root, where only an authority in between is trusted.
    if (!issuer) return depth === 0 ? 'untrusted' : null
    const isRoot = below.certificate.fingerprint256 === issuer.certificate.fingerprint256
    if (isRoot) return null
    const fault =
      listFault(below.serial, issuer, depth === 0 && authority.needsLists, nowMs) ??
      (timeFault(issuer.certificate, nowMs) ? 'untrusted' : null)
    if (fault) return fault
    below = issuer
  }
  return 'untrusted'
}

/**
 * What a certificate is worth by an authority at this moment. The TLS library has checked chain and purpose when the
 * connection was opened; all is looked at again here, because connections live on and are resumed.
 */
export const checkCertificate = (
  { der, isAuthorized }: PresentedCertificate,
  authority: Authority,
  nowMs: number,
): CertificateFinding => {
  if (der === null) return { fault: 'missing', certificate: null }
  let certificate: X509Certificate
  let fields: CertificateFields
  try {
    certificate = new X509Certificate(der)
    fields = readCertificate(der)
  } catch {
    return { fault: 'untrusted', certificate: null }
  }
  const shown: ClientCertificate = {
    subject: subjectOf(certificate),
    fingerprint: certificate.fingerprint256,
    emailAddresses: fields.emailAddresses,
    validToMs: certificate.validToDate.getTime(),
  }
  const isOwn = issuerOf(certificate, authority) !== null
  // Of a stranger's certificate it does not matter that it has expired, too.
  const fault = isOwn
    ? (timeFault(certificate, nowMs) ??
      chainFault(certificate, fields, authority, nowMs) ??
      (isAuthorized && mayBeShownByPeople(certificate) ? null : 'untrusted'))
    : 'untrusted'
  return { fault, certificate: shown }
}
