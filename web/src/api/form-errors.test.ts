import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { expect, test } from 'vitest'
import { formErrors } from './form-errors.ts'

const refused = (reason: string) => new AppError('invalid_params', { details: { reason } })
const passwordWords = { currentPassword: 'current password', password: 'password' }

test.each([
  ['currentPassword is wrong.', { currentPassword: 'The current password is wrong.' }, null],
  ['the password has fewer than 12 characters.', { password: 'The password has fewer than 12 characters.' }, null],
  ['password: is missing', { password: 'Is missing.' }, null],
  [
    'this account has 50 tokens already; delete one of them.',
    {},
    'This account has 50 tokens already; delete one of them.',
  ],
])('“%s” is told where it belongs', (reason, fields, form) => {
  expect(formErrors(refused(reason), passwordWords)).toEqual({ fields, form })
})

test('a name that is taken and the last administrator stand beside their fields', () => {
  const taken = new AppError('name_taken', { details: { userName: 'olga' } })
  expect(formErrors(taken, { userName: 'user name' }).fields.userName).toContain('“olga”')
  expect(formErrors(taken, { oldUserName: 'name', newUserName: 'new name' }).fields.newUserName).toContain('“olga”')
  const last = new AppError('last_administrator')
  expect(formErrors(last, { privileges: 'role' }).fields.privileges).toBe(last.message)
  expect(formErrors(last, { userName: 'user name' }).form).toBe(last.message)
})

test('nothing is said without an error, and what no code names stays bare', () => {
  expect(formErrors(null, passwordWords)).toEqual({ fields: {}, form: null })
  expect(formErrors(new TypeError('x is undefined'), passwordWords).form).not.toContain('undefined')
})
