import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needs } from '../../../testkit/servers/needs.ts'
import { type PostgresServer, startPostgres } from '../../../testkit/servers/postgres.ts'
import { verifyAuditLog } from '../../domain/audit/verify-audit-log.ts'
import { someDraft } from '../../ports/audit-log.contract.ts'
import { openAuditLog } from './audit-tampering.contract.ts'
import { databaseContract } from './database.contract.ts'
import { openDatabase } from './open-database.ts'

describe.skipIf(!needs('postgres'))('with a PostgreSQL server', () => {
  let server: PostgresServer
  let databases = 0
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  databaseContract('PostgreSQL', async () =>
    openDatabase({ url: await server.createDatabase(`contract_${++databases}`), folder: '/nowhere' }),
  )

  it('keeps one chain, without gaps, whichever process adds to the audit log', async () => {
    const url = await server.createDatabase('audit_of_two')
    const databases = [await openDatabase({ url, folder: '/nowhere' }), await openDatabase({ url, folder: '/nowhere' })]
    const logs = databases.map((database) => openAuditLog(database))
    try {
      const added = await Promise.all(
        Array.from({ length: 200 }, (_, index) => logs[index % 2]!.append([someDraft({ details: { index } })])),
      )
      expect(new Set(added.flat().map(({ number }) => number)).size).toBe(200)
      expect(await verifyAuditLog(logs[0]!)).toMatchObject({ ok: true, entryCount: 200 })
    } finally {
      for (const database of databases) await database.close()
    }
  })
})
