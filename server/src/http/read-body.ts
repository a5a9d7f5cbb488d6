import { AppError } from '@stillbox/shared/errors/app-error.ts'
import express, { type Request, type Response } from 'express'

const limit = { bytes: 1_000_000, text: '1 MB' }
const readRaw = express.raw({ type: () => true, limit: limit.bytes })

const isTyped = (error: unknown): error is Error & { readonly type: string } =>
  error instanceof Error && 'type' in error && typeof error.type === 'string'

const toBodyError = (error: unknown): unknown => {
  if (!isTyped(error)) return error
  if (error.type === 'entity.too.large')
    return new AppError('too_large', { details: { limit: limit.text }, cause: error })
  const reason = error.type === 'request.aborted' ? 'it was cut off.' : 'its body is not encoded as its header says.'
  return new AppError('invalid_request', { details: { reason }, cause: error })
}

export type Body = {
  /** Lower case, without parameters; '' when the request names none. */
  readonly mediaType: string
  readonly text: string
}

const invalid = (reason: string, cause?: unknown) => new AppError('invalid_request', { details: { reason }, cause })

/** The whole body as text, at most 1 MB of UTF-8. @throws AppError `too_large`, `invalid_request` */
export const readBody = async (request: Request, response: Response): Promise<Body> => {
  await new Promise<void>((resolve, reject) =>
    readRaw(request, response, (error?: unknown) => (error ? reject(toBodyError(error)) : resolve())),
  )
  const [mediaType = '', ...parameters] = (request.headers['content-type'] ?? '').split(';').map((part) => part.trim())
  const charset = parameters.find((part) => /^charset=/i.test(part))?.replace(/^charset="?|"$/gi, '')
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) throw invalid('write it in UTF-8.')
  const bytes: unknown = request.body
  if (!Buffer.isBuffer(bytes)) return { mediaType: mediaType.toLowerCase(), text: '' }
  try {
    return { mediaType: mediaType.toLowerCase(), text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (cause) {
    throw invalid('its body is not UTF-8.', cause)
  }
}

export const isJson = (mediaType: string): boolean => /^application\/([\w.-]+\+)?json$/.test(mediaType)

/** @throws AppError `invalid_request` */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid('it is not JSON.', cause)
  }
}
