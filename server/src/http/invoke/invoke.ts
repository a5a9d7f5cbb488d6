import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request, Response } from 'express'
import { addressOf } from '../auth/authenticate.ts'
import type { Call, Dispatch } from '../dispatch.ts'
import { type Body, isJson, parseJson, readBody } from '../read-body.ts'
import { contextOf } from '../request-context.ts'
import type { AnswerFormat } from './answer-format.ts'
import { readFormParams } from './form-params.ts'

const paramsReader = ({ mediaType, text }: Body) => {
  if (isJson(mediaType)) {
    const values = text.trim() === '' ? {} : parseJson(text)
    return () => values
  }
  if (mediaType === '' || mediaType === 'application/x-www-form-urlencoded' || text === '')
    return (schema: Parameters<typeof readFormParams>[0]) => readFormParams(schema, text)
  throw new AppError('invalid_request', {
    details: { reason: 'send the parameters as application/x-www-form-urlencoded or as application/json.' },
  })
}

const inTheAddress = () =>
  new AppError('invalid_request', { details: { reason: 'send the parameters in the body, not in the address.' } })

/** `POST /JSON/Invoke/<Method>` and `POST /XML/Invoke/<Method>`: the bare answer in the format of the address. */
export const createInvoke =
  (dispatch: Dispatch, format: AnswerFormat) =>
  async (request: Request, response: Response): Promise<void> => {
    const { caller, requestId } = contextOf(request)
    const readBodyParams = paramsReader(await readBody(request))
    // Passed over without a word, they would turn a call about one archive into one about all. Told to those who may call.
    const readParams: Call['readParams'] = (schema) => {
      if (/\?./.test(request.originalUrl)) throw inTheAddress()
      return readBodyParams(schema)
    }
    const answer = await dispatch({
      method: String(request.params.method),
      caller,
      readParams,
      statusPath: format.statusPath,
      requestId,
      address: addressOf(request),
    })
    response.setHeader('Content-Type', format.contentType)
    response.end(format.write(answer))
  }
