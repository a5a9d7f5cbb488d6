import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express'
import type { Logger } from 'pino'
import { authorize, type CallerOf } from '../domain/access/authorize.ts'
import type { FindToken } from '../domain/account/access-tokens.ts'
import type { NoteSignIn } from '../domain/account/note-sign-in.ts'
import { createSessions } from '../domain/account/sessions.ts'
import type { SignIn } from '../domain/account/sign-in.ts'
import type { ExportAuditLog } from '../domain/audit/audit-export.ts'
import type { HttpAudit } from '../domain/audit/http-audit.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { ArchiveStore } from '../ports/archive-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { ExportFiles } from '../ports/export-files.ts'
import type { ExportRecords } from '../ports/export-records.ts'
import type { SnapshotStore } from '../ports/snapshot-store.ts'
import { createAuditExport } from './audit/audit-export.ts'
import { createAuthenticate, originOf } from './auth/authenticate.ts'
import { withCertificate } from './auth/by-certificate.ts'
import { type CertificateAccess, createCertificateGate } from './auth/certificate-gate.ts'
import { createCertificateHelp } from './auth/certificate-help.ts'
import { createSameSiteCheck, refuseEmbedding } from './auth/same-site.ts'
import { createDescribeRoutes } from './describe/describe-routes.ts'
import { createDispatch } from './dispatch.ts'
import { createDownload } from './download/download-archive.ts'
import { createExportDownload } from './download/download-export.ts'
import { createFileSender } from './download/send-file.ts'
import { errorForms, toAppError } from './error-forms.ts'
import type { Handlers } from './handlers.ts'
import { createHealth } from './health.ts'
import { jsonFormat, xmlFormat } from './invoke/answer-format.ts'
import { createInvoke } from './invoke/invoke.ts'
import { createStatus, type ReadStatus } from './invoke/status.ts'
import { isBrowser } from './is-browser.ts'
import { logAnswers } from './log-answers.ts'
import { atBothAddresses } from './ox/both-addresses.ts'
import { createOxEndpoints, type OxNeeds } from './ox/ox-endpoints.ts'
import { contextOf } from './request-context.ts'
import { errorFormFor, type Route, type RouteName, routes, verbsAt } from './routes.ts'
import { createJsonRpc } from './rpc/json-rpc.ts'
import { securityHeaders } from './security-headers.ts'
import { createSessionRoutes } from './session.ts'
import { shown } from './shown.ts'
import { createServeWeb } from './web/serve-web.ts'

export type AppNeeds = {
  readonly handlers: Handlers
  readonly readStatus: ReadStatus
  readonly accounts: AccountStore
  readonly signIn: SignIn
  readonly findToken: FindToken
  readonly noteSignIn: NoteSignIn
  readonly callerOf: CallerOf
  readonly archives: Pick<ArchiveStore, 'open'>
  readonly snapshots: Pick<SnapshotStore, 'get'>
  readonly exports: Pick<ExportRecords, 'get'>
  readonly exportFiles: Pick<ExportFiles, 'open'>
  /** What the snapshot API tells of the keys that uploads sign in with. */
  readonly publicKeys: OxNeeds['publicKeys']
  /** Where what people and programs do is noted. */
  readonly audit: Omit<HttpAudit, 'flush'> & { readonly exportLog: ExportAuditLog }
  readonly clock: Clock
  readonly logger: Logger
  /** Whether the service can work; asked by `/healthz`. */
  readonly ready: () => boolean
  /** Who gets in by a client certificate; left out: nobody is asked for one. */
  readonly certificates?: CertificateAccess | null
}
export type HttpConfig = {
  /** Whether programs may sign in by Basic and by access tokens. */
  readonly scriptAccess: boolean
  readonly publicUrl: string | null
  /** Addresses, networks or the words loopback, linklocal, uniquelocal; only they may say who the client is. */
  readonly trustedProxies: readonly string[]
  /** Where the built web interface lies. */
  readonly webFolder: string
  /** Whether the service speaks TLS itself. */
  readonly isTls?: boolean
}

/** Nothing was found for the verb, and yet there is something at the address: that is told. */
const refusedVerb = (error: unknown, { path, method }: Request): AppError | null => {
  if (!isAppError(error, 'address_unknown')) return null
  const verbs = verbsAt(path)
  return verbs.length === 0 || verbs.includes(method)
    ? null
    : new AppError('verb_unknown', { details: { verbs: verbs.join(', '), verb: shown(method) } })
}

/** The whole service as one Express application; it listens nowhere yet. */
export const createApp = (needs: AppNeeds, config: HttpConfig): Express => {
  const { handlers, accounts, audit, clock, logger } = needs
  const signInAudit = audit.signIns
  const isPublicHttps = config.publicUrl?.startsWith('https:') ?? false
  const isTls = config.isTls ?? false
  const certificates = needs.certificates ?? null
  const isHttps = (request: Request) => isPublicHttps || request.secure
  const sessions = createSessions({ accounts, clock })
  const authenticate = withCertificate(
    createAuthenticate({ ...needs, signInAudit, sessions, isHttps, scriptAccess: config.scriptAccess }),
    { ...needs, signInAudit },
  )
  const admit =
    ({ access, readsCaller, path, audit: action = 'read' }: Route): RequestHandler =>
    async (request, _response, next) => {
      if (access !== 'public') refuseEmbedding(request)
      if (access !== 'public' || readsCaller) await authenticate(request)
      const { caller } = contextOf(request)
      try {
        if (access !== 'method') authorize(caller, access)
      } catch (error) {
        const target = SnapshotId.safeParse(request.params.snapshotId).data ?? null
        if (caller) await audit.calls.refused({ caller, route: path, action, target }, error, originOf(request))
        throw error
      }
      next()
    }
  const checkSameSite = createSameSiteCheck({
    publicUrl: config.publicUrl,
    isTls,
    hasCertificate: (request) => contextOf(request).byCertificate !== null,
  })
  const dispatch = createDispatch(handlers, logger, audit.calls)
  const session = createSessionRoutes({ ...needs, signInAudit, sessions, isHttps })
  const describe = createDescribeRoutes()
  const sending = { ...needs, audit: audit.downloads, sendFile: createFileSender() }
  const download = createDownload(sending)
  const ox = createOxEndpoints({ publicKeys: needs.publicKeys, handlers, audit: audit.calls, download })

  const endpoints: Readonly<Record<RouteName, RequestHandler>> = {
    jsonInvoke: createInvoke(dispatch, jsonFormat),
    xmlInvoke: createInvoke(dispatch, xmlFormat),
    jsonStatus: createStatus(needs.readStatus, jsonFormat),
    xmlStatus: createStatus(needs.readStatus, xmlFormat),
    rpc: createJsonRpc(dispatch, logger),
    download,
    exportDownload: createExportDownload(sending),
    auditJsonLines: createAuditExport(audit.exportLog, 'jsonl'),
    auditCsv: createAuditExport(audit.exportLog, 'csv'),
    openSession: session.open,
    readSession: session.read,
    closeSession: session.close,
    ...describe,
    ...atBothAddresses<RequestHandler, typeof ox>(ox, (endpoint) => endpoint),
    ...createCertificateHelp(certificates),
    health: createHealth(needs.ready),
    web: createServeWeb(config.webFolder),
  }

  const answerError: ErrorRequestHandler = (error: unknown, request, response, _next) => {
    const { requestId } = contextOf(request)
    const known = toAppError(refusedVerb(error, request) ?? error, requestId, logger)
    if (response.headersSent || response.destroyed) {
      // Half an answer must not look like a whole one.
      response.destroy()
      return
    }
    const answer = errorForms[errorFormFor(request.path)](known, { isBrowser: isBrowser(request), requestId })
    for (const name of ['ETag', 'Last-Modified', 'Content-Disposition', 'Content-Length', 'Accept-Ranges'])
      response.removeHeader(name)
    response.status(answer.status).set(answer.headers).end(answer.body)
  }

  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('case sensitive routing', true)
  app.set('trust proxy', config.publicUrl === null ? false : [...config.trustedProxies])
  app.use((request, response, next) => {
    response.setHeader('X-Request-Id', contextOf(request).requestId)
    // A pipeline into it, the log, the limits and node:http itself each listen to its end: more than ten, and no leak.
    response.setMaxListeners(20)
    response.setHeader('Cache-Control', 'no-store')
    next()
  })
  app.use(logAnswers(logger))
  app.use(securityHeaders(isPublicHttps || isTls))
  if (certificates) app.use(createCertificateGate(certificates, logger, signInAudit))
  app.use((request, _response, next) => {
    checkSameSite(request)
    next()
  })
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][])
    for (const verb of route.verbs) app[verb](route.path, admit(route), endpoints[name])
  app.use(() => {
    throw new AppError('address_unknown')
  })
  app.use(answerError)
  return app
}
