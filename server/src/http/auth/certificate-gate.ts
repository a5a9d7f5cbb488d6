import { TLSSocket } from 'node:tls'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request, RequestHandler } from 'express'
import type { Logger } from 'pino'
import type { CertificateAccount } from '../../domain/account/certificate-account.ts'
import type { SignInAudit } from '../../domain/audit/audit-sign-ins.ts'
import type {
  CertificateFault,
  ClientCertificate,
  ClientCertificates,
  PresentedCertificate,
} from '../../ports/client-certificates.ts'
import { contextOf } from '../request-context.ts'
import { routes } from '../routes.ts'
import { originOf } from './authenticate.ts'
import { certificateHelpPage } from './certificate-help.ts'

/** Who gets in by a certificate, and what those are told who do not. */
export type CertificateAccess = {
  readonly certificates: ClientCertificates
  readonly accountOf: CertificateAccount
  /** Whether nobody gets in without. */
  readonly isRequired: boolean
  /** Whom to ask for one; may be empty. */
  readonly contact: string
}

/** Reachable by everybody: load balancers have no certificate, and neither has who wants to know how to get one. */
const openPaths: ReadonlySet<string> = new Set([
  routes.health.path,
  routes.certificateHelp.path,
  routes.certificateHelpStyle.path,
])

const reasons: Readonly<Record<Exclude<CertificateFault, 'missing'>, string>> = {
  untrusted: 'it was not issued by an authority of this service.',
  not_yet_valid: 'it is not valid yet.',
  expired: 'it has expired. Ask for a new one.',
  revoked: 'it has been revoked. Ask for a new one.',
  list_outdated: 'the list of revoked certificates is out of date. The administrator has to renew it.',
}

/**
 * An authority between root and people may be the only one that is trusted, which node:tls cannot be told for a server: it
 * then misses the root. OpenSSL reports the last of its findings, so with this one nothing was wrong with what it checks after
 * the chain: purpose, critical extensions, signatures. That the certificate is of a known authority is checked by ourselves.
 */
const onlyRootIsMissing = (socket: TLSSocket): boolean =>
  String(socket.authorizationError) === 'UNABLE_TO_GET_ISSUER_CERT'

const presentedBy = ({ socket }: Request): PresentedCertificate =>
  socket instanceof TLSSocket
    ? {
        der: socket.getPeerX509Certificate()?.raw ?? null,
        isAuthorized: socket.authorized || onlyRootIsMissing(socket),
      }
    : { der: null, isAuthorized: false }

const errorOf = (cause: CertificateFault | 'unmapped', certificate: ClientCertificate | null): AppError => {
  if (cause === 'missing') return new AppError('certificate_required')
  if (cause !== 'unmapped') return new AppError('certificate_refused', { details: { reason: reasons[cause] } })
  const { fingerprint = '', subject = '' } = certificate ?? {}
  return new AppError('certificate_unmapped', { details: { fingerprint, subject } })
}

const wantsPage = ({ method, headers }: Request): boolean =>
  (method === 'GET' || method === 'HEAD') && /\btext\/html\b/i.test(headers.accept ?? '')

/** Nothing gets past without a certificate that counts and stands for an account; it is looked at with every request. */
export const createCertificateGate = (
  access: CertificateAccess,
  logger: Logger,
  audit: Pick<SignInAudit, 'refused'>,
): RequestHandler => {
  const { certificates, accountOf, isRequired, contact } = access
  return async (request, response, next) => {
    if (openPaths.has(request.path)) return next()
    const context = contextOf(request)
    const { fault, certificate } = certificates.check(presentedBy(request))
    if (fault === 'missing' && !isRequired) return next()
    const account = fault === null ? await accountOf(certificate) : null
    if (fault === null && account) {
      context.byCertificate = { certificate, account }
      return next()
    }
    if (fault === null && !isRequired) return next()

    const cause = fault ?? 'unmapped'
    const fingerprint = certificate?.fingerprint ?? null
    logger.warn({ requestId: context.requestId, cause, fingerprint }, 'client certificate refused')
    const error = errorOf(cause, certificate)
    const tried = { name: certificate?.subject ?? '', client: 'certificate', fingerprint } as const
    await audit.refused(tried, error, originOf(request))
    // Browsers choose a certificate once for a connection: the next attempt must be a new one.
    response.setHeader('Connection', 'close')
    if (wantsPage(request)) {
      const page = certificateHelpPage({ cause, certificate, contact, serviceUrl: '/' })
      return void response.status(403).type('html').send(page)
    }
    throw error
  }
}
