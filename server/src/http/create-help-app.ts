import express, { type Express, type Request } from 'express'
import { certificateHelpPage, certificateHelpStyle } from './auth/certificate-help.ts'
import { routes } from './routes.ts'
import { securityHeaders } from './security-headers.ts'

export type HelpAppConfig = {
  readonly contact: string
  readonly publicUrl: string | null
  /** Where the service itself listens. */
  readonly servicePort: number
}

/** The service under the name or address somebody used for the help. */
const serviceUrlFor = (request: Request, { publicUrl, servicePort }: HelpAppConfig): string => {
  if (publicUrl !== null) return publicUrl
  const asked = `https://${request.headers.host ?? ''}`
  if (!URL.canParse(asked)) return routes.certificateHelp.path
  const url = new URL(asked)
  url.port = String(servicePort)
  return url.origin
}

/**
 * How to get a certificate, on a port where browsers are not asked for one: some show an error of their own instead of our
 * page when they have a wrong one. It knows nothing of the service and answers every address alike.
 */
export const createHelpApp = (config: HelpAppConfig): Express => {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(securityHeaders(true))
  app.get(
    routes.certificateHelpStyle.path,
    (_request, response) => void response.type('css').send(certificateHelpStyle),
  )
  app.get('/{*path}', (request, response) => {
    const serviceUrl = serviceUrlFor(request, config)
    const page = certificateHelpPage({ cause: 'asked', certificate: null, contact: config.contact, serviceUrl })
    response.set('Cache-Control', 'no-store').type('html').send(page)
  })
  app.use((_request, response) => void response.status(405).set('Allow', 'GET, HEAD').end())
  return app
}
