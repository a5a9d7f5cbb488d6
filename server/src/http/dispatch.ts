import type { MethodDefinition } from '@stillbox/shared/contract/define-method.ts'
import { isMethodName, methods } from '@stillbox/shared/contract/registry.ts'
import { StatusToken } from '@stillbox/shared/contract/status.ts'
import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { authorizeMethod, type Caller } from '../domain/access/authorize.ts'
import type { CallAudit, CallEnd } from '../domain/audit/audit-calls.ts'
import type { Handlers } from './handlers.ts'
import { faultOf, invalidParams } from './invalid-params.ts'
import { shown } from './shown.ts'

/** One call of one method, whichever protocol brought it. */
export type Call = {
  readonly method: string
  readonly caller: Caller | null
  /** Gives the parameters as plain values; asked only once the method is known and allowed. */
  readonly readParams: (schema: z.ZodObject) => unknown
  /** Where the protocol reads a status: `/JSON/Status/` or `/XML/Status/`. */
  readonly statusPath: string
  readonly requestId: string
  /** Where it came from. */
  readonly address: string
}

/**
 * Find the method, check the right, read the parameters, carry it out, check the answer: the same for every protocol.
 * @throws AppError; anything else is a mistake in the program
 */
export type Dispatch = (call: Call) => Promise<unknown>

type AnyHandler = (params: unknown, caller: Caller) => Promise<unknown>

const nobody: Caller = { userName: '', role: 'auditor', organizations: [] }

const checkedParams = (method: string, schema: z.ZodObject, values: unknown): unknown => {
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    throw new AppError('invalid_params', { details: { reason: 'Give the parameters by name.' } })
  const known = Object.keys(schema.shape)
  const unknown = Object.keys(values).filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    const takes = known.length === 0 ? 'takes no parameters' : `takes ${known.join(', ')}`
    const named = unknown.slice(0, 5).map(shown).join(', ')
    throw new AppError('invalid_params', { details: { reason: `There is no parameter ${named}: ${method} ${takes}.` } })
  }
  const parsed = schema.safeParse(values, { error: faultOf })
  if (!parsed.success) throw invalidParams(parsed.error)
  return parsed.data
}

/** The answer as the contract has it, without anything that is not in it. Only paths are told: values may be somebody's data. */
const checkedAnswer = (method: string, schema: z.ZodType, answer: unknown): unknown => {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')} (${issue.code})`).join(', ')
  throw new Error(`the answer of ${method} does not follow its contract: ${faults}`)
}

/** For a call that was not let through: what it was about is worth knowing, if it can be read. */
const readIfPossible = ({ readParams }: Call, definition: MethodDefinition): unknown => {
  try {
    return readParams(definition.params)
  } catch {
    return null
  }
}

export const createDispatch = (handlers: Handlers, logger: Logger, audit: Pick<CallAudit, 'ended'>): Dispatch => {
  const carryOut = async (call: Call, hasParams: (params: unknown) => void): Promise<unknown> => {
    const { method, caller } = call
    if (!isMethodName(method)) throw new AppError('method_unknown', { details: { method: shown(method) } })
    const definition: MethodDefinition = methods[method]
    authorizeMethod(caller, definition)
    const params = checkedParams(method, definition.params, call.readParams(definition.params))
    hasParams(params)
    authorizeMethod(caller, definition, params)
    const answer = await (handlers[method] as AnyHandler)(params, caller ?? nobody)
    if (definition.kind === 'sync') return checkedAnswer(method, definition.result, answer)
    const { statusToken: token, ...accepted } = answer as { readonly statusToken: unknown }
    const statusToken = checkedAnswer(method, StatusToken, token) as StatusToken
    const rest = definition.accepted ? checkedAnswer(method, definition.accepted, accepted) : {}
    return { statusToken, statusUrl: `${call.statusPath}${statusToken}`, ...(rest as object) }
  }

  /** Nothing is answered before it is in the audit log: what cannot be noted must not look as if it had succeeded. */
  const carryOutNoted = async (call: Call): Promise<unknown> => {
    const { method, caller, requestId, address } = call
    let params: unknown
    const end: CallEnd = await carryOut(call, (checked) => {
      params = checked
    }).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    )
    if (caller !== null && isMethodName(method)) {
      const isReadable = params !== undefined
      const read = isReadable ? params : readIfPossible(call, methods[method])
      await audit.ended({ method, caller, params: read, isReadable }, end, { address, requestId })
    }
    if ('error' in end) throw end.error
    return end.answer
  }

  return async (call) => {
    const startedAt = performance.now()
    const log = (status: string) =>
      logger.info(
        {
          requestId: call.requestId,
          method: isMethodName(call.method) ? call.method : null,
          caller: call.caller?.userName ?? null,
          status,
          ms: Math.round(performance.now() - startedAt),
        },
        'call',
      )
    try {
      const answer = await carryOutNoted(call)
      log('ok')
      return answer
    } catch (error) {
      log(isAppError(error) ? error.code : 'internal')
      throw error
    }
  }
}
