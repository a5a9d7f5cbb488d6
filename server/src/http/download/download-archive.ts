import { pipeline } from 'node:stream/promises'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Request, Response } from 'express'
import { getSeenBy } from '../../domain/access/organization-limit.ts'
import { requireArchive } from '../../domain/snapshot/require-archive.ts'
import type { ArchiveStore, StoredArchive } from '../../ports/archive-store.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import { contextOf } from '../request-context.ts'
import { decideRange } from './byte-range.ts'
import { checkConditions, rangeCounts } from './conditions.ts'
import { attachmentNamed } from './content-disposition.ts'

export type DownloadNeeds = {
  readonly archives: Pick<ArchiveStore, 'open'>
  readonly snapshots: Pick<SnapshotStore, 'get'>
}
export type DownloadLimits = {
  /** Each holds one open file and a few chunks of 1 MiB. */
  readonly atOnce: number
  /** A client that takes nothing for this long is cut off. */
  readonly stalledMs: number
}

const sendArchive = async (
  request: Request,
  response: Response,
  archive: StoredArchive,
  snapshot: { readonly snapshotId: string; readonly archiveName: string | null; readonly rootHash: string | null },
  stalledMs: number,
): Promise<void> => {
  const { sizeBytes, modifiedAtMs } = archive
  const etag = `"${snapshot.snapshotId}-${sizeBytes.toString(36)}-${(snapshot.rootHash ?? '').slice(0, 16)}"`
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
    'Content-Type': 'application/zip',
    'Content-Length': String(end - start + 1),
    'Content-Disposition': attachmentNamed(snapshot.archiveName ?? `snapshot-${snapshot.snapshotId}.zip`),
  })
  if (range.kind === 'part') response.status(206).set('Content-Range', `bytes ${start}-${end}/${sizeBytes}`)
  if (request.method === 'HEAD') {
    response.end()
    return
  }

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

/** `GET|HEAD /download/<snapshotId>`: the archive with ranges, so that a broken download goes on where it stopped. */
export const createDownload = (
  { archives, snapshots }: DownloadNeeds,
  { atOnce, stalledMs }: DownloadLimits = { atOnce: 200, stalledMs: 120_000 },
) => {
  let running = 0
  return async (request: Request, response: Response): Promise<void> => {
    const id = SnapshotId.safeParse(request.params.snapshotId)
    if (!id.success) throw new AppError('not_found', { details: { what: 'snapshot' } })
    const { caller } = contextOf(request)
    if (!caller) throw new AppError('not_signed_in')
    const snapshot = await getSeenBy(caller, snapshots)(id.data)
    requireArchive(snapshot, 'download')
    if (running >= atOnce) throw new AppError('too_busy')
    running++
    try {
      const archive = await archives.open(id.data)
      try {
        await sendArchive(request, response, archive, snapshot, stalledMs)
      } finally {
        await archive.close()
      }
    } finally {
      running--
    }
  }
}
