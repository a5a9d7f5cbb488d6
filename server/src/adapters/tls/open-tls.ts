import { statSync } from 'node:fs'
import type { ClientCertificatesConfig, TlsConfig } from '../../config/tls-schema.ts'
import type { CertificateFinding, ClientCertificates } from '../../ports/client-certificates.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ServerTls, TlsMaterial } from '../../ports/server-tls.ts'
import { checkCertificate } from './check-certificate.ts'
import { type Authority, loadAuthority, succeeding } from './load-authority.ts'
import { loadServerMaterial, type ServerMaterial } from './load-server-material.ts'

export type TlsFiles = {
  readonly tls: TlsConfig
  readonly clientCertificates: ClientCertificatesConfig | null
}
export type TlsNeeds = {
  readonly clock: Clock
  /** Hears of every time the files were read again, with what is wrong with them; what cannot be used stays as it was. */
  readonly onReload: (problems: readonly string[]) => void
  readonly pollMs?: number
}
export type OpenTls = {
  readonly server: ServerTls
  readonly clientCertificates: ClientCertificates | null
  /** Reads all files now. */
  reload(): void
  close(): void
}

/** Certificate and authority count by themselves: neither may keep the other, or a revocation, from being used. */
type Loaded = { readonly server: ServerMaterial; readonly authority: Authority | null }
type Outcome = {
  /** Null for what cannot be used. */
  readonly server: ServerMaterial | null
  readonly authority: Authority | null
  readonly problems: readonly string[]
}

const load = ({ tls, clientCertificates }: TlsFiles, nowMs: number): Outcome => {
  const [ofServer, ofAuthority, outdated]: [string[], string[], string[]] = [[], [], []]
  const into = (problems: string[]) => (problem: string) => void problems.push(problem)
  const server = loadServerMaterial(tls, nowMs, into(ofServer))
  const authority = clientCertificates
    ? loadAuthority(clientCertificates, nowMs, { tell: into(ofAuthority), tellOutdated: into(outdated) })
    : null
  return {
    server: ofServer.length > 0 ? null : server,
    authority: ofAuthority.length > 0 ? null : authority,
    problems: [...ofServer, ...ofAuthority, ...outdated],
  }
}

const materialOf = ({ server, authority }: Loaded): TlsMaterial => ({
  ...server,
  clientAuthorities: authority?.issuers.map(({ certificate }) => certificate.toString()) ?? null,
})

/** Changes when one of the files was written or replaced, also through a symbolic link, as renewal tools do. */
const stateOf = (paths: readonly string[]): string =>
  paths
    .map((path) => {
      const found = statSync(path, { throwIfNoEntry: false, bigint: true })
      return found ? `${found.ino}:${found.size}:${found.mtimeNs}` : 'none'
    })
    .join()

const rememberAtMost = 1_000

/**
 * Opens certificate, key, authorities and revocation lists, and reads them again when they change. Stat at an interval
 * rather than a watch: watches do not follow links and do not exist on network file systems.
 */
export const openTls = (
  files: TlsFiles,
  { clock, onReload, pollMs = 5_000 }: TlsNeeds,
): { readonly problems: readonly string[]; readonly opened: OpenTls | null } => {
  const { certFile, keyFile, keyPassphraseFile } = files.tls
  const { caFile, crlFile } = files.clientCertificates ?? {}
  const paths = [certFile, keyFile, keyPassphraseFile, caFile, crlFile].filter((path) => path !== undefined)
  let state = stateOf(paths)
  const { server, authority, problems } = load(files, clock.now().getTime())
  // At the start somebody is there to mend it, so it takes all or nothing.
  if (server === null || problems.length > 0) return { problems, opened: null }

  let inUse: Loaded = { server, authority }
  const listeners: ((material: TlsMaterial) => void)[] = []
  // The signatures of a certificate's chain are checked once a minute, not with every request.
  let found = new Map<string, { readonly finding: CertificateFinding; readonly minute: number }>()
  const reload = () => {
    state = stateOf(paths)
    const nowMs = clock.now().getTime()
    const next = load(files, nowMs)
    const before = inUse
    inUse = {
      server: next.server ?? before.server,
      authority:
        next.authority && before.authority
          ? succeeding(next.authority, before.authority, nowMs)
          : (next.authority ?? before.authority),
    }
    found = new Map()
    for (const listener of listeners) listener(materialOf(inUse))
    onReload(next.problems)
  }
  const timer = setInterval(() => {
    if (stateOf(paths) !== state) reload()
  }, pollMs)
  timer.unref()

  const check: ClientCertificates['check'] = (presented) => {
    const { authority } = inUse
    if (!authority || presented.der === null) return { fault: 'missing', certificate: null }
    const nowMs = clock.now().getTime()
    const key = `${presented.isAuthorized} ${presented.der.toString('latin1')}`
    const minute = Math.floor(nowMs / 60_000)
    const known = found.get(key)
    const isExpired = known?.finding.certificate && known.finding.certificate.validToMs <= nowMs
    if (known && known.minute === minute && !isExpired) return known.finding
    const finding = checkCertificate(presented, authority, nowMs)
    found.delete(key)
    found.set(key, { finding, minute })
    if (found.size > rememberAtMost) found.delete(found.keys().next().value!)
    return finding
  }
  return {
    problems: [],
    opened: {
      server: { current: () => materialOf(inUse), onChange: (listener) => void listeners.push(listener) },
      clientCertificates: files.clientCertificates ? { check } : null,
      reload,
      close: () => clearInterval(timer),
    },
  }
}
