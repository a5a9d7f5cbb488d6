import type { SnapshotExport } from '@stillbox/shared/contract/export-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { ExportedFile, ExportOrder, ExportReport } from '@stillbox/shared/vocabulary/export-report.ts'
import type { ExportId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import {
  type JobMessage,
  noProgress,
  type Progress,
  progressPercentage,
} from '@stillbox/shared/vocabulary/job-state.ts'
import type { Insertable, Selectable } from 'kysely'
import type { ExportRecords } from '../../ports/export-records.ts'
import type { Database } from './open-database.ts'
import type { ExportTable, JobTable } from './schema.ts'
import { storableJson, storableText } from './storable.ts'

export const newExportRow = (
  exportId: string,
  snapshotId: SnapshotId,
  order: ExportOrder,
  createdBy: string,
  now: string,
): Insertable<ExportTable> => ({
  export_id: exportId,
  snapshot_id: snapshotId,
  export_order: storableJson(order),
  created_at: now,
  created_by: storableText(createdBy),
  progress: storableJson(noProgress),
  files: '[]',
  report: null,
  expires_at: null,
})

/** Its job, as far as it is still known: jobs that ended long ago are forgotten. */
type JobColumns = {
  readonly [C in 'state' | 'claim' | 'messages' | 'finished_at']: Selectable<JobTable>[C] | null
}

const stateOf = ({ state, claim }: JobColumns): SnapshotExport['state'] =>
  state === 'succeeded' ? 'done' : state !== 'running' ? 'failed' : claim === null ? 'waiting' : 'running'

const toExport = (row: Selectable<ExportTable> & JobColumns): SnapshotExport => {
  const state = stateOf(row)
  const isDone = state === 'done'
  const progress = row.progress as Progress
  const messages = (row.messages ?? []) as JobMessage[]
  return {
    ...(row.export_order as ExportOrder),
    exportId: row.export_id as ExportId,
    snapshotId: row.snapshot_id as SnapshotId,
    state,
    createdAt: row.created_at,
    createdBy: row.created_by,
    finishedAt: row.finished_at,
    expiresAt: isDone ? row.expires_at : null,
    progress,
    progressPercentage: isDone ? 100 : progressPercentage(progress),
    files: isDone ? (row.files as ExportedFile[]) : [],
    report: isDone ? (row.report as ExportReport | null) : null,
    error: state === 'failed' ? (messages.find(({ type }) => type === 'error')?.text ?? null) : null,
  }
}

export const createDatabaseExportRecords = ({ database: { db } }: { readonly database: Database }): ExportRecords => {
  const rows = () =>
    db
      .selectFrom('exports')
      .leftJoin('jobs', 'jobs.job_id', 'exports.export_id')
      .selectAll('exports')
      .select(['jobs.state', 'jobs.claim', 'jobs.messages', 'jobs.finished_at'])
      .orderBy('exports.created_at', 'desc')
      .orderBy('exports.export_id', 'desc')
  return {
    get: async (exportId) => {
      const row = await rows().where('export_id', '=', exportId).executeTakeFirst()
      if (!row) throw new AppError('not_found', { details: { what: 'export' } })
      return toExport(row)
    },
    ofSnapshot: async (snapshotId) =>
      (await rows().where('exports.snapshot_id', '=', snapshotId).execute()).map(toExport),
    all: async () => (await rows().execute()).map(toExport),
    report: async (exportId, progress) => {
      await db
        .updateTable('exports')
        .set({ progress: storableJson(progress) })
        .where('export_id', '=', exportId)
        .execute()
    },
    finish: async (exportId, { files, report, expiresAt }) => {
      const { numUpdatedRows } = await db
        .updateTable('exports')
        .set({ files: storableJson(files), report: storableJson(report), expires_at: expiresAt })
        .where('export_id', '=', exportId)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    remove: async (exportId) => {
      await db.deleteFrom('exports').where('export_id', '=', exportId).execute()
    },
  }
}
