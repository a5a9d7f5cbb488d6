import { z } from 'zod'
import { splitGb } from '../vocabulary/export-format.ts'
import { ExportedFile, ExportOrder, ExportReport } from '../vocabulary/export-report.ts'
import { ExportId, SnapshotId } from '../vocabulary/ids.ts'
import { Progress } from '../vocabulary/job-state.ts'
import { defineMethod } from './define-method.ts'

export const ExportState = z.enum(['waiting', 'running', 'done', 'failed'])
export type ExportState = z.infer<typeof ExportState>

/** One export of a snapshot. Its files are at /exports/<exportId>/<name>. */
export const SnapshotExport = ExportOrder.extend({
  exportId: ExportId,
  snapshotId: SnapshotId,
  state: ExportState,
  createdAt: z.string(),
  createdBy: z.string(),
  finishedAt: z.string().nullable(),
  /** When the files are deleted; null while there are none. */
  expiresAt: z.string().nullable(),
  progress: Progress,
  progressPercentage: z.int().min(0).max(100).nullable(),
  /** With the report in both its forms; empty until it is done. */
  files: z.array(ExportedFile),
  /** What became of the items; null until it is done. */
  report: ExportReport.nullable(),
  /** Why it failed. */
  error: z.string().nullable(),
})
export type SnapshotExport = z.infer<typeof SnapshotExport>

const OneExport = z.object({ snapshotId: SnapshotId, exportId: ExportId })

export const ExportSnapshotParams = z.object({
  snapshotId: SnapshotId,
  format: ExportOrder.shape.format,
  folder: z
    .string()
    .min(1)
    .max(4_096)
    .optional()
    .describe('this folder with all below it, as GetSnapshotInfo names it; left out: all'),
  words: z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .optional()
    .describe('only items in which all of these words occur, in the header or, where it is indexed, in the text'),
  maxGb: z
    .number()
    .min(splitGb.least)
    .max(splitGb.most)
    .optional()
    .describe(
      `largest size of one file in GB, ${splitGb.least} to ${splitGb.most}; for formats that are split; ${splitGb.usual} if left out`,
    ),
})

export const exportMethods = {
  ExportSnapshot: defineMethod({
    name: 'ExportSnapshot',
    kind: 'async',
    access: 'read',
    audit: { action: 'snapshot.export', target: 'snapshotId' },
    limit: 'hidden',
    summary:
      'Writes the items of a snapshot in another format, each compared with its SHA-256. Its files are downloaded from /exports/<exportId>/<name> until they expire.',
    params: ExportSnapshotParams,
    accepted: z.object({ snapshotId: SnapshotId, exportId: ExportId }),
    result: SnapshotExport,
  }),
  GetExports: defineMethod({
    name: 'GetExports',
    kind: 'sync',
    access: 'read',
    limit: 'hidden',
    summary: 'Lists the exports of a snapshot, newest first, with their files and what became of the items.',
    params: z.object({ snapshotId: SnapshotId }),
    result: z.object({ exports: z.array(SnapshotExport) }),
  }),
  CancelExport: defineMethod({
    name: 'CancelExport',
    kind: 'sync',
    access: 'read',
    audit: { action: 'export.cancel', target: 'snapshotId' },
    limit: 'hidden',
    summary: 'Stops an export that is not finished. Only who asked for it may, and who may operate.',
    params: OneExport,
    result: SnapshotExport,
  }),
  DeleteExport: defineMethod({
    name: 'DeleteExport',
    kind: 'sync',
    access: 'read',
    audit: { action: 'export.delete', target: 'snapshotId' },
    limit: 'hidden',
    summary: 'Deletes an export with its files. Only who asked for it may, and who may operate.',
    params: OneExport,
    result: z.null(),
  }),
} as const
