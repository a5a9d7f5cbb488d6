import { expect, test } from 'vitest'
import { recoveryCodesFile } from './recovery-codes-file.ts'

const given = {
  codes: ['aaaaa-bbbbb', 'ccccc-ddddd'],
  userName: 'olga',
  origin: 'https://stillbox.example.org',
  madeAt: new Date('2026-11-17T14:00:00Z'),
}

test('the file holds every code on a line of its own and says whose they are', () => {
  const { name, text } = recoveryCodesFile(given)
  expect(name).toBe('stillbox-recovery-codes-olga.txt')
  expect(text.split('\r\n')).toEqual(expect.arrayContaining(given.codes))
  expect(text).toContain('olga at https://stillbox.example.org')
  expect(text).toContain('2026-11-17')
})

test('a user name cannot name another file', () => {
  const { name } = recoveryCodesFile({ ...given, userName: '../../etc\\x:<y>|z' })
  expect(name).toBe('stillbox-recovery-codes-..-..-etc-x-y-z.txt')
})
