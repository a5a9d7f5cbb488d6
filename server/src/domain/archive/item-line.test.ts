import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ItemRecord } from '../../ports/archive-index.ts'
import { compareRefs, issueLine, itemLine, parseIssueLine, parseItemLine } from './item-line.ts'

const record: ItemRecord = {
  entry: 'mail/INBOX/000012 Hello.eml',
  kind: 'mail',
  folder: 'INBOX',
  sizeBytes: 5,
  sha256: '0'.repeat(64),
  uid: 12,
  uidValidity: '77',
  internalDate: '1996-07-17T02:44:25-07:00',
  flags: ['$Work', '\\Seen'],
  messageId: 'a@b',
  modSeq: '9',
}

test('a line has its keys in one order, however the record was made', () => {
  const expected =
    '{"entry":"mail/INBOX/000012 Hello.eml","kind":"mail","folder":"INBOX","sizeBytes":5,' +
    `"sha256":"${'0'.repeat(64)}","uid":12,"uidValidity":"77","internalDate":"1996-07-17T02:44:25-07:00",` +
    '"flags":["$Work","\\\\Seen"],"messageId":"a@b","modSeq":"9"}'
  expect(itemLine(record)).toBe(expected)
  expect(itemLine(Object.fromEntries(Object.entries(record).reverse()) as ItemRecord)).toBe(expected)
  expect(parseItemLine(expected)).toEqual(record)
})

test('any record comes back from its line', () => {
  const text = fc.string({ unit: 'binary' })
  const optional = { flags: fc.array(text), messageId: text, modSeq: text, emailId: text, threadId: text, etag: text }
  fc.assert(
    fc.property(
      fc.record({
        entry: text.filter((name) => name !== ''),
        folder: text,
        sizeBytes: fc.maxSafeNat(),
        href: text,
        objectUid: text,
      }),
      fc.record(optional, { requiredKeys: [] }),
      (some, more) => {
        const item: ItemRecord = { ...some, ...more, kind: 'calendar', sha256: 'a'.repeat(64) }
        const line = itemLine(item)
        expect(line).not.toContain('\n')
        expect(parseItemLine(line)).toEqual(item)
      },
    ),
  )
})

describe('a line is refused', () => {
  const line = itemLine(record)
  test.each([
    ['that is no JSON', line.slice(1)],
    ['with a space', line.replace(',', ', ')],
    ['with a key twice', line.replace('"uid":12', '"uid":13,"uid":12')],
    ['with another order of keys', `{"kind":"mail",${line.slice(1).replace('"kind":"mail",', '')}`],
    ['with a key of its own', line.replace('"uid"', '"color":"red","uid"')],
    ['of a message without UID', line.replace('"uid":12,', '')],
    ['with an upper-case hash', line.replace('0'.repeat(64), 'A'.repeat(64))],
    ['with a number written another way', line.replace('"sizeBytes":5', '"sizeBytes":5.0')],
    ['with a negative size', line.replace('"sizeBytes":5', '"sizeBytes":-5')],
    ['with a null', line.replace('"messageId":"a@b"', '"messageId":null')],
    ['with an escape that need not be', line.replace('INBOX"', '\\u0049NBOX"')],
  ])('%s', (_, wrong) => {
    expect(wrong).not.toBe(line)
    expect(() => parseItemLine(wrong)).toThrow(expect.objectContaining({ code: 'archive_invalid' }))
  })
})

test('an issue has one line, too', () => {
  const issue = { text: 'It was gone.', code: 'vanished', ref: '11', folder: 'INBOX', kind: 'mail' as const }
  const line = '{"kind":"mail","folder":"INBOX","ref":"11","code":"vanished","text":"It was gone."}'
  expect(issueLine(issue)).toBe(line)
  expect(parseIssueLine(line)).toEqual(issue)
  expect(parseIssueLine(issueLine({ ...issue, ref: null })).ref).toBeNull()
  expect(() => parseIssueLine(line.replace('"ref":"11",', ''))).toThrow('ref')
})

test('refs sort as numbers or by UTF-8 bytes, not by UTF-16 code units', () => {
  expect([10, 9, 100].sort(compareRefs)).toEqual([9, 10, 100])
  expect(['\u{1f600}', '\uff5e', 'b', 'B'].sort(compareRefs)).toEqual(['B', 'b', '\uff5e', '\u{1f600}'])
})
