import { setTimeout as sleep } from 'node:timers/promises'
import type { StatusAnswer, StatusToken } from '@stillbox/shared/contract/status.ts'
import { createDatabaseDestinationStore } from '../../src/adapters/database/destination-store.ts'
import { createDatabaseExportRecords } from '../../src/adapters/database/export-records.ts'
import type { Database } from '../../src/adapters/database/open-database.ts'
import { openJobQueue, type QueueSettings } from '../../src/adapters/database/pg-boss-queue.ts'
import { createDatabaseSnapshotStore } from '../../src/adapters/database/snapshot-store.ts'
import { createFileArchiveStore } from '../../src/adapters/files/file-archive-store.ts'
import { createFileExportFiles } from '../../src/adapters/files/file-export-files.ts'
import { openFileSecrets } from '../../src/adapters/files/file-secrets.ts'
import { openKeyFiles } from '../../src/adapters/files/key-files.ts'
import type { Caller } from '../../src/domain/access/authorize.ts'
import type { AuditNote } from '../../src/domain/audit/audit-trail.ts'
import { createDestinationSpecs } from '../../src/domain/delivery/destination-spec.ts'
import { expireExports } from '../../src/domain/export/expire-exports.ts'
import { exportSnapshot } from '../../src/domain/export/export-snapshot.ts'
import { manageExports } from '../../src/domain/export/manage-exports.ts'
import { runExportJob } from '../../src/domain/export/run-export-job.ts'
import { readStatus } from '../../src/domain/job/read-status.ts'
import { runJob } from '../../src/domain/job/run-job.ts'
import { cancelSnapshot } from '../../src/domain/snapshot/cancel-snapshot.ts'
import { createSnapshot } from '../../src/domain/snapshot/create-snapshot.ts'
import { deleteSnapshot } from '../../src/domain/snapshot/delete-snapshot.ts'
import { expireArchives } from '../../src/domain/snapshot/expire-archives.ts'
import { getSnapshotInfo } from '../../src/domain/snapshot/get-snapshot-info.ts'
import { listSnapshots } from '../../src/domain/snapshot/list-snapshots.ts'
import { rebuildStoreIndex } from '../../src/domain/snapshot/rebuild-store-index.ts'
import { keptForEver, type Retention } from '../../src/domain/snapshot/retention.ts'
import { retrySnapshot } from '../../src/domain/snapshot/retry-snapshot.ts'
import { runDelivery } from '../../src/domain/snapshot/run-delivery.ts'
import { runFullText } from '../../src/domain/snapshot/run-full-text.ts'
import { runSnapshot } from '../../src/domain/snapshot/run-snapshot.ts'
import { runVerify } from '../../src/domain/snapshot/run-verify.ts'
import { setSnapshotExpiry } from '../../src/domain/snapshot/set-snapshot-expiry.ts'
import { sweep } from '../../src/domain/snapshot/sweep.ts'
import { verifySnapshot } from '../../src/domain/snapshot/verify-snapshot.ts'
import type { Organization } from '../../src/ports/account-directory.ts'
import { type Clock, systemClock } from '../../src/ports/clock.ts'
import { someAdministrator } from '../doubles/callers.ts'
import { createFixedDirectory } from '../doubles/fixed-directory.ts'
import { createScriptedArchiveWork } from '../doubles/scripted-archive-work.ts'

/** The use cases on a real database, a real folder and scripted work: one process of the product, without HTTP and sources. */
export const openSnapshotBench = async ({
  database,
  folder,
  organizations,
  queue = {},
  retention = keptForEver,
  clock = systemClock,
}: {
  readonly database: Database
  readonly folder: string
  readonly organizations?: readonly Organization[]
  readonly queue?: Partial<QueueSettings>
  readonly retention?: Retention
  readonly clock?: Clock
}) => {
  const errors: unknown[] = []
  const log = { info: () => {}, error: (fields: Readonly<Record<string, unknown>>) => void errors.push(fields.error) }
  const jobs = await openJobQueue({ database, onError: (error) => void errors.push(error), ...queue })
  const archives = await createFileArchiveStore({ folder })
  const secrets = await openFileSecrets({ keyFiles: await openKeyFiles(folder) })
  const snapshots = createDatabaseSnapshotStore({ database })
  const { directory, passwords } = createFixedDirectory(organizations)
  const { work, scripts, deliveryScripts, deliveries, brokenArchives } = createScriptedArchiveWork()
  const destinations = createDatabaseDestinationStore({ database })
  const exports = createDatabaseExportRecords({ database })
  const exportFiles = await createFileExportFiles({ folder })
  const notes: AuditNote[] = []
  const specs = createDestinationSpecs({ secrets, servicePrivateKeys: ['own key'], allowedAddresses: [] })
  const needs = {
    ...{ snapshots, jobs, archives, directory, work, secrets, destinations, specs },
    checkHost: () => {},
    note: async (note: AuditNote) => void notes.push(note),
    ...{ exports, exportFiles, keptHours: 24 },
    ...{ retention, clock, log, delaysSeconds: [1] },
  }
  const run = runJob({
    kinds: {
      capture: runSnapshot(needs),
      deliver: runDelivery(needs),
      verify: runVerify(needs),
      export: runExportJob(needs),
      'full-text': runFullText(needs),
    },
    log,
  })
  const status = (token: StatusToken, caller = someAdministrator) => readStatus(needs)(token, caller)
  /** Most tests are about what happens, not about who may: these are called by somebody who may everything. */
  const byAdministrator =
    <P, T>(call: (params: P, caller: Caller) => Promise<T>) =>
    (params: P, caller = someAdministrator): Promise<T> =>
      call(params, caller)
  const managed = manageExports(needs)
  return {
    ...needs,
    passwords,
    scripts,
    deliveryScripts,
    deliveries,
    brokenArchives,
    errors,
    /** What was told to the audit log. */
    notes,
    create: byAdministrator(createSnapshot(needs)),
    list: byAdministrator(listSnapshots(needs)),
    info: byAdministrator(getSnapshotInfo(needs)),
    cancel: byAdministrator(cancelSnapshot(needs)),
    retry: byAdministrator(retrySnapshot(needs)),
    remove: byAdministrator(deleteSnapshot(needs)),
    verify: byAdministrator(verifySnapshot(needs)),
    setExpiry: byAdministrator(setSnapshotExpiry(needs)),
    expire: () => expireArchives({ ...needs, removeExports: managed.removeOfSnapshot })(new AbortController().signal),
    export: byAdministrator(exportSnapshot(needs)),
    ...managed,
    expireFiles: expireExports(needs),
    rebuild: byAdministrator(rebuildStoreIndex(needs)),
    sweep: sweep({ ...needs, isAlone: database.kind === 'embedded' }),
    status,
    start: () => jobs.start(run),
    close: async () => {
      await jobs.stop()
      await database.close()
    },
    /** The final status of a job. */
    settled: async (token: StatusToken, timeoutMs = 20_000): Promise<StatusAnswer> => {
      for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(50)) {
        const answer = await status(token)
        if (answer.status !== 'running') return answer
      }
      throw new Error('the job did not end')
    },
  }
}
export type SnapshotBench = Awaited<ReturnType<typeof openSnapshotBench>>
