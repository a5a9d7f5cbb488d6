import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditDraft, AuditFilter, AuditLog } from './audit-log.ts'

export const someDraft = (given: Partial<AuditDraft> = {}): AuditDraft => ({
  at: '2026-11-20T10:00:00.000Z',
  action: 'snapshot.delete',
  outcome: 'done',
  code: null,
  actor: 'olga',
  client: 'web',
  address: '192.0.2.1',
  requestId: '0011223344556677',
  target: '3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2',
  organization: 'here',
  details: { method: 'DeleteSnapshot' },
  ...given,
})

const [here, elsewhere] = [OrganizationId.parse('here'), OrganizationId.parse('elsewhere')]

/** What every audit log keeps to. `open` gives one that may have entries already. */
export const auditLogContract = (
  name: string,
  open: () => Promise<{ readonly log: AuditLog; close(): Promise<void> }>,
): void => {
  describe(`${name} as AuditLog`, () => {
    let log: AuditLog
    let close: () => Promise<void>
    let before: number
    beforeAll(async () => {
      const opened = await open()
      log = opened.log
      close = opened.close
      before = (await log.state()).highestNumber
    }, 60_000)
    afterAll(() => close())

    const numbers = (entries: readonly AuditEntry[]) => entries.map(({ number }) => number - before)
    const found = async (filter: AuditFilter) =>
      numbers((await log.page(filter, { limit: 500 })).entries.filter(({ number }) => number > before))

    it('numbers and chains what is added, several at once and one after the other', async () => {
      const [first, second] = await log.append([someDraft(), someDraft({ action: 'snapshot.create', actor: 'Arno' })])
      const [third] = await log.append([someDraft({ organization: 'elsewhere', at: '2026-11-20T11:00:00.000Z' })])
      expect(numbers([first!, second!, third!])).toEqual([1, 2, 3])
      expect(second!.previousHash).toBe(first!.hash)
      expect(third!.previousHash).toBe(second!.hash)
      expect(first!.hash).toMatch(/^[0-9a-f]{64}$/)
      expect(await log.append([])).toEqual([])
      expect(await log.state()).toEqual({
        head: { number: third!.number, hash: third!.hash },
        highestNumber: third!.number,
      })
      expect((await log.page({}, { limit: 3 })).entries).toEqual([third, second, first])
    })

    it('gives back letter by letter what was hashed, whatever was written', async () => {
      const [odd] = await log.append([
        someDraft({
          actor: "Ä\u0000 \ud800 “ ' \\ 😀",
          code: 'forbidden',
          outcome: 'refused',
          target: null,
          organization: null,
          details: { b: 1.5e300, a: true, 'ü\u0000': 'x\ud800', none: null, negative: -0 },
          at: '2026-11-20T12:00:00.123Z',
        }),
      ])
      const { entries } = await log.page({}, { limit: 1 })
      expect(entries).toEqual([JSON.parse(JSON.stringify(odd))])
      expect(entries[0]!.details).toEqual({ b: 1.5e300, a: true, 'ü\ufffd': 'x\ufffd', none: null, negative: 0 })
      await log.append([
        someDraft({ actor: null, client: null, address: null, requestId: null, action: 'service.start' }),
      ])
    })

    it.each<[string, AuditFilter, readonly number[]]>([
      ['a part of the actor, in any case', { actor: 'ARN' }, [2]],
      ['a part that looks like a wildcard', { actor: '%' }, []],
      ['nobody', { actor: '' }, [5, 4, 3, 2, 1]],
      ['actions', { actions: ['snapshot.create', 'service.start'] }, [5, 2]],
      ['the outcome', { outcome: 'refused' }, [4]],
      ['the target', { target: someDraft().target!, actor: 'olga' }, [3, 1]],
      ['an organization', { organization: elsewhere }, [3]],
      ['a time', { from: '2026-11-20T11:00:00.000Z', to: '2026-11-20T12:00:00.000Z' }, [3]],
      ['what somebody limited may see', { seenBy: { organizations: [elsewhere], actor: 'arno' } }, [3, 2]],
      ['what somebody without organizations may see', { seenBy: { organizations: [], actor: 'nobody' } }, []],
      [
        'an organization out of sight',
        { organization: here, seenBy: { organizations: [elsewhere], actor: 'arno' } },
        [2],
      ],
    ])('is narrowed to %s', async (_, filter, expected) => {
      expect(await found(filter)).toEqual(expected)
      const ascending: number[] = []
      for await (const entries of log.pages(filter, before + 5)) ascending.push(...numbers(entries))
      expect(ascending.filter((number) => number > 0)).toEqual(expected.toReversed())
    })

    it('comes in pages, newest first, until there is no more', async () => {
      const first = await log.page({}, { limit: 2 })
      expect(numbers(first.entries)).toEqual([5, 4])
      expect(first.next! - before).toBe(4)
      const second = await log.page({}, { limit: 2, before: first.next! })
      expect(numbers(second.entries)).toEqual([3, 2])
      expect((await log.page({}, { limit: 5, before: before + 1 + 5 })).entries).toHaveLength(5)
      expect(await log.page({}, { limit: 5, before: 1 })).toEqual({ entries: [], next: null })
    })

    it('is read from the first to the one asked for, also beyond one page, and no further', async () => {
      await log.append(Array.from({ length: 700 }, (_, index) => someDraft({ details: { index } })))
      const read: number[] = []
      let pages = 0
      for await (const entries of log.pages({}, before + 650)) {
        pages++
        read.push(...entries.map(({ number }) => number))
      }
      expect(read).toEqual(Array.from({ length: before + 650 }, (_, index) => index + 1))
      expect(pages).toBeGreaterThan(1)
    })
  })
}
