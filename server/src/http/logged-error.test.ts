import { expect, test } from 'vitest'
import { loggedError } from './logged-error.ts'

test('an error is logged without what a library hung on it', () => {
  const refused = Object.assign(new Error('duplicate key', { cause: new Error('below') }), {
    code: '23505',
    params: ['secret-1'],
    detail: 'Key (secret-2) exists',
    config: { headers: { authorization: 'secret-3' } },
  })
  const logged = loggedError(new AggregateError([refused], 'outer', { cause: refused }))
  expect(logged).toMatchObject({
    type: 'AggregateError',
    message: 'outer',
    cause: { code: '23505', message: 'duplicate key', cause: { message: 'below' } },
  })
  expect(JSON.stringify(logged)).not.toMatch(/secret/)
})

test('a ring of causes ends, and what is no error is told as text', () => {
  const ring = new Error('ring')
  ring.cause = ring
  expect(() => JSON.stringify(loggedError(ring))).not.toThrow()
  expect(loggedError('plain')).toEqual({ type: 'string', message: 'plain' })
})
