import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { expect, test } from 'vitest'
import { errorText, fieldError, nextStep } from './error-text.ts'

const fields = ['userName', 'type', 'action', 'start', 'end']
const refused = (reason: string) => new AppError('invalid_params', { details: { reason } })

test.each([
  ['organization: unknown; userName: too long.', { userName: 'too long.' }],
  ['start is required when type includes mailbox.', { start: 'start is required when type includes mailbox.' }],
  ['end must be later than start.', { end: 'end must be later than start.' }],
  ['say whose data to capture: userName is empty.', { userName: 'say whose data to capture: userName is empty.' }],
  ['the weekend is no date.', null],
])('“%s” stands beside its field', (reason, found) => {
  expect(fieldError(refused(reason), fields)).toEqual(found)
})

test('some refusals name their field by their code, where the form has it', () => {
  expect(fieldError(new AppError('source_missing'), fields)).toHaveProperty('type')
  expect(fieldError(new AppError('destination_name_taken'), ['name', 'host'])).toHaveProperty('name')
  expect(fieldError(new AppError('destination_name_taken'), fields)).toBeNull()
  const missing = new AppError('destination_secret_missing', { details: { authMethod: 'password', field: 'password' } })
  expect(fieldError(missing, ['password', 'host'])).toEqual({
    password: expect.stringMatching(/^The sign-in by password needs password\./),
  })
  expect(fieldError(new AppError('too_busy'), fields)).toBeNull()
})

test('a mail server that is down and a service that is down are told apart', () => {
  const down = (host: string) => new AppError('source_unreachable', { details: { host, reason: 'no connection' } })
  expect(errorText(down('Stillbox'))).toMatch(/^Stillbox does not answer/)
  expect(errorText(down('imap.example'))).toBe('The server imap.example did not answer: no connection')
  expect(errorText(new TypeError('x is undefined'))).not.toContain('undefined')
})

test('next steps exist for codes of the catalog alone', () => {
  expect(nextStep('source_sign_in_refused')).toMatch(/retry/i)
  expect(nextStep('toString')).toBeNull()
})
