import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { type Agent, type RequestOptions, request } from 'node:https'
import { join } from 'node:path'
import {
  type CertificateOrder,
  createAuthority,
  type IssuedCertificate,
  issueCertificate,
} from '../../src/adapters/tls/issue-certificate.ts'
import { writeRevocationList } from '../../src/adapters/tls/write-crl.ts'
import { readCertificate } from '../../src/formats/x509/read-certificate.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
const ago = (ms: number) => Date.now() - ms

export const aYear = () => ({ fromMs: ago(hourMs), toMs: Date.now() + 365 * dayMs })

export const makeAuthority = (name: string, validity = aYear()): IssuedCertificate => createAuthority(name, validity)

export const makePerson = (authority: IssuedCertificate, commonName: string, more: Partial<CertificateOrder> = {}) =>
  issueCertificate(authority, { commonName, use: 'client', ...aYear(), ...more })

export const makeServer = (authority: IssuedCertificate, more: Partial<CertificateOrder> = {}) =>
  issueCertificate(authority, {
    commonName: 'localhost',
    use: 'server',
    hosts: ['localhost', '127.0.0.1'],
    ...aYear(),
    ...more,
  })

export const fingerprintOf = ({ cert }: IssuedCertificate): string => new X509Certificate(cert).fingerprint256
export const serialOf = ({ cert }: IssuedCertificate): string => readCertificate(new X509Certificate(cert).raw).serial

export const makeList = (authority: IssuedCertificate, revoked: readonly IssuedCertificate[], nextUpdateMs?: number) =>
  writeRevocationList(authority, {
    revoked: revoked.map((certificate) => ({ serial: serialOf(certificate), revokedAtMs: ago(hourMs) })),
    issuedAtMs: ago(2 * dayMs),
    nextUpdateMs: nextUpdateMs ?? Date.now() + dayMs,
    number: 1,
  })

/** Writes files into a folder and tells where they are. */
export const writeInto = <Name extends string>(folder: string, files: Readonly<Record<Name, string>>) =>
  Object.fromEntries(
    Object.entries<string>(files).map(([name, content]) => {
      const path = join(folder, name)
      writeFileSync(path, content)
      return [name, path]
    }),
  ) as Record<Name, string>

export type TlsAnswer = {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
  /** Whether the connection went on with a TLS session of before. */
  readonly isResumed: boolean
  readonly serverFingerprint: string
}

export type TlsAsk = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly by?: IssuedCertificate
  readonly agent?: Agent
  readonly more?: RequestOptions
}

/** One request over TLS with a connection of its own, unless an agent is given; fetch() has no client certificates. */
export const askTls = (url: string, trusted: IssuedCertificate, ask: TlsAsk = {}): Promise<TlsAnswer> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body, by, agent = false, more } = ask
    const sent = request(
      url,
      { method, headers, agent, ca: trusted.cert, ...(by ? { cert: by.cert, key: by.key } : {}), ...more },
      (response) => {
        const socket = response.socket as import('node:tls').TLSSocket
        const isResumed = socket.isSessionReused()
        const serverFingerprint = isResumed ? '' : (socket.getPeerX509Certificate()?.fingerprint256 ?? '')
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: text,
            isResumed,
            serverFingerprint,
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
