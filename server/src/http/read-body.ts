import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request } from 'express'
import { contextOf } from './request-context.ts'

const limit = { bytes: 1_000_000, text: '1 MB' }
/** Of those who have not signed in: enough for a sign-in, and nothing that thousands of connections could fill the memory with. */
const nobodysLimit = { bytes: 64_000, text: '64 KB' }
/** What all bodies under way may hold together. */
const heldAtMostBytes = 256_000_000
/** How long the rest of a body that is too large is thrown away, so that its sender gets to read the answer. */
const lingerMs = 2_000

const invalid = (reason: string, cause?: unknown) => new AppError('invalid_request', { details: { reason }, cause })

let heldBytes = 0

const collect = (request: Request): Promise<Buffer> => {
  const { bytes: mostBytes, text: mostText } = contextOf(request).caller === null ? nobodysLimit : limit
  let sizeBytes = 0
  return new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = []
    const take = (chunk: Buffer) => {
      sizeBytes += chunk.length
      heldBytes += chunk.length
      if (sizeBytes <= mostBytes && heldBytes <= heldAtMostBytes) return void chunks.push(chunk)
      request.off('data', take).resume()
      const cutOff = setTimeout(() => request.destroy(), lingerMs)
      request.once('close', () => clearTimeout(cutOff))
      reject(
        sizeBytes > mostBytes ? new AppError('too_large', { details: { limit: mostText } }) : new AppError('too_busy'),
      )
    }
    if (request.destroyed) return reject(invalid('it was cut off.'))
    request.on('data', take)
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('error', (cause) => reject(invalid('it was cut off.', cause)))
    request.once('close', () => reject(invalid('it was cut off.')))
  }).finally(() => {
    heldBytes -= sizeBytes
  })
}

export type Body = {
  /** Lower case, without parameters; '' when the request names none. */
  readonly mediaType: string
  readonly text: string
}

/** The whole body as text, at most 1 MB of UTF-8, and 64 KB of nobody. @throws AppError `too_large`, `too_busy`, `invalid_request` */
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
