import type { ErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { ExportReport } from '@stillbox/shared/vocabulary/export-report.ts'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import type { CaptureOutcome, CaptureRequest, DeliveryOrder, ExportWork, VerifyOutcome } from '../../ports/capture.ts'
import type { Delivered } from '../../ports/delivery.ts'

/** What the work process needs of the service beside the job itself. */
export type WorkSettings = {
  readonly signingKeyPem: string
  readonly signingPublicKey: string
  readonly productVersion: string
  readonly readerCount: number
  /** Resident memory the process may take, in MB, before it ends itself. */
  readonly memoryLimitMb: number
}

export type Work =
  | { readonly kind: 'capture'; readonly request: CaptureRequest }
  | { readonly kind: 'deliver'; readonly order: DeliveryOrder }
  | { readonly kind: 'export'; readonly export: ExportWork }
  | { readonly kind: 'verify'; readonly archivePath: string }
  | { readonly kind: 'full-text'; readonly archivePath: string; readonly indexPath: string }

export type WorkResult<K extends Work['kind']> = {
  capture: CaptureOutcome
  deliver: Delivered
  export: ExportReport
  verify: VerifyOutcome
  'full-text': { readonly itemsIndexed: number }
}[K]

export type ToWork =
  | { readonly type: 'run'; readonly work: Work; readonly settings: WorkSettings }
  | { readonly type: 'abort'; readonly reason: ErrorForm }

export type FromWork =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'done'; readonly value: unknown }
  | { readonly type: 'failed'; readonly error: ErrorForm | { readonly unexpected: string } }
