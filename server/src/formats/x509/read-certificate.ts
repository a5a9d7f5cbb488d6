import { DerError, derObjectId, derParts, derSerial, derTag, expectDer, readDer } from './der.ts'

/** What of a certificate node:crypto does not give, or gives as text that would have to be taken apart again. */
export type CertificateFields = {
  /** Upper-case hexadecimal without leading zeros. */
  readonly serial: string
  /** The names as they are encoded: RFC 5280 compares them for chains and lists. */
  readonly issuer: Buffer
  readonly subject: Buffer
  /** rfc822Name entries of the subject's alternative names (RFC 5280 §4.2.1.6). */
  readonly emailAddresses: readonly string[]
}

const alternativeNames = '2.5.29.17'
const versionTag = 0xa0
const extensionsTag = 0xa3
const rfc822NameTag = 0x81

/** Reads a certificate (RFC 5280 §4.1) whose signature somebody else has checked. @throws DerError */
export const readCertificate = (bytes: Buffer): CertificateFields => {
  const [tbs] = derParts(expectDer(readDer(bytes), derTag.sequence))
  const fields = [...derParts(expectDer(tbs, derTag.sequence))].filter(({ tag }) => tag !== versionTag)
  const [serial, , issuer, , subject] = fields
  if (!issuer || !subject) throw new DerError('it ends too early')
  const wrapped = fields.find(({ tag }) => tag === extensionsTag)
  const [extensions] = wrapped ? derParts(wrapped) : []
  const emailAddresses: string[] = []
  for (const extension of extensions ? derParts(extensions) : []) {
    const parts = [...derParts(extension)]
    if (derObjectId(parts[0]) !== alternativeNames) continue
    const names = readDer(expectDer(parts.at(-1), derTag.octetString).content)
    for (const name of derParts(names))
      if (name.tag === rfc822NameTag) emailAddresses.push(name.content.toString('latin1'))
  }
  return { serial: derSerial(serial), issuer: issuer.raw, subject: subject.raw, emailAddresses }
}
