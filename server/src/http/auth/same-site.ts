import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request } from 'express'

export type SameSiteRule = {
  /** Where people reach the service, if that is not the address it listens on. */
  readonly publicUrl: string | null
  /** The service speaks TLS itself: a browser has then checked that the name it used is ours. */
  readonly isTls?: boolean
  /** Whether the browser may have signed somebody in by itself, as it does with a certificate. */
  readonly hasCertificate?: (request: Request) => boolean
}

/**
 * Refuses what another web site makes a browser load into its own page: an image, a script, a frame. A certificate goes along with it, and
 * reading is not nothing: it spends a status, and is told in the audit log. A link leads here (Fetch Metadata §2).
 * @throws AppError `cross_site`
 */
export const refuseEmbedding = ({ headers }: Request): void => {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return
  if (headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document') return
  throw new AppError('cross_site')
}

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/**
 * Refuses what another web site made a browser send. A request that changes something must say that it comes from our own
 * pages: `Sec-Fetch-Site` where the browser has it, else an `Origin` that is ours. Programs send neither and are let
 * through, unless they carry a cookie: then it may be a browser that tells nothing.
 * @throws AppError `cross_site`, `invalid_request`
 */
export const createSameSiteCheck = ({
  publicUrl,
  isTls = false,
  hasCertificate = () => false,
}: SameSiteRule): ((request: Request) => void) => {
  const publicOrigin = publicUrl === null ? null : new URL(publicUrl).origin

  const isOwnOrigin = (origin: string, request: Request): boolean => {
    if (publicOrigin !== null && origin === publicOrigin) return true
    if (!URL.canParse(origin)) return false
    const { host, protocol } = new URL(origin)
    // Where people come by https, a page of the same host by plain http may be anybody's.
    if (publicOrigin !== null && !loopbackHost.test(host)) return false
    return protocol === `${request.protocol}:` && host === request.headers.host?.toLowerCase()
  }

  return (request) => {
    const refuse = () => {
      throw new AppError('cross_site')
    }
    // RFC 9112 §3.2: a proxy before us may have gone by the other one.
    if ((request.headersDistinct.host?.length ?? 0) > 1)
      throw new AppError('invalid_request', { details: { reason: 'it names more than one host.' } })
    // Another name for this machine (DNS rebinding) makes a foreign page same-origin with us.
    if (publicOrigin === null && !isTls && !loopbackHost.test(request.headers.host ?? '')) refuse()
    if (request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS') return
    const site = request.headers['sec-fetch-site']
    const { origin } = request.headers
    if (site !== undefined) {
      if (site !== 'same-origin' && site !== 'none') refuse()
    } else if (origin !== undefined) {
      if (!isOwnOrigin(origin, request)) refuse()
    } else if (request.headers.cookie !== undefined) refuse()
    // Programs bring certificates, too; but every browser that is worth one tells where a form comes from.
    else if (hasCertificate(request) && /^Mozilla\//.test(request.headers['user-agent'] ?? '')) refuse()
  }
}
