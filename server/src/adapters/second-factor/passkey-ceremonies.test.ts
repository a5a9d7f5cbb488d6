import { describe, expect, test } from 'vitest'
import { createAuthenticator } from '../../../testkit/authenticator.ts'
import { createPasskeyCeremonies } from './passkey-ceremonies.ts'

const registered = async (publicUrl: string | null, origin: string) => {
  const ceremonies = createPasskeyCeremonies({ publicUrl })
  const user = { userName: 'olga', fullName: '', known: [] }
  const { challenge } = await ceremonies.registrationOptions(user)
  return ceremonies.verifyRegistration(createAuthenticator({ origin }).create({ challenge }), challenge)
}

describe('a passkey that is made', () => {
  test.each([
    [null, 'http://localhost:8462', true],
    // As with the certificate of `stillbox certs --host localhost`.
    [null, 'https://localhost:8462', true],
    [null, 'https://stillbox.example.org', false],
    [null, 'http://localhost.example.org', false],
    ['https://stillbox.example.org', 'https://stillbox.example.org', true],
    ['https://stillbox.example.org:8462', 'https://stillbox.example.org:8462', true],
    ['https://stillbox.example.org', 'http://stillbox.example.org', false],
    ['https://stillbox.example.org', 'https://stillbox.example.org:8463', false],
    ['https://stillbox.example.org', 'https://localhost', false],
  ])('with publicUrl %s at %s counts: %s', async (publicUrl, origin, counts) => {
    expect((await registered(publicUrl, origin)) !== null).toBe(counts)
  })
})
