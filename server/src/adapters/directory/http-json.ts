import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'

export type JsonRequest = {
  readonly url: URL
  readonly basic?: { readonly userName: string; readonly password: string }
  /** PEM of authorities to trust instead of the system's. */
  readonly ca?: string
  /** For the whole exchange, from the connection to the last byte. */
  readonly timeoutMs: number
  readonly limitBytes: number
}

/**
 * GETs a JSON document. Redirects are not followed: credentials go to the configured host alone.
 * @throws Error whose message is fit to be shown (no URL, no body); `signal.reason` when aborted.
 */
export const getJson = async (wanted: JsonRequest, signal: AbortSignal): Promise<unknown> => {
  signal.throwIfAborted()
  const deadline = AbortSignal.timeout(wanted.timeoutMs)
  try {
    return JSON.parse(await getText(wanted, AbortSignal.any([signal, deadline])))
  } catch (cause) {
    signal.throwIfAborted()
    if (deadline.aborted) throw new Error(`no answer within ${wanted.timeoutMs / 1000} seconds`, { cause })
    if (cause instanceof SyntaxError) throw new Error('the answer is not JSON', { cause })
    throw cause
  }
}

const getText = ({ url, basic, ca, limitBytes }: JsonRequest, signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestTls : requestPlain
    const credentials = basic && Buffer.from(`${basic.userName}:${basic.password}`, 'utf8').toString('base64')
    const request = send(url, {
      signal,
      agent: false,
      headers: { accept: 'application/json', ...(credentials ? { authorization: `Basic ${credentials}` } : {}) },
      ...(ca === undefined ? {} : { ca }),
    })
    const fail = (reason: string, cause?: unknown) => {
      request.destroy()
      reject(new Error(reason, { cause }))
    }
    request.once('error', (cause: NodeJS.ErrnoException) => fail(cause.code ?? 'the connection failed', cause))
    request.once('response', (response) => {
      if (response.statusCode !== 200) {
        fail(`HTTP ${response.statusCode}`)
        return
      }
      const chunks: Buffer[] = []
      let total = 0
      response.on('data', (chunk: Buffer) => {
        total += chunk.length
        if (total > limitBytes) fail(`the answer is larger than ${limitBytes} bytes`)
        else chunks.push(chunk)
      })
      response.once('error', (cause: NodeJS.ErrnoException) => fail(cause.code ?? 'the connection failed', cause))
      response.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
      response.once('close', () => {
        if (!response.complete) fail('the connection was cut in the middle of the answer')
      })
    })
    request.end()
  })
