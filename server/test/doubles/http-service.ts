import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import type { SnapshotExport } from '@stillbox/shared/contract/export-methods.ts'
import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import type { StatusAnswer, StatusToken } from '@stillbox/shared/contract/status.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Role } from '@stillbox/shared/vocabulary/access.ts'
import { DestinationId, ExportId, OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { noProgress } from '@stillbox/shared/vocabulary/job-state.ts'
import { pino } from 'pino'
import { createOneTimeCodes } from '../../src/adapters/second-factor/one-time-codes.ts'
import { createPasskeyCeremonies } from '../../src/adapters/second-factor/passkey-ceremonies.ts'
import { composeAccounts } from '../../src/compose-accounts.ts'
import { composeAudit } from '../../src/compose-audit.ts'
import { createPasswords } from '../../src/domain/account/password.ts'
import type { CertificateAccess } from '../../src/http/auth/certificate-gate.ts'
import { createApp, type HttpConfig } from '../../src/http/create-app.ts'
import type { Handlers } from '../../src/http/handlers.ts'
import { type ListenOptions, listen } from '../../src/http/listen.ts'
import type { AccountStore } from '../../src/ports/account-store.ts'
import type { StoredArchive } from '../../src/ports/archive-store.ts'
import type { AuditLog } from '../../src/ports/audit-log.ts'
import { sampleOrganization } from './fixed-directory.ts'
import { createMemoryAccessTokens } from './memory-access-tokens.ts'
import { createMemoryAccounts } from './memory-accounts.ts'
import { createMemoryAuditLog } from './memory-audit-log.ts'
import { createMemorySecondFactors } from './memory-second-factors.ts'

/** The cheapest argon2id there is: what is tested is not how long it takes. */
const cheapPasswords = createPasswords({ memoryKib: 8, passes: 1, lanes: 1 })

export const testSnapshot: Snapshot = {
  snapshotId: SnapshotId.parse('3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2'),
  organization: OrganizationId.parse('sample'),
  userName: 'anna@sample.example',
  type: ['calendar'],
  action: 'download',
  start: null,
  end: null,
  state: 'available',
  createdAt: '2026-11-17T14:00:00.000Z',
  createdBy: 'admin',
  startedAt: '2026-11-17T14:00:01.000Z',
  dumpedAt: '2026-11-17T14:00:02.000Z',
  finishedAt: '2026-11-17T14:00:03.000Z',
  lastChangedAt: '2026-11-17T14:00:03.000Z',
  attempt: 1,
  nextAttemptAt: null,
  progress: noProgress,
  progressPercentage: 100,
  itemCount: 3,
  issueCount: 0,
  archiveName: 'anna@sample.example.zip',
  archiveSizeBytes: 1_000,
  isStored: true,
  expiresAt: null,
  delivery: null,
  rootHash: 'ab'.repeat(32),
  lastVerifiedAt: null,
  lastVerifiedOk: null,
  fullTextState: 'none',
  error: null,
}

export const testExport: SnapshotExport = {
  exportId: ExportId.parse('5a0f3a52-8f0b-4f5c-9d52-3a8f0be1c7d9'),
  snapshotId: testSnapshot.snapshotId,
  format: 'zip-eml',
  folder: null,
  words: null,
  maxGb: null,
  state: 'done',
  createdAt: '2026-11-17T14:00:00.000Z',
  createdBy: 'johndoe',
  finishedAt: '2026-11-17T14:00:01.000Z',
  expiresAt: '2126-11-18T14:00:01.000Z',
  progress: noProgress,
  progressPercentage: 100,
  files: [{ name: 'anna eml.zip', sizeBytes: 10 }],
  report: null,
  error: null,
}

/** The public key of the published example. */
export const testPublicKeys = { 'ssh-rsa': 'AAAAB3NzaC1yc2EAAAADAQABAAABAQ==' }
export const testDestination: Destination = {
  destinationId: DestinationId.parse('7d1a9f10-2f3c-4c55-8a0e-5b7f0f6a1c33'),
  name: 'vault',
  protocol: 'sftp',
  host: 'vault.example.org',
  port: 22,
  username: 'stillbox',
  path: '/archives',
  fileName: '{userName}.zip',
  hostKeyFingerprints: ['SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU'],
  authMethod: 'service-key',
  deletesLocal: false,
  organizations: [OrganizationId.parse('sample')],
  createdAt: '2026-11-17T14:00:00.000Z',
  createdBy: 'johndoe',
  changedAt: '2026-11-17T14:00:00.000Z',
  lastTest: null,
}

export const testToken = 'C467B22E-7057-43BA-B79B-C6140ED514BD' as StatusToken
export const testPassword = 'correct horse battery'

type TestServiceOptions = {
  readonly handlers?: Partial<Handlers>
  readonly snapshot?: Partial<Snapshot>
  readonly archive?: StoredArchive | null
  readonly config?: Partial<HttpConfig>
  readonly listen?: Partial<ListenOptions>
  readonly clock?: { now(): Date }
  readonly ready?: () => boolean
  /** Who gets in by a client certificate, given the accounts there are. */
  readonly certificates?: (accounts: AccountStore) => CertificateAccess
  readonly requireSecondFactor?: readonly Role[]
  readonly auditLog?: AuditLog
}

/** The service over real HTTP on a free port: real accounts, sign-in and protocols; the use cases behind them answer fixed values. */
export const startTestService = async (options: TestServiceOptions = {}) => {
  const { store: factors, kindsOf } = createMemorySecondFactors()
  const accounts = createMemoryAccounts(kindsOf)
  const passwordHash = await cheapPasswords.hash(testPassword)
  const roles: Readonly<Record<string, Role>> = { johndoe: 'administrator', olga: 'operator', arno: 'auditor' }
  for (const [userName, role] of Object.entries(roles))
    await accounts.create({
      userName,
      fullName: userName === 'johndoe' ? 'John Doe' : userName,
      emailAddresses: userName === 'johndoe' ? ['john.doe@example.org', 'j.doe@example.org'] : [],
      role,
      organizations: null,
      passwordHash,
    })
  const clock = options.clock ?? { now: () => new Date() }
  const access = composeAccounts(
    {
      accounts,
      tokens: createMemoryAccessTokens(accounts),
      factors,
      codes: createOneTimeCodes('Stillbox'),
      ceremonies: createPasskeyCeremonies({ publicUrl: options.config?.publicUrl ?? null }),
      passwords: cheapPasswords,
      directory: { organizations: () => [sampleOrganization] },
      // What sealing is worth has tests of its own.
      secrets: { seal: (plain, context) => `${context}|${plain}`, open: (sealed) => sealed.split('|')[1]! },
      clock,
    },
    { requireSecondFactor: options.requireSecondFactor ?? [], passwordMinLength: 12 },
  )

  const logLines: Record<string, unknown>[] = []
  const logText: string[] = []
  const write = (line: string) => {
    logText.push(line)
    logLines.push(JSON.parse(line))
  }
  const logger = pino({ level: 'debug' }, { write })
  const calls: { readonly method: string; readonly params: unknown; readonly caller: string }[] = []
  const answer =
    <T>(method: string, value: T) =>
    async (params: unknown, { userName }: { readonly userName: string }): Promise<T> => {
      calls.push({ method, params, caller: userName })
      return value
    }
  const snapshot: Snapshot = { ...testSnapshot, ...options.snapshot }
  const snapshots = {
    get: async (id: SnapshotId) => {
      if (id !== snapshot.snapshotId) throw new AppError('not_found', { details: { what: 'snapshot' } })
      return snapshot
    },
  }
  const auditLog = createMemoryAuditLog()
  const audit = composeAudit(options.auditLog ?? auditLog, { snapshots, clock, logger })
  const accepted = { statusToken: testToken, snapshotId: snapshot.snapshotId }
  const handlers: Handlers = {
    CreateSnapshot: answer('CreateSnapshot', accepted),
    GetSnapshots: answer('GetSnapshots', {
      snapshots: [snapshot],
      total: 1,
      totalByState: { pending: 0, dumping: 0, dumped: 0, uploading: 0, available: 1, failed: 0, deleted: 0 },
      next: null,
    }),
    GetSnapshotInfo: answer('GetSnapshotInfo', { ...snapshot, folders: [], issues: [], messages: [] }),
    CancelSnapshot: answer('CancelSnapshot', snapshot),
    RetrySnapshot: answer('RetrySnapshot', accepted),
    SetSnapshotExpiry: answer('SetSnapshotExpiry', snapshot),
    DeleteSnapshot: answer('DeleteSnapshot', snapshot),
    VerifySnapshot: answer('VerifySnapshot', accepted),
    ExportSnapshot: answer('ExportSnapshot', { ...accepted, exportId: testExport.exportId }),
    GetExports: answer('GetExports', { exports: [testExport] }),
    CancelExport: answer('CancelExport', testExport),
    DeleteExport: answer('DeleteExport', null),
    RebuildStoreIndex: answer('RebuildStoreIndex', { statusToken: testToken }),
    GetOrganizations: answer('GetOrganizations', { organizations: [] }),
    GetDestinations: answer('GetDestinations', { destinations: [testDestination] }),
    CreateDestination: answer('CreateDestination', testDestination),
    EditDestination: answer('EditDestination', testDestination),
    DeleteDestination: answer('DeleteDestination', null),
    TestDestination: answer('TestDestination', testDestination),
    ReadHostKeys: answer('ReadHostKeys', { hostKeys: [] }),
    ...access.handlers,
    ...audit.handlers,
    GetServerInfo: answer('GetServerInfo', {
      product: 'Stillbox' as const,
      version: '0.1.0',
      archiveFormatVersion: 1,
      database: 'embedded' as const,
      actions: ['download' as const],
      deliveryKeys: [],
      retentionDays: { download: null, sftp: null, scp: null },
      expiryWarningDays: 7,
      signingKey: 'MCowBQYDK2VwAyEA',
      store: { archiveCount: 0, archiveBytes: 0, freeBytes: null },
      startedAt: '2026-11-17T14:00:00.000Z',
    }),
    ...options.handlers,
  }

  const statuses = new Map<string, StatusAnswer>()
  const app = createApp(
    {
      handlers,
      accounts,
      ...access.signingIn,
      clock,
      logger,
      ready: options.ready ?? (() => true),
      publicKeys: async () => testPublicKeys,
      certificates: options.certificates?.(accounts) ?? null,
      readStatus: async (token) => {
        const answer = statuses.get(token)
        if (!answer) throw new AppError('status_token_unknown')
        if (answer.status !== 'running') statuses.delete(token)
        return answer
      },
      archives: {
        open: async () => {
          if (!options.archive) throw new AppError('archive_missing')
          return options.archive
        },
      },
      snapshots,
      exports: {
        get: async (id) => {
          if (id !== testExport.exportId) throw new AppError('not_found', { details: { what: 'export' } })
          return testExport
        },
      },
      exportFiles: {
        open: async () => {
          if (!options.archive) throw new AppError('archive_missing')
          return options.archive
        },
      },
      audit: audit.http,
    },
    { scriptAccess: true, publicUrl: null, trustedProxies: ['loopback'], webFolder: '/nonexistent', ...options.config },
  )
  const server = await listen(app, { host: '127.0.0.1', port: 0, graceMs: 500, ...options.listen })
  return {
    app,
    url: server.url,
    close: server.close,
    accounts,
    calls,
    logLines,
    auditEntries: auditLog.entries,
    /** Of `testPassword`, for accounts that a test makes itself. */
    passwordHash,
    audit,
    /** The same as it was written. */
    logText,
    setStatus: (answer: Partial<StatusAnswer>) =>
      statuses.set(testToken, { status: 'running', result: null, progressPercentage: null, messages: [], ...answer }),
  }
}
export type TestService = Awaited<ReturnType<typeof startTestService>>

export const basic = (userName = 'johndoe', password = testPassword): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`,
})

export const formType = { 'content-type': 'application/x-www-form-urlencoded' }
export const jsonType = { 'content-type': 'application/json' }
