import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { secret } from './secret.ts'

test('a secret prints as [secret] whichever way it is printed, and is revealed on request only', () => {
  const password = secret('hunter2')
  expect(password.reveal()).toBe('hunter2')
  expect(String(password)).toBe('[secret]')
  expect(`${password}`).toBe('[secret]')
  expect(JSON.stringify({ password, deep: [password] })).toBe('{"password":"[secret]","deep":["[secret]"]}')
  expect(inspect({ password }, { depth: 9, showHidden: true })).not.toContain('hunter2')
  expect(inspect(password)).toBe('[secret]')
})

test('a secret does not cross to another thread by accident', () => {
  expect(() => structuredClone(secret('hunter2'))).toThrow()
})
