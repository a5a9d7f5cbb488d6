import { methodNames } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request, Response } from 'express'
import { isJSONRPCID, isJSONRPCRequest, type JSONRPCRequest, type JSONRPCResponse, JSONRPCServer } from 'json-rpc-2.0'
import type { Logger } from 'pino'
import { addressOf } from '../auth/authenticate.ts'
import type { Dispatch } from '../dispatch.ts'
import { errorForms, rpcErrorResponse, rpcParseErrorResponse, toAppError } from '../error-forms.ts'
import { isBrowser } from '../is-browser.ts'
import { isJson, readBody } from '../read-body.ts'
import { contextOf, type RequestContext } from '../request-context.ts'

const batchAtMost = 50

type RpcContext = Pick<RequestContext, 'caller' | 'requestId'> & { readonly address: string }

const isRequest = (value: unknown): value is JSONRPCRequest =>
  typeof value === 'object' &&
  value !== null &&
  isJSONRPCRequest(value) &&
  typeof value.method === 'string' &&
  (value.id === undefined || isJSONRPCID(value.id))

const invalid = (reason: string) => new AppError('invalid_request', { details: { reason } })

/** `POST /rpc`: JSON-RPC 2.0 with batches of at most 50 calls and notifications; parameters by name. */
export const createJsonRpc = (dispatch: Dispatch, logger: Logger) => {
  // What a call threw was logged where it was turned into an answer.
  const server = new JSONRPCServer<RpcContext>({ errorListener: () => undefined })
  for (const method of methodNames)
    server.addMethod(method, (params: unknown, context) =>
      dispatch({ ...context, method, readParams: () => params ?? {}, statusPath: '/JSON/Status/' }),
    )
  server.applyMiddleware(async (next, request, context) => {
    try {
      if (server.hasMethod(request.method)) return await next(request, context)
      // Only to be refused and logged like any other call.
      await dispatch({ ...context, method: request.method, readParams: () => ({}), statusPath: '' })
      return null
    } catch (error) {
      const known = toAppError(error, context.requestId, logger)
      return request.id === undefined ? null : rpcErrorResponse(request.id, known)
    }
  })

  const answerOne = async (value: unknown, context: RpcContext): Promise<JSONRPCResponse | null> => {
    if (isRequest(value)) return server.receive(value, context)
    const id = typeof value === 'object' && value !== null && 'id' in value && isJSONRPCID(value.id) ? value.id : null
    return rpcErrorResponse(id, invalid('it is not a JSON-RPC 2.0 request.'))
  }

  /** The library answers a batch of one without its brackets, which JSON-RPC 2.0 §6 does not allow; so batches are put together here. */
  const answerAll = async (
    parsed: unknown,
    context: RpcContext,
  ): Promise<JSONRPCResponse | readonly JSONRPCResponse[] | null> => {
    if (!Array.isArray(parsed)) return answerOne(parsed, context)
    if (parsed.length === 0) return rpcErrorResponse(null, invalid('the batch is empty.'))
    if (parsed.length > batchAtMost) return rpcErrorResponse(null, invalid(`a batch has at most ${batchAtMost} calls.`))
    const answers = await Promise.all(parsed.map((one: unknown) => answerOne(one, context)))
    const spoken = answers.filter((answer) => answer !== null)
    return spoken.length === 0 ? null : spoken
  }

  return async (request: Request, response: Response): Promise<void> => {
    const { caller, requestId } = contextOf(request)
    const { mediaType, text } = await readBody(request)
    // A form of another site can send text/plain without the browser asking first, but not this.
    if (!isJson(mediaType)) throw invalid('send it as application/json.')
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    } catch {
      response.setHeader('Content-Type', 'application/json; charset=utf-8')
      response.end(JSON.stringify(rpcParseErrorResponse()))
      return
    }
    const answer = await answerAll(parsed, { caller, requestId, address: addressOf(request) })
    if (answer === null) {
      response.status(204).end()
      return
    }
    // Clients that send credentials only when asked to wait for this challenge.
    if (caller === null && !('length' in answer) && answer.error?.data?.code === 'not_signed_in') {
      const { status, headers } = errorForms.rpc(new AppError('not_signed_in'), {
        isBrowser: isBrowser(request),
        requestId: contextOf(request).requestId,
      })
      response.status(status).set(headers)
    }
    response.setHeader('Content-Type', 'application/json; charset=utf-8')
    response.end(JSON.stringify(answer))
  }
}
