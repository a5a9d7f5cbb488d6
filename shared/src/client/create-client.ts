import { type Answer, type MethodName, methodNames, type ParamsInput } from '../contract/registry.ts'
import { AppError, fromErrorForm } from '../errors/app-error.ts'
import { isErrorCode } from '../errors/error-catalog.ts'

export type CallOptions = { readonly signal?: AbortSignal }
export type Client = {
  readonly [N in MethodName]: (params: ParamsInput<N>, options?: CallOptions) => Promise<Answer<N>>
}
export type ClientNeeds = { readonly url: string; readonly fetch?: typeof globalThis.fetch }

type RpcAnswer = {
  readonly result?: unknown
  readonly error?: {
    readonly code: number
    readonly message: string
    readonly data?: { code?: string } & Record<string, string | number | boolean | null>
  }
}

/**
 * A typed caller of every method over JSON-RPC 2.0.
 * @throws AppError with the server’s code; `source_unreachable` when there was no answer at all.
 */
export const createClient = ({ url, fetch = globalThis.fetch }: ClientNeeds): Client => {
  let lastId = 0
  const call = async (method: MethodName, params: unknown, { signal }: CallOptions = {}): Promise<unknown> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      credentials: 'same-origin',
      body: JSON.stringify({ jsonrpc: '2.0', id: ++lastId, method, params }),
      ...(signal ? { signal } : {}),
    }).catch((cause: unknown) => {
      if (signal?.aborted) throw cause
      throw new AppError('source_unreachable', { details: { host: 'Stillbox', reason: 'no connection' }, cause })
    })
    const answer = (await response.json().catch(() => null)) as RpcAnswer | null
    if (answer?.error) {
      const { code, ...details } = answer.error.data ?? {}
      if (code && isErrorCode(code)) throw fromErrorForm({ code, details })
      throw new AppError('internal', { details: { requestId: String(details.requestId ?? 'unknown') } })
    }
    if (!response.ok || answer === null)
      throw new AppError('source_unreachable', { details: { host: 'Stillbox', reason: `HTTP ${response.status}` } })
    return answer.result
  }
  const callers = methodNames.map((name) => [
    name,
    (params: unknown, options?: CallOptions) => call(name, params, options),
  ])
  return Object.fromEntries(callers) as Client
}
