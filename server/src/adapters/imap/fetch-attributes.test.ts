import { expect, test } from 'vitest'
import { type FetchAttributes, parseInternalDate, readAttributes } from './fetch-attributes.ts'

const read = (text: string, from = 0) => {
  const attributes: FetchAttributes = {}
  return { state: readAttributes(text, from, attributes), attributes }
}

test('attributes are read in any order and spelling, up to the literal', () => {
  expect(
    read(
      ' UID 4827313 flags (\\Seen $Later \\Recent) InternalDate "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 44827 MODSEQ (917162500) EMAILID (M1) THREADID NIL BODY[] ',
    ),
  ).toEqual({
    state: { awaits: 'BODY[]' },
    attributes: {
      uid: 4827313,
      flags: ['$Later', '\\Seen'],
      internalDate: '17-Jul-1996 02:44:25 -0700',
      sizeBytes: 44827,
      modSeq: '917162500',
      emailId: 'M1',
    },
  })
})

test('a body may be NIL or quoted', () => {
  expect(read(' BODY[] NIL)').attributes.shortBody).toBeNull()
  expect(read(' BODY[]<0> "a \\"b\\" \\\\ )" UID 3)')).toEqual({
    state: { complete: true },
    attributes: { shortBody: 'a "b" \\ )', uid: 3 },
  })
})

test.each([
  [' UID 3'],
  [' FLAGS (\\Seen'],
  [' BODY[HEADER'],
  [' INTERNALDATE "17-Jul'],
  ['rest of a body)'],
  [' Subject: more)'],
  [' UID 3) UID 4)'],
  [' UID'],
])('%j does not end a FETCH', (text) => {
  const { state } = read(text)
  expect(state === null || 'awaits' in state).toBe(true)
})

test.each([
  ['17-Jul-1996 02:44:25 -0700', '1996-07-17T09:44:25Z'],
  [' 1-Jan-2024 00:00:00 +0530', '2023-12-31T18:30:00Z'],
  ['29-FEB-2024 23:59:59 +0000', '2024-02-29T23:59:59Z'],
])('INTERNALDATE %j', (text, iso) => {
  expect(parseInternalDate(text)).toBe(Date.parse(iso))
})

test('what is no date is null', () => {
  for (const text of ['', 'yesterday', '17-Foo-1996 02:44:25 -0700', '1996-07-17T02:44:25Z'])
    expect(parseInternalDate(text)).toBeNull()
})

test('a UID beyond 32 bits or zero is no UID', () => {
  for (const uid of ['0', '4294967296', '-1', 'x']) expect(read(` UID ${uid})`).attributes.uid).toBeUndefined()
})
