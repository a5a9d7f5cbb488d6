import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type DavPeer,
  isCut,
  protocolError,
  signInRefused,
  statusError,
  timeoutError,
  toDavError,
} from './dav-errors.ts'
import { asReached } from './hrefs.ts'

export type DavRequest = {
  readonly method: 'GET' | 'PROPFIND' | 'REPORT'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Redirects are handed back instead of followed. */
  readonly keepRedirects?: boolean
  /** Times the request is sent again when the server is busy or cuts the connection; 2 unless told. */
  readonly retries?: number
}

/** An answer whose body has not been read. Either iterate `chunks` to its end or call `discard`. */
export type DavAnswer = {
  readonly status: number
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  /** Rejects with an AppError, and with `signal.reason` once aborted. Nothing is read ahead of the consumer. */
  chunks(): AsyncIterable<Buffer>
  discard(): void
}

export type DavHttp = {
  readonly peer: DavPeer
  readonly base: URL
  /** Answers whatever the status, but throws for what no caller can go on from: not reachable, 401, still busy. */
  send(request: DavRequest, signal: AbortSignal): Promise<DavAnswer>
  close(): void
}

export type Authorization = {
  readonly scheme: 'Basic' | 'Bearer'
  /** Value of the Authorization header. */
  header(signal: AbortSignal): Promise<string>
  /** Forgets what the header was made of; false when a new one would be the same. */
  renew(): boolean
}

const maxRedirects = 5
/** A server that wants more patience than this gets it from the job's own retry. */
const maxRetryAfterMs = 20_000

/** Connections to one server: kept alive, few at a time, bounded in every wait. It sends credentials to no other origin. */
export const createDavHttp = (
  spec: { readonly url: string; readonly ca?: string; readonly timeoutMs: number; readonly maxSockets: number },
  userName: string,
  authorization: Authorization,
): DavHttp => {
  const base = new URL(spec.url)
  const peer: DavPeer = { host: base.host, userName, timeoutMs: spec.timeoutMs }
  const pool = { keepAlive: true, maxSockets: spec.maxSockets, scheduling: 'lifo' as const }
  const httpAgent = new HttpAgent(pool)
  const httpsAgent = new HttpsAgent({ ...pool, ...(spec.ca === undefined ? {} : { ca: spec.ca }) })

  const exchange = async (request: DavRequest, url: URL, signal: AbortSignal): Promise<DavAnswer> => {
    const isTls = url.protocol === 'https:'
    const outgoing = (isTls ? httpsRequest : httpRequest)(url, {
      method: request.method,
      agent: isTls ? httpsAgent : httpAgent,
      headers: {
        // Bytes are kept as they are, so no coding of them is wanted on the way.
        'accept-encoding': 'identity',
        'user-agent': 'Stillbox',
        ...request.headers,
        authorization: await authorization.header(signal),
        ...(request.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(request.body)) }),
      },
    })
    const stop = () => outgoing.destroy(signal.reason instanceof Error ? signal.reason : undefined)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    const settle = () => signal.removeEventListener('abort', stop)
    // The timer runs only while the server has the word, not while our own consumer is slow.
    const awaited = async <T>(promise: Promise<T>): Promise<T> => {
      let hasTimedOut = false
      const timer = setTimeout(() => {
        hasTimedOut = true
        outgoing.destroy(timeoutError(peer))
      }, spec.timeoutMs)
      try {
        return await promise
      } catch (error) {
        settle()
        signal.throwIfAborted()
        // A body that is cut off by us ends in an error that looks as if the server had done it.
        throw hasTimedOut ? timeoutError(peer) : error
      } finally {
        clearTimeout(timer)
      }
    }
    const incoming = await awaited(
      new Promise<IncomingMessage>((resolve, reject) => {
        outgoing.once('response', resolve)
        // Stays: destroying a request that is answered already emits another error, which nobody would catch.
        outgoing.on('error', reject)
        outgoing.end(request.body)
      }),
    )
    const coding = incoming.headers['content-encoding']
    if (coding !== undefined && coding !== 'identity') {
      settle()
      outgoing.destroy()
      throw protocolError('it encodes what was asked for as it is', peer)
    }
    return {
      status: incoming.statusCode ?? 0,
      url,
      headers: incoming.headers,
      discard: () => {
        settle()
        incoming.on('error', () => {})
        // A short rest is read away, so that the connection can be used again.
        if (Number(incoming.headers['content-length'] ?? Number.NaN) <= 65_536) incoming.resume()
        else outgoing.destroy()
      },
      chunks: async function* () {
        const iterator = incoming[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>
        try {
          for (;;) {
            const next = await awaited(iterator.next())
            if (next.done) return
            yield next.value
          }
        } catch (error) {
          signal.throwIfAborted()
          throw toDavError(error, peer)
        } finally {
          settle()
          if (!incoming.complete) outgoing.destroy()
        }
      },
    }
  }

  const follow = async (request: DavRequest, signal: AbortSignal): Promise<DavAnswer> => {
    let url = asReached(request.url, base)
    for (let redirects = 0; ; redirects += 1) {
      const answer = await exchange(request, url, signal)
      const { location } = answer.headers
      const isRedirect = [301, 302, 303, 307, 308].includes(answer.status) && location !== undefined
      if (!isRedirect || request.keepRedirects) return answer
      answer.discard()
      const target = URL.canParse(location, url.href) ? asReached(new URL(location, url), base) : null
      if (!target || !isSameServer(base, target)) throw protocolError('it redirects to another server', peer)
      if (redirects === maxRedirects) throw protocolError('it redirects without end', peer)
      url = target
    }
  }

  const send = async (request: DavRequest, signal: AbortSignal): Promise<DavAnswer> => {
    if (!isSameServer(base, asReached(request.url, base))) throw protocolError('it points to another server', peer)
    const retries = request.retries ?? 2
    let hasRenewed = false
    for (let attempt = 0; ; attempt += 1) {
      signal.throwIfAborted()
      const isLast = attempt >= retries
      let waitMs = 250 * 2 ** attempt
      try {
        const answer = await follow(request, signal)
        if (answer.status === 401 && !hasRenewed && authorization.renew()) {
          hasRenewed = true
          attempt -= 1
          answer.discard()
          continue
        }
        if (answer.status === 401) {
          answer.discard()
          throw signInRefused(answer.headers['www-authenticate'], authorization.scheme, peer)
        }
        if (answer.status !== 429 && answer.status !== 503) return answer
        answer.discard()
        waitMs = Math.max(waitMs, retryAfterMs(answer.headers['retry-after']))
        if (isLast || waitMs > maxRetryAfterMs) throw statusError(answer.status, 'request', peer)
      } catch (error) {
        signal.throwIfAborted()
        if (!isCut(error) || isLast) throw toDavError(error, peer)
      }
      await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }

  return {
    peer,
    base,
    send,
    close: () => {
      httpAgent.destroy()
      httpsAgent.destroy()
    },
  }
}

/** Same origin, or the step up to TLS on the same name. */
const isSameServer = (base: URL, url: URL): boolean =>
  url.origin === base.origin ||
  (base.protocol === 'http:' && url.protocol === 'https:' && url.hostname === base.hostname && url.port === '')

/** RFC 9110 §10.2.3: seconds or a date. */
const retryAfterMs = (header: string | undefined): number => {
  if (header === undefined) return 0
  if (/^\d+$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now())
}
