import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import type { StatusAnswer, StatusToken } from '@stillbox/shared/contract/status.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Role } from '@stillbox/shared/vocabulary/access.ts'
import { OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { noProgress } from '@stillbox/shared/vocabulary/job-state.ts'
import { pino } from 'pino'
import { createOneTimeCodes } from '../../src/adapters/second-factor/one-time-codes.ts'
import { createPasskeyCeremonies } from '../../src/adapters/second-factor/passkey-ceremonies.ts'
import { composeAccounts } from '../../src/compose-accounts.ts'
import { createPasswords } from '../../src/domain/account/password.ts'
import type { CertificateAccess } from '../../src/http/auth/certificate-gate.ts'
import { type AppNeeds, createApp, type HttpConfig } from '../../src/http/create-app.ts'
import type { Handlers } from '../../src/http/handlers.ts'
import { type ListenOptions, listen } from '../../src/http/listen.ts'
import type { AccountStore } from '../../src/ports/account-store.ts'
import type { StoredArchive } from '../../src/ports/archive-store.ts'
import { sampleOrganization } from './fixed-directory.ts'
import { createMemoryAccessTokens } from './memory-access-tokens.ts'
import { createMemoryAccounts } from './memory-accounts.ts'
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
  rootHash: 'ab'.repeat(32),
  lastVerifiedAt: null,
  lastVerifiedOk: null,
  fullTextState: 'none',
  error: null,
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
  readonly ox?: AppNeeds['ox']
  /** Who gets in by a client certificate, given the accounts there are. */
  readonly certificates?: (accounts: AccountStore) => CertificateAccess
  readonly requireSecondFactor?: readonly Role[]
}

/** The service over real HTTP on a free port: real accounts, sign-in and protocols; the use cases behind them answer fixed values. */
export const startTestService = async (options: TestServiceOptions = {}) => {
  const { store: factors, kindsOf } = createMemorySecondFactors()
  const accounts = createMemoryAccounts(kindsOf)
  const roles: Readonly<Record<string, Role>> = { johndoe: 'administrator', olga: 'operator', arno: 'auditor' }
  for (const [userName, role] of Object.entries(roles))
    await accounts.create({
      userName,
      fullName: userName === 'johndoe' ? 'John Doe' : userName,
      emailAddresses: userName === 'johndoe' ? ['john.doe@example.org', 'j.doe@example.org'] : [],
      role,
      organizations: null,
      passwordHash: await cheapPasswords.hash(testPassword),
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
    DeleteSnapshot: answer('DeleteSnapshot', snapshot),
    VerifySnapshot: answer('VerifySnapshot', accepted),
    RebuildStoreIndex: answer('RebuildStoreIndex', { statusToken: testToken }),
    GetOrganizations: answer('GetOrganizations', { organizations: [] }),
    ...access.handlers,
    GetServerInfo: answer('GetServerInfo', {
      product: 'Stillbox' as const,
      version: '0.1.0',
      archiveFormatVersion: 1,
      database: 'embedded' as const,
      actions: ['download' as const],
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
      ...(options.ox ? { ox: options.ox } : {}),
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
      snapshots: {
        get: async (id) => {
          if (id !== snapshot.snapshotId) throw new AppError('not_found', { details: { what: 'snapshot' } })
          return snapshot
        },
      },
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
