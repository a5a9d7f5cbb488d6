import type { Service } from './compose.ts'
import type { Config } from './config/read-config.ts'
import { createHelpApp } from './http/create-help-app.ts'
import { type Listening, listen } from './http/listen.ts'

export type Listeners = Listening & {
  /** Where no certificate is asked for; null when that is not wanted. */
  readonly helpUrl: string | null
}

/** Listens with the service and, where the configuration wants it, with the help beside it. @throws Error with a sentence */
export const openListeners = async ({ app, tls }: Service, config: Config): Promise<Listeners> => {
  const { host, port, publicUrl, clientCertificates } = config
  const service = await listen(app, { host, port, ...(tls ? { tls: tls.server } : {}) })
  const { helpPort, helpHost = host, contact = '' } = clientCertificates ?? {}
  if (!tls || helpPort === undefined) return { ...service, helpUrl: null }
  try {
    const helpApp = createHelpApp({ contact, publicUrl, servicePort: Number(new URL(service.url).port) || 443 })
    const help = await listen(helpApp, { host: helpHost, port: helpPort, tls: tls.server, asksForCertificates: false })
    const close = async () => void (await Promise.all([service.close(), help.close()]))
    return { url: service.url, helpUrl: help.url, close }
  } catch (error) {
    await service.close()
    throw error
  }
}
