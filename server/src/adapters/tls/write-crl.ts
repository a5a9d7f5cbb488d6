import { createPrivateKey, sign, X509Certificate } from 'node:crypto'
import forge from 'node-forge'
import { readCertificate } from '../../formats/x509/read-certificate.ts'
import type { IssuedCertificate } from './issue-certificate.ts'

const { asn1 } = forge
type Asn1 = forge.asn1.Asn1

export type RevocationOrder = {
  readonly revoked: readonly { readonly serial: string; readonly revokedAtMs: number }[]
  readonly issuedAtMs: number
  readonly nextUpdateMs: number
  /** Grows with every list of an authority (RFC 5280 §5.2.3). */
  readonly number: number
}

const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class
const { SEQUENCE, INTEGER, OID, NULL, BITSTRING, OCTETSTRING, UTCTIME, GENERALIZEDTIME } = asn1.Type

const primitive = (type: forge.asn1.Type, bytes: string): Asn1 => asn1.create(UNIVERSAL, type, false, bytes)
const sequence = (...parts: Asn1[]): Asn1 => asn1.create(UNIVERSAL, SEQUENCE, true, parts)
const objectId = (dots: string): Asn1 => primitive(OID, asn1.oidToDer(dots).getBytes())
const integer = (value: number): Asn1 => primitive(INTEGER, asn1.integerToDer(value).getBytes())

// RFC 5280 §5.1.2.4: UTCTime up to 2049, GeneralizedTime from then on.
const time = (ms: number): Asn1 =>
  new Date(ms).getUTCFullYear() < 2050
    ? primitive(UTCTIME, asn1.dateToUtcTime(new Date(ms)))
    : primitive(GENERALIZEDTIME, asn1.dateToGeneralizedTime(new Date(ms)))

const serialNumber = (hex: string): Asn1 => {
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  // A leading one bit would make it negative.
  return primitive(INTEGER, (bytes[0]! & 0x80 ? '\0' : '') + bytes.toString('latin1'))
}

const sha256WithRsa = (): Asn1 => sequence(objectId('1.2.840.113549.1.1.11'), primitive(NULL, ''))

const derOf = (value: Asn1): Buffer => Buffer.from(asn1.toDer(value).getBytes(), 'latin1')

/** A list of revoked certificates, signed by an authority with an RSA key (RFC 5280 §5.1), PEM. */
export const writeRevocationList = (authority: IssuedCertificate, order: RevocationOrder): string => {
  const { revoked, issuedAtMs, nextUpdateMs, number } = order
  const { subject } = readCertificate(new X509Certificate(authority.cert).raw)
  const crlNumber = sequence(objectId('2.5.29.20'), primitive(OCTETSTRING, derOf(integer(number)).toString('latin1')))
  const entries = revoked.map(({ serial, revokedAtMs }) => sequence(serialNumber(serial), time(revokedAtMs)))
  const list = sequence(
    integer(1),
    sha256WithRsa(),
    asn1.fromDer(subject.toString('latin1')),
    time(issuedAtMs),
    time(nextUpdateMs),
    // An empty list has to be left out.
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    asn1.create(CONTEXT_SPECIFIC, 0, true, [sequence(crlNumber)]),
  )
  const signature = sign('sha256', derOf(list), createPrivateKey(authority.key))
  const der = derOf(sequence(list, sha256WithRsa(), primitive(BITSTRING, `\0${signature.toString('latin1')}`)))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`
}
