import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import { errorCatalog } from '@stillbox/shared/errors/error-catalog.ts'
import { createJSONRPCErrorResponse, type JSONRPCErrorResponse, type JSONRPCID } from 'json-rpc-2.0'
import type { Logger } from 'pino'

/** An error as one protocol puts it on the wire. */
export type ErrorAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
export type ErrorFormName = 'invoke' | 'rest' | 'json' | 'rpc' | 'ox'

/** What the form of an error depends on beside the error itself. */
export type ErrorSetting = {
  /** A browser answers a Basic challenge with a box of its own, which the web interface must not cause. */
  readonly isBrowser: boolean
  /** Joins the answer to the log. */
  readonly requestId: string
}

/**
 * Every error becomes one the catalog knows. Whatever it does not know is logged in full and goes out as `internal` with
 * the id of the request, so that the two can be joined.
 */
export const toAppError = (error: unknown, requestId: string, logger: Logger): AppError => {
  if (isAppError(error) && error.code !== 'internal') {
    if (errorCatalog[error.code].http >= 500) logger.warn({ requestId, code: error.code, err: error }, 'request failed')
    return error
  }
  if (isRefusedByExpress(error))
    return new AppError('invalid_request', { details: { reason: 'its address is malformed.' }, cause: error })
  logger.error({ requestId, err: error }, 'unexpected error')
  return new AppError('internal', { details: { requestId }, cause: error })
}

/** The router refuses an address whose percent-encoding is broken by an error with a status of its own. */
const isRefusedByExpress = (error: unknown): boolean =>
  error instanceof URIError || (error instanceof Error && 'status' in error && error.status === 400)

const headersFor = (error: AppError, { isBrowser }: ErrorSetting): Record<string, string> => {
  const { http } = errorCatalog[error.code]
  return {
    'Cache-Control': 'no-store',
    // RFC 9110 §15.5.2: a 401 carries a challenge. Browsers pass over a scheme they do not know.
    ...(http === 401 ? { 'WWW-Authenticate': isBrowser ? 'Session realm="Stillbox"' : 'Basic realm="Stillbox"' } : {}),
    ...(error.code === 'sign_in_throttled' ? { 'Retry-After': String(error.details.seconds ?? 1) } : {}),
    ...(error.code === 'verb_unknown' ? { Allow: String(error.details.verbs) } : {}),
    ...(error.code === 'too_busy' ? { 'Retry-After': '5' } : {}),
  }
}

const plainText = { 'Content-Type': 'text/plain; charset=utf-8' }
const json = { 'Content-Type': 'application/json; charset=utf-8' }

/** What a client of the invoke protocol tells apart by status; every other failure is a 500. */
const invokeStatuses: ReadonlySet<number> = new Set([401, 403, 429])

const invokeForm = (error: AppError, setting: ErrorSetting): ErrorAnswer => {
  const { http } = errorCatalog[error.code]
  return {
    status: invokeStatuses.has(http) ? http : 500,
    headers: { ...headersFor(error, setting), ...plainText },
    body: error.message,
  }
}

const restForm = (error: AppError, setting: ErrorSetting): ErrorAnswer => ({
  status: errorCatalog[error.code].http,
  headers: { ...headersFor(error, setting), ...plainText },
  body: `${error.message}\n`,
})

const jsonForm = (error: AppError, setting: ErrorSetting): ErrorAnswer => ({
  status: errorCatalog[error.code].http,
  headers: { ...headersFor(error, setting), ...json },
  body: JSON.stringify({ code: error.code, message: error.message, details: error.details }),
})

/** One response of JSON-RPC 2.0 §5.1; `data.code` and the details let a client build the same error again. */
export const rpcErrorResponse = (id: JSONRPCID, error: AppError): JSONRPCErrorResponse =>
  createJSONRPCErrorResponse(id, errorCatalog[error.code].rpc, error.message, { ...error.details, code: error.code })

/** JSON that cannot be read has a code of its own in JSON-RPC 2.0 §5.1. */
export const rpcParseErrorResponse = (): JSONRPCErrorResponse =>
  createJSONRPCErrorResponse(null, -32_700, 'The request is not JSON.', {
    code: 'invalid_request',
    reason: 'it is not JSON.',
  })

/** A request to `/rpc` that failed before any call in it was looked at. */
const rpcForm = (error: AppError, setting: ErrorSetting): ErrorAnswer => ({
  status: errorCatalog[error.code].http,
  headers: { ...headersFor(error, setting), ...json },
  body: JSON.stringify(rpcErrorResponse(null, error)),
})

/** Categories of the middleware's error object, by HTTP status; what stands nowhere is an ERROR. */
const oxCategories: Readonly<Record<number, string>> = {
  400: 'USER_INPUT',
  401: 'PERMISSION_DENIED',
  403: 'PERMISSION_DENIED',
  404: 'USER_INPUT',
  405: 'USER_INPUT',
  409: 'CONFLICT',
  413: 'USER_INPUT',
  429: 'TRY_AGAIN',
  501: 'CONFIGURATION',
  502: 'CONNECTIVITY',
  503: 'TRY_AGAIN',
  504: 'CONNECTIVITY',
  507: 'CAPACITY',
}

/** The error object of the middleware the snapshot API belongs to; its own is not documented. */
const oxForm = (error: AppError, setting: ErrorSetting): ErrorAnswer => {
  const { http } = errorCatalog[error.code]
  return {
    status: http,
    headers: { ...headersFor(error, setting), ...json },
    body: JSON.stringify({
      error: error.message,
      error_params: Object.values(error.details),
      categories: oxCategories[http] ?? 'ERROR',
      code: error.code,
      error_id: setting.requestId,
    }),
  }
}

export const errorForms: Readonly<Record<ErrorFormName, (error: AppError, setting: ErrorSetting) => ErrorAnswer>> = {
  invoke: invokeForm,
  rest: restForm,
  json: jsonForm,
  rpc: rpcForm,
  ox: oxForm,
}
