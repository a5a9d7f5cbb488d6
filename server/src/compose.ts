import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Express } from 'express'
import type { Logger } from 'pino'
import { createDatabaseAccessTokenStore } from './adapters/database/access-token-store.ts'
import { createDatabaseAccountStore } from './adapters/database/account-store.ts'
import { createDatabaseExportRecords } from './adapters/database/export-records.ts'
import { openDatabase } from './adapters/database/open-database.ts'
import { openJobQueue, type QueueSettings } from './adapters/database/pg-boss-queue.ts'
import { createRounds } from './adapters/database/rounds.ts'
import { createDatabaseSecondFactorStore } from './adapters/database/second-factor-store.ts'
import { createDatabaseSnapshotStore } from './adapters/database/snapshot-store.ts'
import { createAccountDirectory } from './adapters/directory/account-directory.ts'
import { createFileArchiveStore } from './adapters/files/file-archive-store.ts'
import { createFileExportFiles } from './adapters/files/file-export-files.ts'
import { openFileSecrets } from './adapters/files/file-secrets.ts'
import { openKeyFiles } from './adapters/files/key-files.ts'
import { sampleOrganization, writeSample } from './adapters/sample/sample-organization.ts'
import { createOneTimeCodes } from './adapters/second-factor/one-time-codes.ts'
import { createPasskeyCeremonies } from './adapters/second-factor/passkey-ceremonies.ts'
import type { OpenTls } from './adapters/tls/open-tls.ts'
import { createArchiveWork } from './adapters/work/archive-work.ts'
import type { Work } from './adapters/work/work-messages.ts'
import { composeAccounts } from './compose-accounts.ts'
import { composeAudit, openAuditLog } from './compose-audit.ts'
import { composeDelivery } from './compose-delivery.ts'
import { certificateAccess, composeTls } from './compose-tls.ts'
import type { Config } from './config/read-config.ts'
import { type AdminAccount, ensureAdmin } from './domain/account/ensure-admin.ts'
import { createGetOrganizations } from './domain/account/get-organizations.ts'
import { createGetServerInfo } from './domain/account/get-server-info.ts'
import { type Argon2Cost, createPasswords } from './domain/account/password.ts'
import { archiveFormatVersion } from './domain/archive/manifest.ts'
import { expireExports } from './domain/export/expire-exports.ts'
import { exportSnapshot } from './domain/export/export-snapshot.ts'
import { manageExports } from './domain/export/manage-exports.ts'
import { runExportJob } from './domain/export/run-export-job.ts'
import { readStatus } from './domain/job/read-status.ts'
import { runJob } from './domain/job/run-job.ts'
import { cancelSnapshot } from './domain/snapshot/cancel-snapshot.ts'
import { createSnapshot } from './domain/snapshot/create-snapshot.ts'
import { deleteSnapshot } from './domain/snapshot/delete-snapshot.ts'
import { expireArchives } from './domain/snapshot/expire-archives.ts'
import { getSnapshotInfo } from './domain/snapshot/get-snapshot-info.ts'
import { listSnapshots } from './domain/snapshot/list-snapshots.ts'
import { rebuildStoreIndex } from './domain/snapshot/rebuild-store-index.ts'
import { retrySnapshot } from './domain/snapshot/retry-snapshot.ts'
import { runDelivery } from './domain/snapshot/run-delivery.ts'
import { runFullText } from './domain/snapshot/run-full-text.ts'
import { runSnapshot } from './domain/snapshot/run-snapshot.ts'
import { runVerify } from './domain/snapshot/run-verify.ts'
import { setSnapshotExpiry } from './domain/snapshot/set-snapshot-expiry.ts'
import { sweep } from './domain/snapshot/sweep.ts'
import { verifySnapshot } from './domain/snapshot/verify-snapshot.ts'
import { createApp } from './http/create-app.ts'
import type { Handlers } from './http/handlers.ts'
import { systemClock } from './ports/clock.ts'
import { productVersion } from './version.ts'

export type Service = {
  readonly app: Express
  readonly admin: AdminAccount
  readonly organizations: number
  /** The service's certificate; null when it speaks plain http. */
  readonly tls: OpenTls | null
  /** Starts taking jobs. */
  start(): Promise<void>
  /** Gives running jobs back to the queue and closes everything. */
  close(): Promise<void>
}

export type ServiceOptions = {
  /** Waits before the second, third … attempt of a job, in seconds. */
  readonly retryDelaysSeconds?: readonly number[]
  /** How often a job is tried, and how soon a process that died is noticed by the others. */
  readonly queue?: Pick<QueueSettings, 'maxAttempts' | 'heartbeatSeconds' | 'superviseSeconds'>
  /** Hears the process id of every piece of work: for tests and benchmarks. */
  readonly onWorkProcess?: (pid: number, kind: Work['kind']) => void
  /** What a password costs to check: tests take less. */
  readonly passwordCost?: Argon2Cost
}

const expiryEveryMs = 10 * 60_000

/** Joins all parts of the service; the only place that knows every one of them. */
export const compose = async (
  config: Config,
  logger: Logger,
  { retryDelaysSeconds, queue, onWorkProcess, passwordCost }: ServiceOptions = {},
): Promise<Service> => {
  const clock = systemClock
  const startedAt = clock.now()
  const folder = config.dataFolder
  const tls = composeTls(config, clock, logger)
  const database = await openDatabase({ url: config.databaseUrl?.reveal() ?? null, folder })
  try {
    const keyFiles = await openKeyFiles(folder)
    const secrets = await openFileSecrets({ keyFiles })
    const archives = await createFileArchiveStore({ folder })
    const exportFiles = await createFileExportFiles({ folder })
    const exports = createDatabaseExportRecords({ database })
    const sampleFolder = join(folder, 'sample')
    if (config.sample) await writeSample(sampleFolder)
    const organizations = [...config.organizations, ...(config.sample ? [sampleOrganization(sampleFolder)] : [])]
    const directory = createAccountDirectory(organizations)
    const accounts = createDatabaseAccountStore({ database })
    const snapshots = createDatabaseSnapshotStore({ database, clock })
    const jobs = await openJobQueue({
      database,
      concurrency: { capture: config.limits.capturesAtOnce, deliver: config.limits.deliveriesAtOnce },
      ...queue,
      onError: (err) => logger.error({ err }, 'the queue met an error'),
    })
    const work = createArchiveWork({
      entry: new URL('./work-main.ts', import.meta.url),
      settings: {
        signingKeyPem: secrets.signingKeyPem,
        signingPublicKey: secrets.signingPublicKey,
        productVersion,
        readerCount: config.limits.captureThreads,
        memoryLimitMb: config.limits.captureMemoryMb,
      },
      heapMb: 128,
      captureMaxHours: config.limits.captureMaxHours,
      onCrash: ({ kind, reason, output }) => logger.error({ kind, reason, output }, 'a work process died'),
      ...(onWorkProcess ? { onStart: (kind, pid) => onWorkProcess(pid, kind) } : {}),
    })
    const audit = composeAudit(openAuditLog(database, secrets, clock), { snapshots, clock, logger })
    const passwords = createPasswords(passwordCost)
    const admin = await ensureAdmin({ accounts, passwords }, config.adminPassword?.reveal() ?? null)

    const access = composeAccounts(
      {
        accounts,
        tokens: createDatabaseAccessTokenStore({ database }),
        factors: createDatabaseSecondFactorStore({ database }),
        codes: createOneTimeCodes('Stillbox'),
        ceremonies: createPasskeyCeremonies({ publicUrl: config.publicUrl }),
        passwords,
        directory,
        secrets,
        clock,
      },
      config,
    )

    const delivery = await composeDelivery({ database, directory, secrets, keyFiles, clock }, config)

    const { warnDays: expiryWarningDays, ...retention } = config.retention
    const running = {
      snapshots,
      jobs,
      archives,
      directory,
      work,
      secrets,
      exports,
      exportFiles,
      keptHours: config.limits.exportsKeptHours,
      destinations: delivery.destinations,
      specs: delivery.specs,
      retention,
      note: audit.note,
      clock,
      log: logger,
      ...(retryDelaysSeconds ? { delaysSeconds: retryDelaysSeconds } : {}),
    }
    const run = runJob({
      kinds: {
        capture: runSnapshot(running),
        deliver: runDelivery(running),
        verify: runVerify(running),
        export: runExportJob(running),
        'full-text': runFullText(running),
      },
      log: logger,
    })
    const managed = manageExports(running)
    const expire = expireArchives({ ...running, removeExports: managed.removeOfSnapshot })
    const expireFiles = expireExports(running)
    const remove = deleteSnapshot({ snapshots, jobs, archives })
    const expiring = createRounds(
      async (signal) => {
        const expired = await expire(signal)
        if (expired > 0) logger.info({ expired }, 'removed archives that have expired')
        const exportsExpired = await expireFiles(signal)
        if (exportsExpired > 0) logger.info({ exportsExpired }, 'removed exports that have expired')
      },
      expiryEveryMs,
      (err) => logger.error({ err }, 'archives that have expired could not be looked for'),
    )

    const handlers: Handlers = {
      CreateSnapshot: createSnapshot({ jobs, directory, secrets, ...delivery }),
      GetSnapshots: listSnapshots({ snapshots }),
      GetSnapshotInfo: getSnapshotInfo({ snapshots }),
      CancelSnapshot: cancelSnapshot({ snapshots, jobs, retention, clock }),
      RetrySnapshot: retrySnapshot({ snapshots, jobs, directory, secrets }),
      SetSnapshotExpiry: setSnapshotExpiry({ snapshots, clock }),
      DeleteSnapshot: async (params, caller) => {
        const deleted = await remove(params, caller)
        await managed.removeOfSnapshot(params.snapshotId)
        return deleted
      },
      ExportSnapshot: exportSnapshot({ snapshots, jobs }),
      ...managed.handlers,
      VerifySnapshot: verifySnapshot({ snapshots, jobs }),
      RebuildStoreIndex: rebuildStoreIndex({ snapshots, jobs }),
      GetOrganizations: createGetOrganizations({ directory }),
      ...access.handlers,
      ...delivery.handlers,
      ...audit.handlers,
      GetServerInfo: createGetServerInfo(
        { archives, secrets, snapshots },
        {
          ...{ version: productVersion, archiveFormatVersion, database: database.kind, startedAt },
          ...{ deliveryKeys: delivery.deliveryKeys, retention, expiryWarningDays },
        },
      ),
    }

    let isReady = false
    const app = createApp(
      {
        handlers,
        readStatus: readStatus({ jobs }),
        accounts,
        ...access.signingIn,
        publicKeys: delivery.publicKeys,
        archives,
        snapshots,
        exports,
        exportFiles,
        audit: audit.http,
        clock,
        logger,
        ready: () => isReady,
        certificates: certificateAccess(config, tls, accounts),
      },
      {
        scriptAccess: config.scriptAccess,
        publicUrl: config.publicUrl,
        trustedProxies: config.trustedProxies,
        webFolder: fileURLToPath(new URL('../../web/dist', import.meta.url)),
        isTls: tls !== null,
      },
    )
    return {
      app,
      admin,
      organizations: organizations.length,
      tls,
      start: async () => {
        const swept = await sweep({ snapshots, archives, isAlone: database.kind === 'embedded' })()
        if (Object.values(swept).some((count) => count > 0))
          logger.info(swept, 'swept what an earlier process had left')
        await expireFiles()
        await accounts.deleteExpiredSessions(clock.now().getTime())
        await audit.started({ version: productVersion, admin })
        await jobs.start(run)
        expiring.start()
        isReady = true
      },
      close: async () => {
        const wasStarted = isReady
        isReady = false
        tls?.close()
        await expiring.stop()
        await jobs.stop()
        await audit.close({ wasStarted })
        await database.close()
      },
    }
  } catch (error) {
    tls?.close()
    await database.close()
    throw error
  }
}
