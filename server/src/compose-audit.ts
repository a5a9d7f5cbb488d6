import type { Logger } from 'pino'
import { createDatabaseAuditLog } from './adapters/database/audit-log.ts'
import type { Database } from './adapters/database/open-database.ts'
import type { AdminAccount } from './domain/account/ensure-admin.ts'
import { auditHash, noHash } from './domain/audit/audit-chain.ts'
import { createExportAuditLog } from './domain/audit/audit-export.ts'
import { createAuditTrail } from './domain/audit/audit-trail.ts'
import { createGetAuditLog } from './domain/audit/get-audit-log.ts'
import { createHttpAudit } from './domain/audit/http-audit.ts'
import { createVerifyAuditLog } from './domain/audit/verify-audit-log.ts'
import type { AuditLog } from './ports/audit-log.ts'
import type { Clock } from './ports/clock.ts'
import type { Secrets } from './ports/secrets.ts'
import type { SnapshotStore } from './ports/snapshot-store.ts'

export type AuditNeeds = {
  readonly snapshots: Pick<SnapshotStore, 'get'>
  readonly clock: Clock
  readonly logger: Logger
}

/** The audit log of the database, sealed with the key of this service. */
export const openAuditLog = (database: Database, secrets: Secrets, clock: Clock): AuditLog =>
  createDatabaseAuditLog({
    database,
    secrets,
    chain: { hashOf: auditHash, noHash },
    onLostHead: (highestNumber) => ({
      at: clock.now().toISOString(),
      action: 'audit.verify',
      outcome: 'failed',
      code: null,
      actor: null,
      client: null,
      address: null,
      requestId: null,
      target: null,
      organization: null,
      details: {
        reason: 'the seal of the last entry was gone or made with another key; entries after it may be missing',
        lastNumber: highestNumber,
      },
    }),
  })

/** Joins what is noted in the audit log, and who reads it. */
export const composeAudit = (log: AuditLog, { snapshots, clock, logger }: AuditNeeds) => {
  const trail = createAuditTrail({ log, clock })
  const onError = (err: unknown) => logger.error({ err }, 'the audit log could not be written')
  const http = createHttpAudit({ note: trail.note, snapshots, clock, onError })
  return {
    note: trail.note,
    http: { ...http, exportLog: createExportAuditLog({ log, note: trail.note }) },
    handlers: { GetAuditLog: createGetAuditLog({ log }), VerifyAuditLog: createVerifyAuditLog({ log }) },
    /** Notes the start of the service, and what its configuration did to the administrator’s account. */
    started: async ({ version, admin }: { readonly version: string; readonly admin: AdminAccount }): Promise<void> => {
      await trail.note({ action: 'service.start', details: { version } })
      if (admin.outcome === 'unchanged') return
      const action = admin.outcome === 'created' ? 'account.create' : 'account.password'
      await trail.note({ action, target: admin.userName, details: { by: 'the configuration' } })
    },
    /** Notes what was only counted so far and the stop of the service; a database that is gone does not keep it from stopping. */
    close: async ({ wasStarted }: { readonly wasStarted: boolean }): Promise<void> => {
      try {
        await http.flush()
        if (wasStarted) await trail.note({ action: 'service.stop' })
        await trail.settled()
      } catch (error) {
        onError(error)
      }
    },
  }
}
