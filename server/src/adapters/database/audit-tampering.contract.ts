import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { auditHash, noHash } from '../../domain/audit/audit-chain.ts'
import { verifyAuditLog } from '../../domain/audit/verify-audit-log.ts'
import { someDraft } from '../../ports/audit-log.contract.ts'
import type { AuditLog } from '../../ports/audit-log.ts'
import { createDatabaseAuditLog } from './audit-log.ts'
import type { Database } from './open-database.ts'

/** Sealing as far as it matters here: what was not sealed with this key is not opened. */
export const testSeals = (key = 'key') => ({
  seal: (plain: string, context: string) => `${key}|${context}|${Buffer.from(plain).toString('base64')}`,
  open: (sealed: string, context: string) => {
    const [sealedBy, sealedFor, plain] = sealed.split('|')
    if (sealedBy !== key || sealedFor !== context) throw new Error('this is no sealed value')
    return Buffer.from(plain!, 'base64').toString('utf8')
  },
})

export const openAuditLog = (database: Database, key?: string): AuditLog =>
  createDatabaseAuditLog({
    database,
    secrets: testSeals(key),
    chain: { hashOf: auditHash, noHash },
    onLostHead: (highestNumber) =>
      someDraft({ action: 'audit.verify', outcome: 'failed', actor: null, details: { highestNumber } }),
  })

/** What somebody who can write to the database can do to the audit log, and how it shows. */
export const auditTamperingContract = (name: string, open: () => Promise<Database>): void => {
  describe(`${name} with an audit log somebody tampers with`, () => {
    let database: Database
    let log: AuditLog
    const run = (text: string) => sql.raw(text).execute(database.db)
    const onItsOwnTerms = async (...statements: readonly string[]) => {
      await run('alter table audit_log disable trigger user')
      for (const statement of statements) await run(statement)
      await run('alter table audit_log enable trigger user')
    }
    const append = async (count: number) => {
      for (let index = 0; index < count; index++) await log.append([someDraft({ details: { index } })])
    }
    const fault = async () => (await verifyAuditLog(log)).fault

    beforeAll(async () => {
      database = await open()
      log = openAuditLog(database)
    }, 60_000)
    afterAll(() => database.close())
    beforeEach(async () => {
      await onItsOwnTerms('delete from audit_log', `update audit_head set sealed = ''`)
      await append(6)
    })

    it.each([
      `update audit_log set outcome = 'failed' where number = 2`,
      'delete from audit_log where number = 2',
      'delete from audit_log where number > 1000',
      'truncate audit_log',
      'truncate audit_log, audit_head',
      'delete from audit_head',
    ])('refuses: %s', async (statement) => {
      await expect(run(statement)).rejects.toThrow('the audit log can only be added to')
      const { headHash, ...rest } = await verifyAuditLog(log)
      expect(rest).toEqual({ ok: true, entryCount: 6, fault: null })
      expect(headHash).toBe((await log.state()).head?.hash)
    })

    it.each<[string, readonly string[], number]>([
      ['an actor was changed', [`update audit_log set actor = 'arno' where number = 3`], 3],
      ['a time was changed', [`update audit_log set at = at + interval '1 second' where number = 1`], 1],
      ['details were changed', [`update audit_log set details = '{"index":9}' where number = 6`], 6],
      ['details are no JSON any more', [`update audit_log set details = 'x' where number = 4`], 4],
      ['details cannot be canonical', [`update audit_log set details = '{"index":"\\ud800"}' where number = 4`], 4],
      ['one was taken out', ['delete from audit_log where number = 4'], 4],
      ['the first was taken out', ['delete from audit_log where number = 1'], 1],
      [
        'one was taken out and the rest moved up',
        [
          'delete from audit_log where number = 2',
          ...[3, 4, 5, 6].map((number) => `update audit_log set number = ${number - 1} where number = ${number}`),
        ],
        2,
      ],
      [
        'two were exchanged',
        [
          'update audit_log set number = 100 where number = 2',
          'update audit_log set number = 2 where number = 3',
          'update audit_log set number = 3 where number = 100',
        ],
        2,
      ],
      ['the end was cut off', ['delete from audit_log where number > 4'], 5],
      ['all was thrown away', ['delete from audit_log'], 1],
    ])('shows that %s', async (_, statements, number) => {
      await onItsOwnTerms(...statements)
      expect((await fault())?.number).toBe(number)
      // What is written later hides nothing.
      await append(2)
      expect((await fault())?.number).toBe(number)
    })

    it('shows an entry that was put in, however well it is made', async () => {
      const { entries } = await log.page({}, { limit: 1 })
      const content = { ...someDraft({ actor: 'arno' }), number: 7, previousHash: entries[0]!.hash }
      await database.db
        .insertInto('audit_log')
        .values({
          number: 7,
          at: content.at,
          action: content.action,
          outcome: content.outcome,
          code: null,
          actor: content.actor,
          client: content.client,
          address: content.address,
          request_id: content.requestId,
          target: content.target,
          organization: content.organization,
          details: JSON.stringify(content.details),
          previous_hash: content.previousHash,
          hash: auditHash(content),
        })
        .execute()
      expect((await fault())?.number).toBe(7)
      await append(1)
      expect(await fault()).toMatchObject({ number: 8, text: expect.stringContaining('does not follow') })
    })

    it('goes on where the head is gone or not sealed with its key, and says so in the log for good', async () => {
      for (const sealed of [
        '',
        'nonsense',
        testSeals('other').seal('{"number":6,"hash":"x"}', 'head of the audit log'),
      ]) {
        await run(`update audit_head set sealed = '${sealed}'`)
        const { highestNumber } = await log.state()
        expect(await fault()).toMatchObject({ number: highestNumber, text: expect.stringContaining('seal') })
        const [added] = await log.append([someDraft()])
        expect(added!.number).toBe(highestNumber + 2)
        expect(await fault()).toBeNull()
        expect((await log.page({}, { limit: 2 })).entries[1]).toMatchObject({
          action: 'audit.verify',
          outcome: 'failed',
          details: { highestNumber },
        })
      }
    })

    it('leaves nothing behind when it cannot be written', async () => {
      await expect(log.append([someDraft(), someDraft({ at: 'never' })])).rejects.toThrow()
      await expect(log.append([someDraft({ details: { broken: Number.NaN } })])).rejects.toThrow('no such number')
      expect((await log.state()).highestNumber).toBe(6)
      expect(await fault()).toBeNull()
    })
  })
}
