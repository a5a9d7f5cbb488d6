import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer, type ServerOptions as HttpsOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Express } from 'express'
import type { ServerTls, TlsMaterial } from '../ports/server-tls.ts'
import { secureContextOf } from './secure-context.ts'

export type ListenOptions = {
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  /** How long a whole request may take to come in, headers and body. */
  readonly requestTimeoutMs?: number
  /** How long a client may take nothing of its answer; then it is cut off. */
  readonly stalledMs?: number
  /** How long answers under way may go on once `close` was called. */
  readonly graceMs?: number
  /** With it the server speaks https and takes what is renewed without a restart. */
  readonly tls?: ServerTls
  /** Whether clients are asked for the certificates `tls` knows authorities of. */
  readonly asksForCertificates?: boolean
}

export type Listening = {
  readonly url: string
  /** Takes no more requests, lets the running ones finish for a while, then cuts them off. A second call waits for the first. */
  close(): Promise<void>
}

const reasonOf = (error: NodeJS.ErrnoException, host: string, port: number): string => {
  switch (error.code) {
    case 'EADDRINUSE':
      return `another program listens on ${host} port ${port} already. Stop it, or set STILLBOX_PORT to a free port`
    case 'EACCES':
      return `this account may not listen on port ${port}. Set STILLBOX_PORT to a port above 1023`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine. Set STILLBOX_HOST to one that is`
    default:
      return error.message
  }
}

const aheadAtMost = 10

/**
 * Ends a connection that sends many requests ahead of their answers. node:http begins them all, and keeps all answers until the first
 * ones are taken; browsers and proxies send none ahead.
 */
const withFewAhead = (app: RequestListener): RequestListener => {
  const underWay = new WeakMap<Socket, number>()
  return (request, response) => {
    const { socket } = request
    const count = underWay.get(socket) ?? 0
    if (socket.destroyed) return
    if (count >= aheadAtMost) return void socket.destroy()
    underWay.set(socket, count + 1)
    response.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1))
    app(request, response)
  }
}

const createTlsServer = (app: RequestListener, tls: ServerTls, asksForCertificates: boolean, limits: HttpsOptions) => {
  const contextOf = (material: TlsMaterial) => secureContextOf(material, asksForCertificates)
  const first = contextOf(tls.current())
  const server = createHttpsServer(
    {
      ...limits,
      ...first,
      handshakeTimeout: 15_000,
      // Who comes without one, or with one that does not count, is told so by a page and not by a broken connection.
      requestCert: first.ca !== undefined,
      rejectUnauthorized: false,
    },
    app,
  )
  tls.onChange((material) => server.setSecureContext(contextOf(material)))
  return server
}

/** @throws Error with a sentence that says what to change */
export const listen = async (
  app: Express,
  {
    host,
    port,
    requestTimeoutMs = 60_000,
    stalledMs = 120_000,
    graceMs = 10_000,
    tls,
    asksForCertificates = true,
  }: ListenOptions,
): Promise<Listening> => {
  const limits = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(15_000, requestTimeoutMs),
    // Longer than proxies keep an idle connection, so that it is they who close it.
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: Math.max(100, Math.min(5_000, requestTimeoutMs / 4)),
    maxHeaderSize: 16_384,
  }
  const answer = withFewAhead(app)
  const server = tls ? createTlsServer(answer, tls, asksForCertificates, limits) : createHttpServer(limits, answer)
  server.maxConnections = 2_000
  server.setTimeout(stalledMs)
  let closing: Promise<void> | null = null
  server.on('request', (_request, response) =>
    response.once('close', () => {
      // A connection that is kept alive would hold up the end until its client gives it up.
      if (closing) setImmediate(() => server.closeIdleConnections())
    }),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new Error(`Stillbox cannot listen: ${reasonOf(error, host, port)}.`, { cause: error })),
    )
    server.listen(port, host, resolve)
  })

  const address = server.address() as AddressInfo
  return {
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    close: () => {
      closing ??= new Promise<void>((resolve) => {
        const cutOff = setTimeout(() => server.closeAllConnections(), graceMs)
        server.close(() => {
          clearTimeout(cutOff)
          resolve()
        })
        server.closeIdleConnections()
      })
      return closing
    },
  }
}
