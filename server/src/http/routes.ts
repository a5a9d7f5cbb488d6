import type { Access } from '@stillbox/shared/vocabulary/access.ts'
import type { AuditAction } from '@stillbox/shared/vocabulary/audit-action.ts'
import type { ErrorFormName } from './error-forms.ts'
import { atBothAddresses } from './ox/both-addresses.ts'

/** One address of the service. `access: 'method'` leaves the check to the method that is called. */
export type Route = {
  readonly verbs: readonly ('get' | 'post' | 'delete')[]
  readonly path: string
  readonly access: Access | 'method'
  /** As of a method: what somebody limited to other organizations gets. */
  readonly limit?: 'filtered' | 'hidden' | 'refused'
  /** Public, and yet of use to know who asks; for other public routes nobody is looked up. */
  readonly readsCaller?: true
  /** What it is in the audit log when somebody is refused here; left out: reading. */
  readonly audit?: AuditAction
  readonly errors: ErrorFormName
}

const oxSnapshot = '/intercept/snapshots/:snapshotId'
const oxRoutes = {
  oxCreate: {
    verbs: ['post'],
    path: '/intercept/snapshots',
    access: 'operate',
    limit: 'hidden',
    audit: 'snapshot.create',
    errors: 'ox',
  },
  oxList: { verbs: ['get'], path: '/intercept/snapshots', access: 'read', limit: 'filtered', errors: 'ox' },
  oxRead: { verbs: ['get'], path: oxSnapshot, access: 'read', limit: 'hidden', errors: 'ox' },
  oxDownload: {
    verbs: ['get'],
    path: `${oxSnapshot}/download`,
    access: 'read',
    limit: 'hidden',
    audit: 'snapshot.download',
    errors: 'ox',
  },
  oxDelete: {
    verbs: ['delete'],
    path: oxSnapshot,
    access: 'operate',
    limit: 'hidden',
    audit: 'snapshot.delete',
    errors: 'ox',
  },
  oxPublicKey: { verbs: ['get'], path: '/intercept/publickey', access: 'read', errors: 'ox' },
} as const satisfies Record<string, Route>

/** Every address there is, in the order they are tried. What is not in this table cannot be mounted. */
export const routes = {
  jsonInvoke: { verbs: ['post'], path: '/JSON/Invoke/:method', access: 'method', errors: 'invoke' },
  xmlInvoke: { verbs: ['post'], path: '/XML/Invoke/:method', access: 'method', errors: 'invoke' },
  jsonStatus: {
    verbs: ['get', 'post'],
    path: '/JSON/Status/:token',
    access: 'read',
    limit: 'hidden',
    errors: 'invoke',
  },
  xmlStatus: { verbs: ['get', 'post'], path: '/XML/Status/:token', access: 'read', limit: 'hidden', errors: 'invoke' },
  rpc: { verbs: ['post'], path: '/rpc', access: 'method', errors: 'rpc' },
  download: {
    verbs: ['get'],
    path: '/download/:snapshotId',
    access: 'read',
    limit: 'hidden',
    audit: 'snapshot.download',
    errors: 'rest',
  },
  exportDownload: {
    verbs: ['get'],
    path: '/exports/:exportId/:file',
    access: 'read',
    limit: 'hidden',
    audit: 'export.download',
    errors: 'rest',
  },
  auditJsonLines: {
    verbs: ['get'],
    path: '/audit-log.jsonl',
    access: 'audit',
    limit: 'filtered',
    audit: 'audit.export',
    errors: 'rest',
  },
  auditCsv: {
    verbs: ['get'],
    path: '/audit-log.csv',
    access: 'audit',
    limit: 'filtered',
    audit: 'audit.export',
    errors: 'rest',
  },
  openSession: { verbs: ['post'], path: '/session', access: 'public', readsCaller: true, errors: 'json' },
  readSession: { verbs: ['get'], path: '/session', access: 'own', errors: 'json' },
  closeSession: { verbs: ['delete'], path: '/session', access: 'public', readsCaller: true, errors: 'json' },
  metadata: { verbs: ['get'], path: '/metadata.json', access: 'public', errors: 'rest' },
  openApi: { verbs: ['get'], path: '/openapi.json', access: 'public', errors: 'rest' },
  methodPage: { verbs: ['get'], path: '/methods', access: 'public', errors: 'rest' },
  methodPageStyle: { verbs: ['get'], path: '/methods.css', access: 'public', errors: 'rest' },
  certificateHelp: { verbs: ['get'], path: '/certificate-help', access: 'public', errors: 'rest' },
  certificateHelpStyle: { verbs: ['get'], path: '/certificate-help.css', access: 'public', errors: 'rest' },
  health: { verbs: ['get'], path: '/healthz', access: 'public', errors: 'rest' },
  ...atBothAddresses<Route, typeof oxRoutes>(oxRoutes, (route) => ({ ...route, path: `/v1${route.path}` })),
  web: { verbs: ['get'], path: '/{*path}', access: 'public', errors: 'rest' },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routes

const isAt = (route: Route, path: string): boolean =>
  new RegExp(`^${route.path.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`).test(path)

/** What an address takes, pages of the web interface left aside; nothing when there is no such address. */
export const verbsAt = (path: string): readonly string[] =>
  (Object.entries(routes) as [RouteName, Route][])
    .filter(([name, route]) => name !== 'web' && isAt(route, path))
    .flatMap(([, { verbs }]) => verbs.flatMap((verb) => (verb === 'get' ? ['GET', 'HEAD'] : [verb.toUpperCase()])))

/** The form of an error for addresses that no route took: that of the protocol whose prefix they carry. */
export const errorFormFor = (path: string): ErrorFormName => {
  if (path.startsWith('/JSON/') || path.startsWith('/XML/')) return 'invoke'
  if (path === '/rpc') return 'rpc'
  if (/^(\/v1)?\/intercept(\/|$)/.test(path)) return 'ox'
  return path === '/session' ? 'json' : 'rest'
}
