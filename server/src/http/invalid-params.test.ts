import { afterEach, expect, test } from 'vitest'
import { basic, jsonType, startTestService, type TestService } from '../../test/doubles/http-service.ts'

let service: TestService | undefined
afterEach(async () => {
  await service?.close()
  service = undefined
})

const upload = { userName: 'anna', type: ['contacts'], action: 'sftp' }
const ssh = { host: 'vault.example.org', username: 'ox', path: '/in', fingerprint: `SHA256:${'A'.repeat(43)}` }

test.each([
  ['/session', { userName: 5, password: ['x'] }, 'userName: is not text; password: is not text.'],
  ['/session', { userName: 'olga', password: 'x', totp: 123_456 }, 'totp: is not text.'],
  ['/session', { userName: 'olga', password: 'x', passkey: 3 }, 'passkey: is not an object.'],
  ['/session', [], 'a sign-in is an object with userName and password.'],
  ['/session', { userName: 'olga' }, 'password: is missing.'],
  ['/JSON/Invoke/CreateSnapshot', { ...upload, ssh: { ...ssh, host: 4 } }, 'ssh.host: is not text.'],
  [
    '/JSON/Invoke/CreateSnapshot',
    { ...upload, ssh: { ...ssh, path: undefined, port: 0 } },
    'ssh.port: is a whole number from 1 to 65535; ssh.path: is missing.',
  ],
  ['/JSON/Invoke/CreateSnapshot', { ...upload, type: [1] }, /^type is one or several of mailbox, calendar, contacts/],
])('what is wrong at %s with %j is told by the name of the field', async (path, body, words) => {
  service = await startTestService()
  const headers = { ...jsonType, ...basic() }
  const response = await fetch(`${service.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await response.text()
  const told = path === '/session' ? (JSON.parse(text) as { message: string }).message : text
  if (typeof words === 'string') expect(told).toBe(words)
  else expect(told).toMatch(words)
})
