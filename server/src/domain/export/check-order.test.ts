import { expect, it } from 'vitest'
import { checkOrder } from './check-order.ts'

const order = { format: 'pst', words: null, maxGb: null } as const

it.each([
  [{ words: 'w '.repeat(32) }, null],
  [{ words: 'w '.repeat(33) }, 'Items are found by 32 words at most, of 1,000 characters together.'],
  [{ words: 'w'.repeat(1_001) }, 'Items are found by 32 words at most, of 1,000 characters together.'],
  [{ maxGb: 49 }, null],
  [{ maxGb: 0.5 }, 'The largest size of a file is 1 to 49 GB.'],
  [{ maxGb: 50 }, 'The largest size of a file is 1 to 49 GB.'],
  [{ maxGb: Number.NaN }, 'The largest size of a file is 1 to 49 GB.'],
])('answers %j with %s', (asked, reason) => {
  const check = () => checkOrder({ ...order, ...asked })
  if (reason === null) expect(check).not.toThrow()
  else expect(check).toThrow(expect.objectContaining({ code: 'invalid_params', details: { reason } }))
})
