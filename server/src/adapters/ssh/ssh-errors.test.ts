import { describe, expect, test } from 'vitest'
import { fromWords, peerOf, readable, toConnectionError } from './ssh-errors.ts'

const peer = peerOf({ host: 'backup.example', port: 22, username: 'anna', path: '/in', timeoutMs: 1_500 })

describe('what a server says', () => {
  test.each([
    ['scp: /in/a: No space left on device', 'destination_full'],
    ['cat: write error: Disk quota exceeded', 'destination_full'],
    ['scp: /in/a: Permission denied', 'destination_no_permission'],
    ['sh: 1: cannot create ./a: Read-only file system', 'destination_no_permission'],
    ['scp: /in/a: No such file or directory', 'destination_folder_missing'],
  ])('%s', (text, code) => {
    expect(fromWords(peer, text)?.code).toBe(code)
  })

  test('is left to others when it is about something else', () => {
    expect(fromWords(peer, 'Failure')).toBeNull()
  })

  test('is shown as one printable line', () => {
    expect(readable(`a\r\n\u001b[31mb\u202e${'x'.repeat(500)}`)).toMatch(/^a \[31mb x{190,}$/)
    expect(readable('\n')).toBe('no reason given')
  })

  test.each([
    [{ code: 'ECONNREFUSED', level: 'client-socket' }, 'destination_unreachable'],
    [{ code: 'ENOTFOUND', level: 'client-socket' }, 'destination_unreachable'],
    [{ level: 'client-timeout' }, 'destination_timeout'],
    [{ level: 'client-authentication' }, 'destination_sign_in_refused'],
    [{ message: 'Connection lost before handshake' }, 'destination_unreachable'],
    [{ message: 'Handshake failed: no matching host key format', level: 'handshake' }, 'destination_protocol'],
    [{ message: 'Bad packet length' }, 'destination_protocol'],
    [null, 'destination_protocol'],
  ])('ends a connection: %j', (error, code) => {
    const known = toConnectionError(peer, error)
    expect(known.code).toBe(code)
    expect(known.message).toContain('backup.example:22')
    expect(toConnectionError(peer, known)).toBe(known)
  })

  test('names an address of IPv6 so that its port can be told from it', () => {
    expect(peerOf({ host: '2001:db8::7', port: 22, timeoutMs: 1 }).host).toBe('[2001:db8::7]:22')
  })
})
