import type { SnapshotExport } from '@stillbox/shared/contract/export-methods.ts'
import type { ExportedFile, ExportOrder, ExportReport } from '@stillbox/shared/vocabulary/export-report.ts'
import type { ExportId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'

export type NewExport = { readonly order: ExportOrder; readonly createdBy: string }

/** Exports as the database knows them. One is added together with its job, by the queue; its state is that of the job. */
export type ExportRecords = {
  /** @throws AppError `not_found` */
  get(exportId: ExportId): Promise<SnapshotExport>
  /** Newest first. */
  ofSnapshot(snapshotId: SnapshotId): Promise<readonly SnapshotExport[]>
  all(): Promise<readonly SnapshotExport[]>
  report(exportId: ExportId, progress: Progress): Promise<void>
  /** Notes that the files are there. False when the export has been deleted meanwhile. */
  finish(
    exportId: ExportId,
    done: { readonly files: readonly ExportedFile[]; readonly report: ExportReport; readonly expiresAt: string },
  ): Promise<boolean>
  /** A second call does nothing. */
  remove(exportId: ExportId): Promise<void>
}
