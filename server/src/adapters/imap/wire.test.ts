import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createWireReader } from './wire.ts'

type Event = readonly [string, string | number | null, boolean?]

/** Feeds bytes in pieces and notes what came out, literals joined. Every other literal chunk holds the reader back. */
const readInPieces = async (pieces: readonly Buffer[]): Promise<{ events: Event[]; failures: unknown[] }> => {
  const events: Event[] = []
  const failures: unknown[] = []
  let literal = ''
  let chunks = 0
  const flush = () => {
    if (literal !== '') events.push(['literal', literal])
    literal = ''
  }
  let ready = () => {}
  const reader = createWireReader(
    {
      line: (text, literalBytes, isContinuation) => {
        flush()
        events.push([text, literalBytes, isContinuation])
      },
      literal: (chunk) => {
        literal += Buffer.from(chunk).toString('latin1')
        if (++chunks % 2 === 0) return new Promise((resolve) => setImmediate(resolve))
      },
    },
    { onFailure: (cause) => failures.push(cause), onReady: () => ready() },
  )
  for (const piece of pieces)
    if (!reader.push(piece) && failures.length === 0)
      await new Promise<void>((resolve) => {
        ready = resolve
      })
  flush()
  return { events, failures }
}

const stream = Buffer.from(
  '* OK [ALERT] ends in {12}\r\n* 1 FETCH (UID 4 BODY[] {12}\r\nab\r\nS1 OK {3) FLAGS ())\r\n' +
    '* LIST () "/" {2}\r\n\r\n\r\n* 2 FETCH (BODY[] ~{0}\r\n)\n+ go\r\nS1 OK done {9}\r\n',
  'latin1',
)

test('lines and literals come out alike however the network cuts them', async () => {
  const { events } = await readInPieces([stream])
  expect(events).toEqual([
    ['* OK [ALERT] ends in {12}', null, false],
    ['* 1 FETCH (UID 4 BODY[] ', 12, false],
    ['literal', 'ab\r\nS1 OK {3'],
    [') FLAGS ())', null, true],
    ['* LIST () "/" ', 2, false],
    ['literal', '\r\n'],
    ['', null, true],
    ['* 2 FETCH (BODY[] ', 0, false],
    [')', null, true],
    ['+ go', null, false],
    ['S1 OK done {9}', null, false],
  ])
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 30 }), async (cuts) => {
      const at = [0, ...new Set(cuts), stream.length].sort((a, b) => a - b)
      const pieces = at.slice(1).map((end, i) => stream.subarray(at[i], end))
      expect((await readInPieces(pieces)).events).toEqual(events)
    }),
    { numRuns: 200 },
  )
})

test('a line without end fails once and is not kept', async () => {
  const { failures } = await readInPieces(Array.from({ length: 20 }, () => Buffer.alloc(100_000, 0x78)))
  expect(failures).toEqual([expect.any(RangeError)])
})
