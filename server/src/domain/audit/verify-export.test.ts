import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import { describe, expect, it } from 'vitest'
import { createMemoryAuditLog } from '../../../test/doubles/memory-audit-log.ts'
import { someDraft } from '../../ports/audit-log.contract.ts'
import { csvHead, csvLine, jsonLine } from './audit-export.ts'
import { verifyExport } from './verify-export.ts'

const someLog = async (count = 5): Promise<readonly AuditEntry[]> => {
  const log = createMemoryAuditLog()
  return log.append(
    Array.from({ length: count }, (_, index) =>
      someDraft({ at: `2026-11-20T10:00:0${index % 10}.000Z`, details: { index } }),
    ),
  )
}
async function* bytesOf(text: string, size = 100) {
  const bytes = Buffer.from(text)
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

describe('an exported audit log', () => {
  it('is whole by itself', async () => {
    const entries = await someLog()
    const text = entries.map(jsonLine).join('')
    for (const size of [1, 7, 10_000])
      expect(await verifyExport(bytesOf(text, size))).toEqual({
        entryCount: 5,
        firstAt: entries[0]!.at,
        lastAt: entries[4]!.at,
        headHash: entries[4]!.hash,
        hasHead: true,
        fault: null,
      })
    expect(await verifyExport(bytesOf(''))).toMatchObject({ entryCount: 0, headHash: null, fault: null })
  })

  it('is compared with a hash that was written down', async () => {
    const entries = await someLog()
    const text = entries.map(jsonLine).join('')
    expect(await verifyExport(bytesOf(text), entries[2]!.hash)).toMatchObject({ hasHead: true, fault: null })
    expect(await verifyExport(bytesOf(text), 'ab'.repeat(32))).toMatchObject({ hasHead: false, fault: null })
  })

  it.each<[string, (lines: string[]) => string, number, string]>([
    ['a changed letter', (lines) => lines.join('').replace('"index":2', '"index":7'), 3, 'was changed'],
    ['a line that is gone', (lines) => lines.toSpliced(1, 1).join(''), 2, 'is missing'],
    ['two lines exchanged', ([a, b, ...rest]) => [b, a, ...rest].join(''), 1, 'is missing'],
    ['an end that is cut within a line', (lines) => lines.join('').slice(0, -10), 5, 'cannot be read'],
    ['a key too many', (lines) => lines.join('').replace('"number":4', '"note":"x","number":4'), 4, 'is no entry'],
    ['text that is no JSON', () => 'hello\n', 1, 'is no entry'],
    ['a value that cannot be canonical', (lines) => lines.join('').replace('"olga"', '"\\ud800"'), 1, 'was changed'],
    ['a control character', (lines) => lines.join('').replace('olga', '\u0000'), 1, 'is no entry'],
  ])('shows %s', async (_, change, number, words) => {
    const text = change((await someLog()).map(jsonLine))
    const { fault, entryCount } = await verifyExport(bytesOf(text))
    expect(fault).toEqual({ number, text: expect.stringContaining(words) })
    expect(entryCount).toBe(number - 1)
  })
})

describe('the audit log as a table', () => {
  it('quotes as RFC 4180 does and lets no spreadsheet compute', async () => {
    const [entry] = await someLog(1)
    const cells = (given: Partial<AuditEntry>) => csvLine({ ...entry!, ...given }).split(',')
    expect(csvHead).toBe(
      'number,at,action,outcome,code,actor,client,address,requestId,target,organization,details,previousHash,hash\r\n',
    )
    expect(csvLine(entry!)).toBe(
      `1,2026-11-20T10:00:00.000Z,snapshot.delete,done,,olga,web,192.0.2.1,0011223344556677,${entry!.target},here,"{""index"":0}",${entry!.previousHash},${entry!.hash}\r\n`,
    )
    expect(cells({ actor: '=cmd|x!A1' })[5]).toBe("'=cmd|x!A1")
    for (const first of ['+', '-', '@', '\t']) expect(cells({ actor: `${first}1` })[5]).toBe(`'${first}1`)
    expect(csvLine({ ...entry!, actor: '=1,"2"' })).toContain(`,"'=1,""2""",web,`)
    expect(csvLine({ ...entry!, actor: 'a\r\nb' })).toContain('"a\r\nb"')
  })
})
