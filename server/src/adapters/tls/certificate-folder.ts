import { randomBytes, X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readCertificate } from '../../formats/x509/read-certificate.ts'
import { createAuthority, type IssuedCertificate, issueCertificate, toPkcs12 } from './issue-certificate.ts'
import { readCertificates } from './read-pem.ts'
import { writeRevocationList } from './write-crl.ts'

/** What was issued for one person. */
const Person = z.object({
  userName: z.string(),
  serial: z.string(),
  fingerprint: z.string(),
  validTo: z.string(),
  revokedAt: z.string().nullable(),
})
const Register = z.object({ lists: z.int(), people: z.array(Person) })
type Register = z.infer<typeof Register>
export type CertifiedPerson = z.infer<typeof Person>

export type IssuedPerson = CertifiedPerson & { readonly file: string; readonly passphrase: string }

export type CertificateFolder = {
  readonly path: string
  /** Whether the authority was made just now. */
  readonly isNew: boolean
  issueServer(hosts: readonly string[], days: number): void
  hasServer(): boolean
  issuePerson(order: {
    readonly userName: string
    readonly email?: string | undefined
    readonly days: number
  }): IssuedPerson
  /** By serial number, or by a file with the certificate in PEM. @throws Error when it is not of this authority */
  revoke(serialOrFile: string): CertifiedPerson
  people(): readonly CertifiedPerson[]
}

const dayMs = 86_400_000
const authorityDays = 3650
/** Clocks of other computers may be a little behind. */
const skewMs = 3_600_000

/** Without letters and digits that are taken for one another; 100 bits. */
const newPassphrase = (): string => {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  const letters = [...randomBytes(20)].map((byte) => alphabet[byte % alphabet.length])
  return [0, 5, 10, 15].map((start) => letters.slice(start, start + 5).join('')).join('-')
}

const fileNameOf = (userName: string): string => userName.replace(/[^A-Za-z0-9@_-]+/g, '_').slice(0, 64)

/** Written beside and moved over: a half-written list would lock everybody out, a half-written key would be lost. */
const write = (path: string, content: string | Buffer, isSecret = false) => {
  const part = `${path}.part`
  writeFileSync(part, content, { mode: isSecret ? 0o600 : 0o644 })
  chmodSync(part, isSecret ? 0o600 : 0o644)
  renameSync(part, path)
}

/**
 * A folder with an authority of one's own, kept for the next call: `ca.crt`, `ca.key`, `ca.crl`, `server.crt`, `server.key`, one
 * `.p12` and `.crt` for each person, and `issued.json`, which remembers them.
 */
export const openCertificateFolder = (path: string, now: () => Date = () => new Date()): CertificateFolder => {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const at = (name: string) => join(path, name)
  const isNew = !existsSync(at('ca.key'))
  const validity = (days: number) => {
    const nowMs = now().getTime()
    return { fromMs: nowMs - skewMs, toMs: nowMs + days * dayMs }
  }
  const authority: IssuedCertificate = isNew
    ? createAuthority(`Stillbox certificates ${now().toISOString().slice(0, 10)}`, validity(authorityDays))
    : { cert: readFileSync(at('ca.crt'), 'utf8'), key: readFileSync(at('ca.key'), 'utf8') }
  const authorityEndsMs = new X509Certificate(authority.cert).validToDate.getTime()
  const within = (days: number) => {
    const { fromMs, toMs } = validity(days)
    // A certificate cannot outlive its authority.
    return { fromMs, toMs: Math.min(toMs, authorityEndsMs) }
  }
  let register: Register = existsSync(at('issued.json'))
    ? Register.parse(JSON.parse(readFileSync(at('issued.json'), 'utf8')))
    : { lists: 0, people: [] }
  const keep = (people: readonly CertifiedPerson[]) => {
    register = { lists: register.lists, people: [...people] }
    write(at('issued.json'), `${JSON.stringify(register, null, 2)}\n`)
  }
  const writeList = () => {
    register = { ...register, lists: register.lists + 1 }
    const revoked = register.people.flatMap(({ serial, revokedAt }) =>
      revokedAt === null ? [] : [{ serial, revokedAtMs: Date.parse(revokedAt) }],
    )
    const issuedAtMs = now().getTime()
    // A list is written by hand here, so it is good until the next one, and not for a week.
    const order = { revoked, issuedAtMs, nextUpdateMs: authorityEndsMs, number: register.lists }
    // Remembered first: a list that is lost is written again, a revocation that is lost is forgotten.
    keep(register.people)
    write(at('ca.crl'), writeRevocationList(authority, order))
  }
  if (isNew) {
    write(at('ca.key'), authority.key, true)
    write(at('ca.crt'), authority.cert)
    writeList()
  }

  const serialOf = (serialOrFile: string): string => {
    if (!existsSync(serialOrFile))
      return serialOrFile
        .replace(/[:\s]/g, '')
        .replace(/^0+(?=.)/, '')
        .toUpperCase()
    const [certificate] = readCertificates(readFileSync(serialOrFile, 'latin1'))
    if (!certificate)
      throw new Error(`${serialOrFile} holds no certificate in PEM. Give the .crt file or the serial number.`)
    if (!certificate.checkIssued(new X509Certificate(authority.cert)))
      throw new Error(`${serialOrFile} was issued by another authority.`)
    return readCertificate(certificate.raw).serial
  }

  return {
    path,
    isNew,
    hasServer: () => existsSync(at('server.crt')),
    issueServer: (hosts, days) => {
      const order = { commonName: hosts[0]!.slice(0, 64), use: 'server' as const, hosts, ...within(days) }
      const { cert, key } = issueCertificate(authority, order)
      write(at('server.key'), key, true)
      write(at('server.crt'), cert)
    },
    issuePerson: ({ userName, email, days }) => {
      const order = { commonName: userName.slice(0, 64), use: 'client' as const, email, ...within(days) }
      const issued = issueCertificate(authority, order)
      const certificate = new X509Certificate(issued.cert)
      const { serial } = readCertificate(certificate.raw)
      const passphrase = newPassphrase()
      const file = at(`${fileNameOf(userName)}-${serial.slice(0, 8).toLowerCase()}.p12`)
      write(file, toPkcs12(issued, authority.cert, { passphrase, label: 'Stillbox' }), true)
      write(file.replace(/\.p12$/, '.crt'), issued.cert)
      const validTo = certificate.validToDate.toISOString()
      const person = { userName, serial, fingerprint: certificate.fingerprint256, validTo, revokedAt: null }
      keep([...register.people, person])
      return { ...person, file, passphrase }
    },
    revoke: (serialOrFile) => {
      const serial = serialOf(serialOrFile)
      const known = register.people.find((person) => person.serial === serial)
      if (!known) throw new Error(`No certificate with the serial number ${serial} was issued in ${path}.`)
      const revoked = { ...known, revokedAt: known.revokedAt ?? now().toISOString() }
      register = { ...register, people: register.people.map((person) => (person === known ? revoked : person)) }
      writeList()
      return revoked
    },
    people: () => register.people,
  }
}
