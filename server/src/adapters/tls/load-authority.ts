import type { X509Certificate } from 'node:crypto'
import type { ClientCertificatesConfig } from '../../config/tls-schema.ts'
import { readCertificate } from '../../formats/x509/read-certificate.ts'
import { type RevocationList, readRevocationLists } from '../../formats/x509/read-crl.ts'
import { readOrTell, reasonOf, type Tell } from './load-server-material.ts'
import { dayOf, readCertificates, subjectOf } from './read-pem.ts'

/** One certificate that issues others, and the list of those it has taken back. */
export type Issuer = {
  readonly certificate: X509Certificate
  readonly serial: string
  readonly list: RevocationList | null
}

export type Authority = {
  readonly issuers: readonly Issuer[]
  /** Whether a certificate counts only if its issuer has a list. */
  readonly needsLists: boolean
}

const readIssuers = (
  caFile: string,
  file: Buffer,
  nowMs: number,
  { tell, tellOutdated }: TellAuthority,
): readonly X509Certificate[] => {
  let certificates: readonly X509Certificate[] = []
  try {
    certificates = readCertificates(file.toString('latin1'))
  } catch (error) {
    tell(`clientCertificates.caFile ${caFile} is damaged (${reasonOf(error)}).`)
    return []
  }
  if (certificates.length === 0) tell(`clientCertificates.caFile ${caFile} holds no certificate in PEM.`)
  for (const certificate of certificates) {
    const name = `The certificate “${subjectOf(certificate)}” in clientCertificates.caFile ${caFile}`
    if (!certificate.ca) tell(`${name} is not an authority’s: it may not issue others.`)
    const endsAtMs = certificate.validToDate.getTime()
    if (endsAtMs <= nowMs) tellOutdated(`${name} has expired on ${dayOf(endsAtMs)}.`)
  }
  return certificates
}

const readLists = (crlFile: string, file: Buffer, tell: Tell): readonly RevocationList[] => {
  try {
    return readRevocationLists(file)
  } catch (error) {
    tell(`clientCertificates.crlFile ${crlFile} cannot be used: ${reasonOf(error)}.`)
    return []
  }
}

export type TellAuthority = {
  /** What keeps these files from being used. */
  readonly tell: Tell
  /** What only time has done: certificates are judged by it one by one, and the rest of the files counts. */
  readonly tellOutdated: Tell
}

/** Reads and checks the authorities and their revocation lists; what is wrong is told. */
export const loadAuthority = (
  config: ClientCertificatesConfig,
  nowMs: number,
  { tell, tellOutdated }: TellAuthority,
): Authority => {
  const { caFile, crlFile } = config
  const file = readOrTell('clientCertificates.caFile', caFile, tell)
  const certificates = file === null ? [] : readIssuers(caFile, file, nowMs, { tell, tellOutdated })
  const listFile = crlFile === undefined ? null : readOrTell('clientCertificates.crlFile', crlFile, tell)
  const lists = listFile === null ? [] : readLists(crlFile!, listFile, tell)
  const issuers = certificates.map((certificate): Issuer => {
    const { subject, serial } = readCertificate(certificate.raw)
    const own = lists
      .filter((list) => list.issuer.equals(subject) && list.isSignedBy(certificate.publicKey))
      .toSorted((one, other) => other.issuedAtMs - one.issuedAtMs)
    return { certificate, serial, list: own[0] ?? null }
  })
  if (certificates.length > 0 && lists.length > 0 && issuers.every(({ list }) => list === null))
    tell(`clientCertificates.crlFile ${crlFile} was not signed by an authority of ${caFile}.`)
  for (const { certificate, list } of issuers)
    if (list !== null && isOutdated(list, nowMs))
      tellOutdated(
        `The list of “${subjectOf(certificate)}” in clientCertificates.crlFile ${crlFile} is out of date since ${dayOf(list.nextUpdateMs!)}: get the current one.`,
      )
  return { issuers, needsLists: crlFile !== undefined }
}

const isOutdated = ({ nextUpdateMs }: RevocationList, nowMs: number): boolean =>
  nextUpdateMs !== null && nextUpdateMs <= nowMs

/** The authority as it was read anew; where a list is out of date and the one before was newer, that one stays. */
export const succeeding = (next: Authority, before: Authority, nowMs: number): Authority => ({
  ...next,
  issuers: next.issuers.map((issuer) => {
    const { certificate, list } = issuer
    const known = before.issuers.find((one) => one.certificate.fingerprint256 === certificate.fingerprint256)?.list
    const keepsKnown = known && list !== null && isOutdated(list, nowMs) && known.issuedAtMs >= list.issuedAtMs
    return keepsKnown ? { ...issuer, list: known } : issuer
  }),
})
