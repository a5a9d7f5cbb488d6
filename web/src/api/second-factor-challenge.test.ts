import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { expect, test } from 'vitest'
import { challengeIn } from './second-factor-challenge.ts'

const required = (details: Record<string, string>) => new AppError('second_factor_required', { details })

test('an authenticator app and passkeys are told apart', () => {
  expect(challengeIn(required({ methods: 'totp,recoveryCode' }))).toEqual({ hasApp: true, passkeyOptions: null })
  expect(challengeIn(required({ methods: 'passkey,recoveryCode', passkeyOptions: '{"challenge":"abc"}' }))).toEqual({
    hasApp: false,
    passkeyOptions: { challenge: 'abc' },
  })
})

test('options that are no object count as none', () => {
  for (const passkeyOptions of ['', 'null', '{', '"text"'])
    expect(challengeIn(required({ methods: 'passkey', passkeyOptions }))?.passkeyOptions).toBeNull()
})

test('another refusal asks for nothing', () => {
  expect(challengeIn(new AppError('second_factor_refused'))).toBeNull()
  expect(challengeIn(new TypeError('x'))).toBeNull()
})
