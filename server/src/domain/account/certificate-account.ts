import type { Account, AccountStore } from '../../ports/account-store.ts'
import type { ClientCertificate } from '../../ports/client-certificates.ts'

export type CertificateMapping = {
  /** What of a certificate names the account. */
  readonly mapping: 'fingerprint' | 'subject' | 'email'
  readonly accounts: readonly { readonly certificate: string; readonly userName: string }[]
}

/** Finds the account a certificate that counts stands for; null when it stands for none, or for two. */
export type CertificateAccount = (certificate: ClientCertificate) => Promise<Account | null>

/** Hexadecimal digits alone, so that it does not matter how a tool writes them. */
const fingerprintKey = (fingerprint: string): string => fingerprint.replace(/[^0-9A-Fa-f]/g, '').toUpperCase()

/** The parts of a subject, apart from spaces around them; a comma within a value is escaped. */
const subjectParts = (subject: string): readonly string[] =>
  (subject.match(/(?:\\.|[^\\,])+/g) ?? []).map((part) => part.trim().replace(/\s*=\s*/, '='))

/** As the certificate has it; a configuration may also turn it around, as RFC 4514 writes it. */
const subjectKeys = (subject: string): readonly string[] => {
  const parts = subjectParts(subject)
  return [parts.join(','), parts.toReversed().join(',')]
}

const emailKey = (address: string): string => address.trim().toLowerCase()

export const createCertificateAccount = (
  { accounts: store }: { readonly accounts: Pick<AccountStore, 'find'> },
  { mapping, accounts }: CertificateMapping,
): CertificateAccount => {
  const configured = new Map(
    accounts.flatMap(({ certificate, userName }): (readonly [string, string])[] => {
      if (mapping === 'fingerprint') return [[fingerprintKey(certificate), userName]]
      if (mapping === 'email') return [[emailKey(certificate), userName]]
      return subjectKeys(certificate).map((key) => [key, userName] as const)
    }),
  )

  const namesOf = ({ fingerprint, subject, emailAddresses }: ClientCertificate): readonly (string | undefined)[] => {
    if (mapping === 'fingerprint') return [configured.get(fingerprintKey(fingerprint))]
    if (mapping === 'subject') return [configured.get(subjectKeys(subject)[0]!)]
    // The authority vouches for the address, so an account that is named like it needs no line in the configuration.
    return emailAddresses.map((address) => configured.get(emailKey(address)) ?? address)
  }

  return async (certificate) => {
    const names = namesOf(certificate).filter((name) => name !== undefined)
    const found = await Promise.all([...new Set(names.map(emailKey))].slice(0, 20).map((name) => store.find(name)))
    const known = found.filter((account) => account !== null)
    return known.length === 1 ? known[0]! : null
  }
}
