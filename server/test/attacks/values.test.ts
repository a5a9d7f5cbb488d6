import { type MethodName, methodNames, methods } from '@stillbox/shared/contract/registry.ts'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { type ComposedService, startComposedService } from '../doubles/composed-service.ts'

vi.setConfig({ hookTimeout: 60_000 })

let service: ComposedService
beforeAll(async () => {
  service = await startComposedService()
})
afterAll(() => service?.close())

/** Values that break out of something where they are put into it as they are: SQL, JSON, HTML, a template, a shell, a log. */
const values: readonly unknown[] = [
  'a\0b',
  '\0',
  '\ud800',
  'a\udc00b',
  '\uffff',
  "'; drop table accounts; --",
  "' or '1'='1",
  '" or ""="',
  '\\',
  '%',
  '_%',
  '$1',
  '$$',
  ':name',
  '{{7*7}}',
  '#{7*7}',
  '<script>alert(1)</script>',
  '*)(uid=*',
  '$(id)',
  'x\r\ny',
  '\u202e',
  '../..',
  'x'.repeat(100_000),
  '',
  ' ',
  null,
  true,
  -1,
  1e308,
  2 ** 53,
  [],
  ['a\0b'],
  [null],
  {},
  { $gt: '' },
  { toString: 'x' },
  [[['x']]],
]
const fixed: Readonly<Record<string, unknown>> = {
  organization: 'here',
  userName: 'operator-here',
  oldUserName: 'operator-here',
  type: ['mailbox'],
  start: '2026-01-01',
  end: '2026-02-01',
  privileges: 'auditor',
  organizations: ['here'],
  password: 'a password for everybody',
  snapshotId: '3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2',
}
/** The other parameters are good, so that the one under attack gets as far as it can. */
const goodParams = (method: MethodName): Record<string, unknown> => {
  const { required = [] } = z.toJSONSchema(methods[method].params, { io: 'input', unrepresentable: 'any' })
  return Object.fromEntries(required.filter((name) => name in fixed).map((name) => [name, fixed[name]]))
}
/** What would only keep the attacker himself out, or all others. */
const aboutNobody: ReadonlySet<string> = new Set(['DeleteUser', 'EndSession'])

test.each(methodNames)(
  '%s takes none of its parameters for more than a value',
  async (method) => {
    const broken: string[] = []
    for (const name of Object.keys(methods[method].params.shape))
      for (const value of values) {
        const params = {
          ...goodParams(method),
          ...(aboutNobody.has(method) ? { userName: 'nobody' } : {}),
          [name]: value,
        }
        const { status, text } = await service.invoke(method, params)
        if (status !== 200 && /Something went wrong in the service itself/.test(text))
          broken.push(`${name} = ${JSON.stringify(value)?.slice(0, 60)}`)
      }
    expect(broken).toEqual([])
  },
  60_000,
)

test('the accounts are still there, and whoever was made by it is called as it was said', async () => {
  const users = (await service.invoke('GetUsers', {})).answer as { userName: string; fullName: string }[]
  const names = users.map(({ userName }) => userName)
  expect(names).toContain('admin')
  expect(names.filter((name) => /[\p{C}\p{Zl}\p{Zp}:]/u.test(name))).toEqual([])
  expect(users.filter(({ fullName }) => /[\p{Cc}\p{Cs}]/u.test(fullName))).toEqual([])
})

test('nothing was logged as a mistake of the service, and no value of a caller', () => {
  const errors = service.logLines.filter((line) => /"level":(50|60)/.test(line))
  expect(errors).toEqual([])
  expect(service.logLines.join('')).not.toMatch(/drop table|<script|7\*7/)
})
