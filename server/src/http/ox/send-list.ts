import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import type { Response } from 'express'
import { toMetadata } from './metadata.ts'

export type SnapshotPage = { readonly snapshots: readonly Snapshot[]; readonly next: string | null }

const isClientGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'

/**
 * Sends all snapshots as one JSON array, newest first. The API knows no pages; ours are read one after the other, only as
 * fast as the client takes them, so that a long list never lies in memory.
 * @throws AppError of the first page while it can still be answered; what fails later breaks the connection
 */
export const sendList = async (
  response: Response,
  readPage: (before: string | undefined) => Promise<SnapshotPage>,
): Promise<void> => {
  const first = await readPage(undefined)
  async function* parts() {
    let separator = '['
    for (let page = first; ; page = await readPage(page.next)) {
      if (page.snapshots.length > 0) {
        yield separator + page.snapshots.map((snapshot) => JSON.stringify(toMetadata(snapshot))).join(',')
        separator = ','
      }
      if (page.next === null) break
    }
    yield separator === '[' ? '[]' : ']'
  }
  response.type('application/json')
  try {
    await pipeline(Readable.from(parts()), response)
  } catch (error) {
    if (!isClientGone(error)) throw error
  }
}
