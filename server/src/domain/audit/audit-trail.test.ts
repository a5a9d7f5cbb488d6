import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryAuditLog } from '../../../test/doubles/memory-audit-log.ts'
import type { AuditDraft } from '../../ports/audit-log.ts'
import { type AuditNote, createAuditTrail } from './audit-trail.ts'
import { createNoteRepeated } from './note-repeated.ts'

const clock = { now: () => new Date('2026-11-20T10:00:00.000Z') }
const note: AuditNote = { action: 'snapshot.expire' }

describe('the audit trail', () => {
  it('fills in what is not said, and makes one plain line of what others wrote', async () => {
    const log = createMemoryAuditLog()
    const { note: write } = createAuditTrail({ log, clock })
    const entry = await write({
      ...note,
      actor: `a\r\n\u0000\u202e\ud800${'x'.repeat(1_000)}`,
      details: { n: 1, s: 'a\tb' },
    })
    expect(entry).toMatchObject({
      number: 1,
      at: '2026-11-20T10:00:00.000Z',
      outcome: 'done',
      code: null,
      client: null,
      target: null,
    })
    expect(entry.actor).toMatch(/^a\ufffd{5}x+…$/)
    expect(entry.actor).toHaveLength(500)
    expect(entry.details).toEqual({ n: 1, s: 'a\ufffdb' })
  })

  it('writes together what comes while it writes, in order, and answers each its own', async () => {
    const log = createMemoryAuditLog()
    const batches: number[] = []
    const append = async (drafts: readonly AuditDraft[]) => {
      batches.push(drafts.length)
      await new Promise((resolve) => setImmediate(resolve))
      return log.append(drafts)
    }
    const trail = createAuditTrail({ log: { append }, clock })
    const entries = await Promise.all(
      Array.from({ length: 250 }, (_, index) => trail.note({ ...note, target: String(index) })),
    )
    expect(entries.map(({ target }) => target)).toEqual(Array.from({ length: 250 }, (_, index) => String(index)))
    expect(batches).toEqual([1, 100, 100, 49])
    await trail.settled()
  })

  it('fails for whom it could not write, and goes on', async () => {
    const log = createMemoryAuditLog()
    let isBroken = true
    const trail = createAuditTrail({
      log: { append: async (drafts) => (isBroken ? Promise.reject(new Error('no database')) : log.append(drafts)) },
      clock,
    })
    const first = await Promise.allSettled([trail.note(note), trail.note(note)])
    expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    isBroken = false
    await expect(trail.note(note)).resolves.toMatchObject({ number: 1 })
  })

  it('holds a bounded number of notes while the database does not answer', async () => {
    const trail = createAuditTrail({ log: { append: () => new Promise(() => {}) }, clock })
    const refused: unknown[] = []
    for (let index = 0; index < 10_050; index++) trail.note(note).catch((error: unknown) => refused.push(error))
    await Promise.resolve()
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.length).toBeLessThan(60)
    expect(refused[0]).toMatchObject({ code: 'too_busy' })
  })
})

describe('what comes again and again', () => {
  beforeEach(() => vi.useFakeTimers({ now: new Date('2026-11-20T10:00:00.000Z') }))
  afterEach(() => vi.useRealTimers())
  const start = ({ keysAtMost = 3 } = {}) => {
    const notes: AuditNote[] = []
    const errors: unknown[] = []
    let failure: Error | null = null
    const repeated = createNoteRepeated(
      {
        note: async (one) => {
          if (failure) throw failure
          notes.push(one)
        },
        clock: { now: () => new Date() },
        onError: (error) => errors.push(error),
      },
      { everyMs: 60_000, keysAtMost },
    )
    return {
      notes,
      errors,
      repeated,
      fail: (error: Error | null) => {
        failure = error
      },
    }
  }

  it('is told at once and then counted, until the time is over', async () => {
    const { notes, repeated } = start()
    for (const code of ['a', 'b', 'c']) await repeated.note('key', { ...note, code })
    expect(notes).toEqual([{ ...note, code: 'a' }])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(notes.slice(1)).toEqual([{ ...note, code: 'c', details: { repeated: 2 } }])
    await repeated.note('key', { ...note, code: 'd' })
    await vi.advanceTimersByTimeAsync(600_000)
    expect(notes.slice(2)).toEqual([{ ...note, code: 'd' }])
  })

  it('is one count for all that are too many', async () => {
    const { notes, repeated } = start()
    for (let index = 0; index < 1_000; index++) await repeated.note(`key ${index}`, { ...note, actor: `name ${index}` })
    expect(notes).toHaveLength(3)
    await repeated.flush()
    expect(notes.slice(3)).toEqual([{ ...note, actor: '', details: { repeated: 997, ofMany: true } }])
    await repeated.flush()
    expect(notes).toHaveLength(4)
  })

  it('is the first again when it could not be told, and tells of a count that was lost', async () => {
    const { notes, errors, repeated, fail } = start()
    fail(new Error('no database'))
    await expect(repeated.note('key', note)).rejects.toThrow('no database')
    fail(null)
    await repeated.note('key', note)
    await repeated.note('key', note)
    expect(notes).toHaveLength(1)
    fail(new Error('no database'))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(errors).toEqual([new Error('no database')])
  })
})
