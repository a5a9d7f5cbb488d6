import { statSync } from 'node:fs'
import type { ClientCertificatesConfig, TlsConfig } from '../../config/tls-schema.ts'
import type { CertificateFinding, ClientCertificates } from '../../ports/client-certificates.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ServerTls, TlsMaterial } from '../../ports/server-tls.ts'
import { checkCertificate } from './check-certificate.ts'
import { type Authority, loadAuthority } from './load-authority.ts'
import { loadServerMaterial } from './load-server-material.ts'

export type TlsFiles = {
  readonly tls: TlsConfig
  readonly clientCertificates: ClientCertificatesConfig | null
}
export type TlsNeeds = {
  readonly clock: Clock
  /** Hears of every time the files were read again, with what is wrong with them; then the ones before stay in use. */
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

type Loaded = { readonly material: TlsMaterial; readonly authority: Authority | null }
type Outcome = { readonly loaded: Loaded | null; readonly problems: readonly string[] }

const load = ({ tls, clientCertificates }: TlsFiles, nowMs: number): Outcome => {
  const problems: string[] = []
  const tell = (problem: string) => void problems.push(problem)
  const material = loadServerMaterial(tls, nowMs, tell)
  const authority = clientCertificates ? loadAuthority(clientCertificates, nowMs, tell) : null
  if (material === null || problems.length > 0) return { loaded: null, problems }
  const clientAuthorities = authority?.issuers.map(({ certificate }) => certificate.toString()) ?? null
  return { loaded: { material: { ...material, clientAuthorities }, authority }, problems }
}

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
  const first = load(files, clock.now().getTime())
  if (!first.loaded) return { problems: first.problems, opened: null }

  let inUse = first.loaded
  const listeners: ((material: TlsMaterial) => void)[] = []
  // The signatures of a certificate's chain are checked once a minute, not with every request.
  let found = new Map<string, { readonly finding: CertificateFinding; readonly minute: number }>()
  const reload = () => {
    state = stateOf(paths)
    const { loaded, problems } = load(files, clock.now().getTime())
    if (loaded) {
      inUse = loaded
      found = new Map()
      for (const listener of listeners) listener(loaded.material)
    }
    onReload(problems)
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
      server: { current: () => inUse.material, onChange: (listener) => void listeners.push(listener) },
      clientCertificates: files.clientCertificates ? { check } : null,
      reload,
      close: () => clearInterval(timer),
    },
  }
}
