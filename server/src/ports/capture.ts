import type { FolderAccount, IssueLine } from '@stillbox/shared/contract/snapshot-methods.ts'
import type { ExportOrder, ExportReport } from '@stillbox/shared/vocabulary/export-report.ts'
import type { OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import type { SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import type { Delivered, DestinationSpec } from './delivery.ts'
import type { SourceSpec } from './source.ts'

/** What is to be captured: plain data, sent to the process that does it. */
export type CaptureRequest = {
  readonly snapshotId: SnapshotId
  readonly organization: OrganizationId
  readonly organizationName: string
  readonly userName: string
  readonly types: readonly SnapshotType[]
  readonly start: string | null
  readonly end: string | null
  readonly requestedAt: string
  readonly requestedBy: string
  readonly sources: readonly SourceSpec[]
  /** An empty folder of this job alone; the capture writes nowhere else. */
  readonly workFolder: string
}

export type CaptureOutcome = {
  /** The finished archive inside `workFolder`, complete and fsynced. */
  readonly archivePath: string
  readonly sizeBytes: number
  readonly itemCount: number
  readonly issueCount: number
  /** Hexadecimal SHA-256 root over items.jsonl. */
  readonly rootHash: string
  readonly folders: readonly FolderAccount[]
  /** The first 200 lines of issues.jsonl, to be shown with the snapshot. */
  readonly issues?: readonly IssueLine[]
  /** Sentences worth showing with the snapshot, without content of items. */
  readonly remarks: readonly string[]
  readonly peakRssBytes: number
}

/** What is to be delivered, and where to. It holds credentials: never log it. */
export type DeliveryOrder = {
  readonly archivePath: string
  readonly destination: DestinationSpec
  /** Folders below that of the destination, and the name there, as `DeliveryRequest` takes them. */
  readonly folders: readonly string[]
  readonly name: string
  readonly partName?: string
}

/** What is to be exported, and where to. */
export type ExportWork = {
  readonly order: ExportOrder
  readonly archivePath: string
  /** Null when the texts of the archive are not indexed. */
  readonly fullTextPath: string | null
  /** An empty folder of this job alone. */
  readonly workFolder: string
}

/** Heavy work on archives, done in processes of their own so that memory and CPU can be told apart and limited. */
export type ArchiveWork = {
  /**
   * Captures into an archive. Progress comes at most four times a second.
   * @throws AppError of the source, `disk_full`, `store_failed`, `worker_died`, `out_of_memory`; `signal.reason` within seconds of an abort.
   * Whatever happened, nothing runs any more and no file is open once the promise has settled.
   */
  capture(
    request: CaptureRequest,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<CaptureOutcome>

  /**
   * Writes the items of an archive in another format, into the folder `out` of the order's work folder.
   * @throws AppError `invalid_params`, `archive_invalid`, `export_no_room`, `disk_full`, `store_failed`, `worker_died`, `out_of_memory`;
   * `signal.reason` within seconds of an abort.
   */
  export(work: ExportWork, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<ExportReport>

  /**
   * Uploads an archive; what an earlier attempt left at the server is gone on with. A file that is there under the name is not replaced.
   * Progress counts bytes, at most four times a second, and ends with all of them. Once uploaded, an abort changes nothing any more.
   * @throws AppError of the destination, `store_failed`, `worker_died`, `out_of_memory`; `signal.reason` within seconds of an abort.
   */
  deliver(order: DeliveryOrder, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Delivered>

  /** Reads a whole archive and checks it. A damaged archive is a result, not an error. Progress counts entries and bytes. */
  verify(archivePath: string, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<VerifyOutcome>

  /** Builds the full-text index of an archive into `indexPath`: written under another name, then renamed. */
  buildFullText(
    archivePath: string,
    indexPath: string,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<{ readonly itemsIndexed: number }>
}

export type VerifyOutcome = {
  readonly ok: boolean
  readonly itemCount: number
  readonly rootHash: string | null
  readonly faults: readonly { readonly entry: string; readonly code: string; readonly text: string }[]
}
