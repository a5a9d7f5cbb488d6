import type { SnapshotExport } from '@stillbox/shared/contract/export-methods.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ExportFiles } from '../../ports/export-files.ts'
import type { ExportRecords } from '../../ports/export-records.ts'

const hourMs = 3_600_000

export type ExpireExportsNeeds = {
  readonly exports: ExportRecords
  readonly exportFiles: ExportFiles
  readonly keptHours: number
  readonly clock: Clock
}

/**
 * Removes exports that have expired, those that failed as long ago, and files that nothing points at: what a process that died has left.
 * Answers how many exports are gone.
 */
export const expireExports =
  ({ exports, exportFiles, keptHours, clock }: ExpireExportsNeeds) =>
  async (signal?: AbortSignal): Promise<number> => {
    const nowMs = clock.now().getTime()
    const isOver = ({ state, expiresAt, finishedAt, createdAt }: SnapshotExport): boolean => {
      if (state === 'waiting' || state === 'running') return false
      const untilMs =
        expiresAt === null ? Date.parse(finishedAt ?? createdAt) + keptHours * hourMs : Date.parse(expiresAt)
      return untilMs <= nowMs
    }
    // Files first: an export that begins in between is in the list of rows then.
    const lying = await exportFiles.list()
    const known = new Map((await exports.all()).map((each) => [each.exportId, each]))
    let removed = 0
    for (const each of known.values()) {
      signal?.throwIfAborted()
      if (!isOver(each)) continue
      await exports.remove(each.exportId)
      await exportFiles.remove(each.exportId)
      removed++
    }
    for (const exportId of lying) {
      signal?.throwIfAborted()
      const found = known.get(exportId)
      if (!found || found.state === 'failed') await exportFiles.remove(exportId)
      else if (found.state === 'done') await exportFiles.discardWorkFolder(exportId)
    }
    return removed
  }
