import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCsv } from './csv.ts'
import { readAccounts } from './csv-accounts.ts'

const quote = (field: string) => `"${field.replaceAll('"', '""')}"`

test('what is written by RFC 4180 is read back', () => {
  const Rows = fc.array(
    fc.array(fc.string({ unit: fc.constantFrom('a', 'ü', ',', '"', '\n', '\r\n', ' ') }), {
      minLength: 2,
      maxLength: 4,
    }),
  )
  fc.assert(
    fc.property(Rows, fc.constantFrom('\n', '\r\n'), (rows, end) => {
      const text = rows.map((row) => row.map(quote).join(',') + end).join('')
      expect(parseCsv(text).map((record) => record.fields)).toEqual(rows)
    }),
  )
})

test('lines are counted through line breaks in fields, and empty lines left out', () => {
  expect(parseCsv('\ufeffa,b\r\n"1\n2",3\n\n4,"5"')).toEqual([
    { line: 1, fields: ['a', 'b'] },
    { line: 2, fields: ['1\n2', '3'] },
    { line: 5, fields: ['4', '5'] },
  ])
})

test('a large file is read in time that grows with its size only', () => {
  const text = `userName,login\n${Array.from({ length: 100_000 }, (_, n) => `user${n},login${n}\n`).join('')}`
  expect(readAccounts(text).size).toBe(100_000)
})

describe('problems name the line and no content', () => {
  test.each([
    ['', 'line 1: the file is empty'],
    ['userName,logn\n', 'line 1: column 2 is not known'],
    ['login,mail\n', 'line 1: the column userName is missing'],
    ['userName,login,LOGIN\n', 'line 1: a column is there twice'],
    ['userName,login\na,b\nc\n', 'line 3: 1 fields where the first line names 2 columns'],
    ['userName,login\n,secret\n', 'line 2: userName is empty'],
    ['userName,login\nAnna,secret\nbruno,b\nanna ,secret\n', 'line 4: this userName is already on line 2'],
    ['userName,login\na,"secret\n', 'line 2: a quote is opened and never closed'],
    ['userName,login\na,"x"secret\n', 'line 2: text follows a closing quote'],
    ['userName,login\na,sec"ret\n', 'line 2: a quote in the middle of a field'],
  ])('%j', (text, problem) => {
    expect(() => readAccounts(text)).toThrow(problem)
    try {
      readAccounts(text)
    } catch (error) {
      expect(String(error)).not.toContain('secret')
    }
  })
})
