import type { ExportedFile } from '@stillbox/shared/vocabulary/export-report.ts'
import type { ExportId } from '@stillbox/shared/vocabulary/ids.ts'
import type { StoredArchive } from './archive-store.ts'

/** Where the files of exports lie. Those of one export appear all at once. @throws AppError `disk_full`, `store_failed` */
export type ExportFiles = {
  /** A new, empty folder for one attempt; what an earlier one left there is removed first. */
  openWorkFolder(exportId: ExportId): Promise<string>
  /** Makes the folder `out` of the work folder the export, and removes the rest. Answers its files, by name. */
  publish(exportId: ExportId, workFolder: string): Promise<readonly ExportedFile[]>
  /** One file of a finished export. @throws AppError `not_found` */
  open(exportId: ExportId, name: string): Promise<StoredArchive>
  /** Removes the files and what an attempt has left; a second call does nothing. */
  remove(exportId: ExportId): Promise<void>
  discardWorkFolder(exportId: ExportId): Promise<void>
  /** Every export of which there is anything. */
  list(): Promise<readonly ExportId[]>
}
