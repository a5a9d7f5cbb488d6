import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request } from 'express'

const limit = { bytes: 1_000_000, text: '1 MB' }
/** How long the rest of a body that is too large is thrown away, so that its sender gets to read the answer. */
const lingerMs = 2_000

const invalid = (reason: string, cause?: unknown) => new AppError('invalid_request', { details: { reason }, cause })

const collect = (request: Request): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let sizeBytes = 0
    const take = (chunk: Buffer) => {
      sizeBytes += chunk.length
      if (sizeBytes <= limit.bytes) return void chunks.push(chunk)
      request.off('data', take).resume()
      const cutOff = setTimeout(() => request.destroy(), lingerMs)
      request.once('close', () => clearTimeout(cutOff))
      reject(new AppError('too_large', { details: { limit: limit.text } }))
    }
    if (request.destroyed) return reject(invalid('it was cut off.'))
    request.on('data', take)
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('error', (cause) => reject(invalid('it was cut off.', cause)))
    request.once('close', () => reject(invalid('it was cut off.')))
  })

export type Body = {
  /** Lower case, without parameters; '' when the request names none. */
  readonly mediaType: string
  readonly text: string
}

/** The whole body as text, at most 1 MB of UTF-8. @throws AppError `too_large`, `invalid_request` */
export const readBody = async (request: Request): Promise<Body> => {
  // A compressed body could be many times its size.
  if (!/^(identity)?$/i.test(request.headers['content-encoding'] ?? '')) throw invalid('send it uncompressed.')
  const [mediaType = '', ...parameters] = (request.headers['content-type'] ?? '').split(';').map((part) => part.trim())
  const charset = parameters.find((part) => /^charset=/i.test(part))?.replace(/^charset="?|"$/gi, '')
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) throw invalid('write it in UTF-8.')
  const bytes = await collect(request)
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
