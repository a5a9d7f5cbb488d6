import { describe, expect, test } from 'vitest'
import { createPasswords, defaultCost } from './password.ts'

const cheap = createPasswords({ memoryKib: 8, passes: 1, lanes: 1 })

test('the default cost is argon2id with 19 MiB and two passes, in PHC form', async () => {
  const passwords = createPasswords()
  const phc = await passwords.hash('pässword')
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(await passwords.verify('pässword', phc)).toBe(true)
  expect(defaultCost.memoryKib).toBe(19_456)
})

test('reads what another implementation of argon2id has written', async () => {
  // Made with the reference implementation: argon2 somesalt -id -t 2 -m 16 -p 1, password "password".
  const phc = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  expect(await cheap.verify('password', phc)).toBe(true)
  expect(await cheap.verify('Password', phc)).toBe(false)
})

describe('verify', () => {
  test('salts differ, and the same word in another Unicode form is the same password', async () => {
    const first = await cheap.hash('caf\u00e9')
    expect(await cheap.hash('caf\u00e9')).not.toBe(first)
    expect(await cheap.verify('cafe\u0301', first)).toBe(true)
    expect(await cheap.verify('cafe', first)).toBe(false)
    expect(await cheap.verify('', first)).toBe(false)
  })

  test.each([
    '',
    'plain',
    '$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=9999999,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=8,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  ])('%s is nobody’s hash', async (phc) => {
    expect(await cheap.verify('password', phc)).toBe(false)
  })

  test('a flood is turned away before it fills the memory', async () => {
    const phc = await cheap.hash('x')
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => cheap.verify('x', phc)))
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(200 - 2 - 64)
    expect(refused.every((outcome) => outcome.reason.code === 'too_busy')).toBe(true)
    expect(await cheap.verify('x', phc)).toBe(true)
  })
})
