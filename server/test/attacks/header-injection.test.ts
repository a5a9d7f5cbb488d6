import { request as httpRequest, type IncomingMessage } from 'node:http'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { archiveName } from '../../src/domain/snapshot/archive-name.ts'
import { attachmentNamed } from '../../src/http/download/content-disposition.ts'
import { basic, formType, jsonType, startTestService, type TestService, testSnapshot } from '../doubles/http-service.ts'
import { sendRaw, statusesIn } from '../doubles/raw-connection.ts'

let service: TestService | undefined
afterEach(async () => {
  await service?.close()
  service = undefined
})

const splitting = [
  'x\r\nSet-Cookie: stillbox=evil',
  'x\nSet-Cookie: stillbox=evil',
  'x\r\n\r\n<script>alert(1)</script>',
  'x"; filename="evil.exe',
  "x'; filename*=UTF-8''evil.exe",
  'x\\"; a="',
  'x\0y',
  // Letters whose last byte is CR or LF: what truncates to bytes would split here.
  'x\u010d\u010aSet-Cookie: stillbox=evil',
  'x\u560d\u560aSet-Cookie: stillbox=evil',
  'x\u2028\u2029\u0085y',
  '\u202egpj.exe',
  '../../../etc/passwd',
  '..\\..\\windows\\system32\\x',
  'C:\\x',
  '/etc/passwd',
  // Similar to slashes and dots: they become them where a name is brought into ASCII.
  '\uff0e\uff0e\uff0f\uff0e\uff0e\uff0fetc\uff0fpasswd',
  '\u2025/\u2024x',
  '\u2024bashrc',
  '\uff02; filename=\uff02evil.exe',
  '\u2100\u2105',
  '%2e%2e%2f%0d%0aX: y',
  '=?utf-8?q?x=0d=0aSet-Cookie:_a=3db?=',
  '\ud800\udfff\ud800',
  'con',
  'nul.txt',
  '.htaccess',
  ' ',
  '😀'.repeat(300),
]

/** Both names of the header, by the grammar of RFC 6266 and RFC 8187; fails for anything that does not follow it. */
const namesOf = (header: string): readonly [ascii: string, full: string] => {
  const match =
    /^attachment; filename="([ !#$&-[\]-~]*)"; filename\*=UTF-8''((?:[A-Za-z0-9!#$&+.^_`|~-]|%[0-9A-F]{2})+)$/.exec(
      header,
    )
  if (!match) throw new Error(`not a header of one attachment: ${JSON.stringify(header)}`)
  return [match[1]!, decodeURIComponent(match[2]!)]
}
const isPlainName = (name: string): boolean =>
  name !== '' && !/[\p{Cc}\p{Cf}\u2028\u2029/\\:*?"<>|]/u.test(name) && !name.startsWith('.') && name.isWellFormed()

describe('the name of a download', () => {
  const download = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const path = `/download/${testSnapshot.snapshotId}`
      const sent = httpRequest(`${service!.url}${path}`, { headers: basic() }, (response) => {
        response.resume()
        response.once('end', () => resolve(response))
      })
      sent.once('error', reject)
      sent.end()
    })

  test.each(splitting)('%j stays one name in one header', async (userName) => {
    const name = archiveName({ userName, createdAt: '2026-11-21T00:00:00Z', type: ['mailbox'] })
    for (const archive of [name, userName]) {
      service = await startTestService({
        snapshot: { archiveName: archive },
        archive: {
          sizeBytes: 1,
          modifiedAtMs: 0,
          stream: async function* () {
            yield Buffer.from('x')
          },
          close: async () => {},
        },
      })
      const { statusCode, headers, rawHeaders } = await download()
      expect([statusCode, headers['set-cookie'], headers['content-type']]).toEqual([200, undefined, 'application/zip'])
      expect(rawHeaders.filter((header) => /^content-disposition$/i.test(header))).toHaveLength(1)
      for (const shown of namesOf(headers['content-disposition']!))
        expect([shown, isPlainName(shown)]).toEqual([shown, true])
      await service.close()
    }
  })

  test('is plain whatever the user is called', () => {
    const unit = fc.oneof(fc.constantFrom(...splitting), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 4 }), (parts) => {
        const userName = parts.join('')
        const name = archiveName({ userName, createdAt: '2026-11-21T00:00:00Z', type: ['mailbox'] })
        for (const header of [attachmentNamed(name), attachmentNamed(userName)]) {
          const names = namesOf(header)
          expect([header, names.every(isPlainName)]).toEqual([header, true])
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test.each(['con', 'NUL.txt', 'aux.example', 'COM1', 'lpt9.a.b'])('is no device of Windows: %s', (userName) => {
    const name = archiveName({ userName, createdAt: '2026-11-21T00:00:00Z', type: ['mailbox'] })
    for (const shown of namesOf(attachmentNamed(name)))
      expect(shown).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)\s*(\.|$)/i)
  })
})

const injected = 'X-Injected'
const attacks = [
  `a\r\n${injected}: b`,
  `a%0d%0a${injected}:%20b`,
  `a%0D%0A%0D%0A${injected}`,
  `a\u010d\u010a${injected}: b`,
]

describe('what a caller sends comes back in no header', () => {
  test('from an address, a query, a form or a name', async () => {
    service = await startTestService()
    for (const attack of attacks) {
      const encoded = encodeURIComponent(attack)
      const asked = [
        fetch(`${service.url}/JSON/Status/${encoded}`, { headers: basic() }),
        fetch(`${service.url}/JSON/Invoke/${encoded}`, { method: 'POST', headers: basic() }),
        fetch(`${service.url}/download/${encoded}`, { headers: basic() }),
        fetch(`${service.url}/intercept/snapshots/${encoded}`, { headers: basic() }),
        fetch(`${service.url}/intercept/snapshots?status=${encoded}&organization=${encoded}`, { headers: basic() }),
        fetch(`${service.url}/${encoded}`, { headers: { accept: 'text/html' } }),
        fetch(`${service.url}/session`, {
          method: 'POST',
          headers: formType,
          body: `userName=${encoded}&password=${encoded}`,
        }),
        fetch(`${service.url}/JSON/Invoke/GetUserInfo`, {
          method: 'POST',
          headers: { ...basic(), ...jsonType },
          body: JSON.stringify({ userName: attack }),
        }),
        fetch(`${service.url}/intercept/snapshots`, {
          method: 'POST',
          headers: { ...basic(), ...jsonType },
          body: JSON.stringify({ username: attack, type: 'CALENDAR', action: 'DOWNLOAD', organization: attack }),
        }),
        fetch(`${service.url}/session`, { headers: basic(attack, attack) }),
      ]
      for (const response of await Promise.all(asked)) {
        expect([response.url, response.headers.get(injected)]).toEqual([response.url, null])
        expect([...response.headers.values()].join('\n')).not.toContain(injected)
      }
    }
  })

  test('the id of a request and the place of a new snapshot are our own', async () => {
    service = await startTestService()
    for (const path of ['/intercept/snapshots', '/v1/intercept/snapshots', '/intercept/snapshots/']) {
      const response = await fetch(`${service.url}${path}`, {
        method: 'POST',
        headers: { ...basic(), ...jsonType, 'x-request-id': 'chosen', 'x-forwarded-host': 'evil.example' },
        body: JSON.stringify({ username: 'anna', type: 'CALENDAR', action: 'DOWNLOAD' }),
      })
      expect(response.status).toBe(200)
      expect(response.headers.get('location')).toBe(`${path.replace(/\/$/, '')}/${testSnapshot.snapshotId}`)
      expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f]{16}$/)
    }
  })

  test.each(['X-A: b\rX-Injected: c', 'X-A: b\nX-Injected: c', 'X-A\0: b', 'X A: b'])(
    'a request with %j is refused',
    async (line) => {
      service = await startTestService()
      const { host } = new URL(service.url)
      const answer = await sendRaw(
        service.url,
        `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n${line}\r\nConnection: close\r\n\r\n`,
      )
      expect(statusesIn(answer)).toEqual([400])
    },
  )
})

test('one event is one line of the log, whatever a caller calls himself', async () => {
  service = await startTestService()
  const forged = 'olga\n{"level":30,"msg":"request","caller":"johndoe"}\r\n\u001b[2J\u2028'
  await invokeAs(service.url, forged)
  await fetch(`${service.url}/JSON/Invoke/${encodeURIComponent(forged)}`, { method: 'POST', headers: basic() })
  await fetch(`${service.url}/${encodeURIComponent(forged)}`)
  expect(service.logText.length).toBeGreaterThan(2)
  for (const line of service.logText) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a line of a log has none of them but the one at its end
    expect(line).toMatch(/^\{[^\u0000-\u001f]*\}\n$/)
    expect(JSON.parse(line)).not.toMatchObject({ caller: 'johndoe', msg: 'request', status: undefined })
  }
})

const invokeAs = (url: string, userName: string) =>
  fetch(`${url}/session`, { method: 'POST', headers: jsonType, body: JSON.stringify({ userName, password: 'x' }) })
