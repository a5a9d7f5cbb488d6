import { pipeline } from 'node:stream/promises'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request, Response } from 'express'
import type { StoredArchive } from '../../ports/archive-store.ts'
import { decideRange } from './byte-range.ts'
import { checkConditions, rangeCounts } from './conditions.ts'
import { attachmentNamed } from './content-disposition.ts'

export type SendLimits = {
  /** Each holds one open file and a few chunks of 1 MiB. */
  readonly atOnce: number
  /** A client that takes nothing for this long is cut off. */
  readonly stalledMs: number
}

export type SentFile = {
  /** Entity tag without its quotes: another for other bytes. */
  tag(sizeBytes: number): string
  readonly type: string
  readonly name: string
  open(): Promise<StoredArchive>
}

export type FileSender = (
  exchange: { readonly request: Request; readonly response: Response },
  file: SentFile,
  /** Heard before the first byte; when it fails there is none. */
  onBegin: (part: { readonly start: number; readonly bytes: number }) => Promise<void>,
) => Promise<void>

const sendOpened = async (
  request: Request,
  response: Response,
  archive: StoredArchive,
  { tag, type, name }: SentFile,
  stalledMs: number,
  onBegin: Parameters<FileSender>[2],
): Promise<void> => {
  const { sizeBytes, modifiedAtMs } = archive
  const etag = `"${tag(sizeBytes)}"`
  const validators = { etag, modifiedAtMs }
  response.set({
    ETag: etag,
    'Last-Modified': new Date(modifiedAtMs).toUTCString(),
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-cache, no-transform',
  })

  const condition = checkConditions(request.headers, validators)
  if (condition !== 'go-on') {
    response.status(condition === 'failed' ? 412 : 304).end()
    return
  }
  // RFC 9110 §14.2: a Range means nothing with any method but GET.
  const isRanged = request.method === 'GET' && rangeCounts(request.headers, validators)
  const range = decideRange(isRanged ? request.headers.range : undefined, sizeBytes)
  if (range.kind === 'unsatisfiable') {
    response.status(416).set('Content-Range', `bytes */${sizeBytes}`).end()
    return
  }
  const { start, end } = range.kind === 'part' ? range : { start: 0, end: sizeBytes - 1 }
  response.set({
    'Content-Type': type,
    'Content-Length': String(end - start + 1),
    'Content-Disposition': attachmentNamed(name),
  })
  if (range.kind === 'part') response.status(206).set('Content-Range', `bytes ${start}-${end}/${sizeBytes}`)
  if (request.method === 'HEAD') {
    response.end()
    return
  }

  await onBegin({ start, bytes: end - start + 1 })
  const aborted = new AbortController()
  const abort = () => aborted.abort()
  response.once('close', abort)
  response.setTimeout(stalledMs, () => response.destroy())
  try {
    await pipeline(archive.stream({ start, end }, aborted.signal), response, { signal: aborted.signal })
  } catch (error) {
    // Nobody is there any more to be told; that is no failure of ours.
    if (!aborted.signal.aborted) throw error
  } finally {
    response.off('close', abort)
  }
}

/** Sends stored files with ranges, so that a broken download goes on where it stopped. @throws AppError `too_busy` beyond the limit */
export const createFileSender = (
  { atOnce, stalledMs }: SendLimits = { atOnce: 200, stalledMs: 120_000 },
): FileSender => {
  let running = 0
  return async ({ request, response }, file, onBegin) => {
    if (running >= atOnce) throw new AppError('too_busy')
    running++
    try {
      const opened = await file.open()
      try {
        await sendOpened(request, response, opened, file, stalledMs, onBegin)
      } finally {
        await opened.close()
      }
    } finally {
      running--
    }
  }
}
