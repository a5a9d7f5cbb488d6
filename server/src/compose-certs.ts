import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type CertificateFolder, openCertificateFolder } from './adapters/tls/certificate-folder.ts'

export type CertsOrder = {
  readonly out?: string | undefined
  readonly host?: readonly string[] | undefined
  readonly user?: string | undefined
  readonly email?: string | undefined
  readonly days?: string | undefined
  readonly revoke?: string | undefined
}

/** A mistake in what was asked for, with what to write instead. */
class OrderError extends Error {}

const daysOf = (given: string | undefined): number => {
  const days = Number(given ?? 365)
  if (!Number.isInteger(days) || days < 1 || days > 3650)
    throw new OrderError('--days is a whole number from 1 to 3650.')
  return days
}

const hostsOf = (given: readonly string[]): readonly string[] => {
  const hosts = given.map((host) => host.trim())
  for (const host of hosts)
    if (!/^[A-Za-z0-9.:*-]{1,253}$/.test(host))
      throw new OrderError(`--host ${host} is no host name: write for example stillbox.example.org or 192.0.2.7.`)
  return hosts
}

const settingsOf = (folder: CertificateFolder): string => {
  const path = (name: string) => JSON.stringify(join(folder.path, name))
  const people = folder.people().filter(({ revokedAt }) => revokedAt === null)
  return `tls:
  certFile: ${path('server.crt')}
  keyFile: ${path('server.key')}
clientCertificates:
  caFile: ${path('ca.crt')}
  crlFile: ${path('ca.crl')}
  mapping: fingerprint
  accounts:
${people
  .map(
    ({ fingerprint, userName }) =>
      `    - { certificate: '${fingerprint.replaceAll(':', '').toLowerCase()}', userName: ${JSON.stringify(userName)} }`,
  )
  .join('\n')}
`
}

/** `stillbox certs`: makes an authority, a server certificate and one for a browser, or revokes one. Returns what to print. */
export const runCerts = ({ out, host, user, email, days, revoke }: CertsOrder): string => {
  if (out === undefined) throw new OrderError('Say where the certificates go: --out <folder>.')
  const path = resolve(out)
  if (revoke !== undefined) {
    if (!existsSync(join(path, 'ca.key'))) throw new OrderError(`There is no authority in ${path}.`)
    const { userName, serial } = openCertificateFolder(path).revoke(revoke)
    return `revoked: the certificate of ${userName} with the serial number ${serial}\nThe list is ${join(path, 'ca.crl')}; a running service reads it within seconds.\n`
  }
  if (!host?.length && user === undefined)
    throw new OrderError('Say for what: --host <name> for the service, --user <userName> for a browser, or both.')
  if (user !== undefined && (user.trim() === '' || user.length > 320))
    throw new OrderError('--user has 1 to 320 characters.')
  if (email !== undefined && !/^[!-~]+@[!-~]+$/.test(email)) throw new OrderError('--email is not an address in ASCII.')
  const [validDays, hosts] = [daysOf(days), hostsOf(host ?? [])]

  const folder = openCertificateFolder(path)
  const lines = [folder.isNew ? `made an authority: ${join(path, 'ca.crt')} (keep ca.key to yourself)` : '']
  if (hosts.length > 0) {
    folder.issueServer(hosts, validDays)
    lines.push(`made the service’s certificate for ${hosts.join(', ')}: ${join(path, 'server.crt')}`)
  }
  if (user !== undefined) {
    const issued = folder.issuePerson({ userName: user.trim(), email, days: validDays })
    lines.push(
      `made a certificate for ${issued.userName}, valid until ${issued.validTo.slice(0, 10)}:`,
      `  file         ${issued.file}   (import it into the browser)`,
      `  passphrase   ${issued.passphrase}   (shown this once)`,
      `  serial       ${issued.serial}   (to revoke it)`,
    )
  }
  if (!folder.hasServer()) lines.push('The service has no certificate yet: call again with --host <name>.')
  return `${lines.filter((line) => line !== '').join('\n')}

Browsers trust the service once ${join(path, 'ca.crt')} is among their authorities.
In the configuration file (stillbox.config.yaml):

${settingsOf(folder)}`
}
