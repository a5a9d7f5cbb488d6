import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { methodNames, methods } from '@stillbox/shared/contract/registry.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { basic, formType, jsonType, startTestService, type TestService, testPassword } from '../doubles/http-service.ts'
import { openRaw, sendRaw, statusesIn } from '../doubles/raw-connection.ts'

let service: TestService
let host = ''
beforeAll(async () => {
  service = await startTestService({ listen: { requestTimeoutMs: 1_000, stalledMs: 700 } })
  host = `Host: ${new URL(service.url).host}\r\n`
})
afterAll(() => service.close())

const authorization = `Authorization: ${basic().authorization}\r\n`
const post = async (path: string, headers: Record<string, string>, body: string | Buffer) => {
  const response = await fetch(`${service.url}${path}`, { method: 'POST', headers, body })
  return { status: response.status, text: await response.text() }
}
/** The longest the service did nothing else, in ms: asked for at the same time. */
const blockedMsDuring = async (act: () => Promise<unknown>): Promise<number> => {
  let longestMs = 0
  let isOver = false
  const watch = async () => {
    for (let last = performance.now(); !isOver; ) {
      await sleep(5)
      longestMs = Math.max(longestMs, performance.now() - last)
      last = performance.now()
    }
  }
  const watching = watch()
  await act()
  isOver = true
  await watching
  return longestMs
}

const bodyRoutes = [
  '/JSON/Invoke/GetServerInfo',
  '/XML/Invoke/GetServerInfo',
  '/rpc',
  '/intercept/snapshots',
  '/session',
]

describe('a body that is too large is cut off', () => {
  test.each(bodyRoutes)('%s, of somebody who has signed in, beyond 1 MB', async (path) => {
    const answer = await post(path, { ...basic('johndoe'), ...jsonType }, `"${'x'.repeat(1_000_000)}"`)
    expect(answer.text).toContain('larger than the 1 MB allowed')
  })

  test.each(bodyRoutes)('%s, of nobody, beyond 64 KB, so that many connections hold little', async (path) => {
    const { text } = await post(path, jsonType, `"${'x'.repeat(64_000)}"`)
    // The snapshot API is closed to him before anything is read.
    expect(text).toContain(path.startsWith('/intercept') ? 'Sign in first' : 'larger than the 64 KB allowed')
  })

  test('in chunks without end, whatever it says of its length', async () => {
    const connection = await openRaw(service.url)
    connection.send(
      `POST /session HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    )
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    let sent = 0
    for (; sent < 2_000 && !connection.isClosed(); sent++) {
      connection.send(chunk)
      await sleep(1)
    }
    await connection.closed()
    expect(statusesIn(connection.received())[0]).toBe(413)
    expect(sent).toBeLessThan(2_000)
    connection.close()
  })

  test('that nobody reads because the caller may not call is cut off too', async () => {
    const connection = await openRaw(service.url)
    connection.send(`POST /intercept/snapshots HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`)
    await connection.closed(5_000)
    expect(statusesIn(connection.received())[0]).toBe(401)
    connection.close()
  })
})

describe('a body that would grow is refused unread', () => {
  const bomb = gzipSync(Buffer.alloc(10_000_000, 'a'))
  test.each(['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'x-gzip', 'GZIP', 'compress', 'identity, gzip'])(
    'Content-Encoding: %s',
    async (coding) => {
      for (const path of ['/JSON/Invoke/GetServerInfo', '/rpc', '/session', '/intercept/snapshots']) {
        const { status, text } = await post(path, { ...basic(), ...jsonType, 'content-encoding': coding }, bomb)
        expect([status, text]).toEqual([expect.toBeOneOf([400, 500]), expect.stringContaining('send it uncompressed')])
      }
    },
  )

  test.each(['utf-7', 'utf-16le', 'iso-8859-1', 'x-user-defined', '"utf-7"'])('in the charset %s', async (charset) => {
    const headers = { ...basic(), 'content-type': `application/json; charset=${charset}` }
    expect((await post('/JSON/Invoke/GetServerInfo', headers, '{}')).text).toContain('write it in UTF-8')
  })

  test('in UTF-8 that is none', async () => {
    for (const bytes of [[0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff]]) {
      const body = Buffer.concat([Buffer.from('{"userName":"'), Buffer.from(bytes), Buffer.from('"}')])
      expect((await post('/JSON/Invoke/GetUserInfo', { ...basic(), ...jsonType }, body)).text).toContain('not UTF-8')
    }
  })
})

describe('a body that is made to cost', () => {
  const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const many = (count: number, key: (n: number) => string) =>
    `{${Array.from({ length: count }, (_, n) => `"${key(n)}":1`).join(',')}}`
  test.each([
    ['lists in lists', '['.repeat(499_000) + ']'.repeat(499_000)],
    ['objects in objects', deep(160_000)],
    ['objects within a parameter', `{"name":"x","response":${deep(150_000)}}`],
    ['90,000 parameters', many(90_000, (n) => `k${n}`)],
    // Multiples of a power of two are a worst case of simple hash tables, numbers as names one of V8's.
    ['parameters named by numbers', many(60_000, (n) => String(n * 65_536))],
    ['330,000 wrong types', JSON.stringify({ userName: 'x', type: Array(330_000).fill(1) })],
    ['240,000 wrong organizations', JSON.stringify({ userName: 'x', organizations: Array(240_000).fill('!') })],
    ['a number of a million digits', `{"limit":${'9'.repeat(900_000)}}`],
    ['a text of escapes', `{"userName":"${'\\u0041'.repeat(160_000)}"}`],
    ['an unclosed text', `{"userName":"${'\\'.repeat(900_001)}`],
  ])('%s', async (_, body) => {
    const headers = { ...basic(), ...jsonType }
    for (const method of ['CreateSnapshot', 'GetSnapshots', 'CreateUser', 'ConfirmPasskey']) {
      let status = 0
      const ms = await blockedMsDuring(async () => {
        status = (await post(`/JSON/Invoke/${method}`, headers, body)).status
      })
      expect([method, status]).toEqual([method, 500])
      expect(ms).toBeLessThan(2_000)
    }
    expect((await post('/session', jsonType, body.slice(0, 63_000))).status).toBe(400)
  })

  test('every list a method takes has a longest length, which is checked before its parts', () => {
    const listsIn = (schema: unknown, path: string): string[] => {
      if (typeof schema !== 'object' || schema === null) return []
      const own = 'type' in schema && schema.type === 'array' && !('maxItems' in schema) ? [path] : []
      return [...own, ...Object.entries(schema).flatMap(([key, part]) => listsIn(part, `${path}.${key}`))]
    }
    const endless = methodNames.flatMap((name) =>
      listsIn(z.toJSONSchema(methods[name].params, { io: 'input', unrepresentable: 'any' }), name),
    )
    expect(endless).toEqual([])
  })

  test('a form of more than a thousand fields, or of nothing but separators', async () => {
    const fields = Array.from({ length: 1_001 }, (_, n) => `a${n}=1`).join('&')
    for (const form of [fields, '&'.repeat(900_000)])
      expect((await post('/JSON/Invoke/GetServerInfo', { ...basic(), ...formType }, form)).text).toContain(
        'too many fields',
      )
    expect((await post('/session', formType, '&'.repeat(60_000))).text).toContain('too many fields')
  })

  test('more than fifty calls in one', async () => {
    const call = { jsonrpc: '2.0', id: 1, method: 'GetServerInfo' }
    const calls = service.calls.length
    for (const count of [51, 10_000]) {
      const { text } = await post('/rpc', { ...basic(), ...jsonType }, JSON.stringify(Array(count).fill(call)))
      expect(text).toContain('a batch has at most 50 calls')
    }
    expect(service.calls).toHaveLength(calls)
  })

  test.each([
    ['20 KB of one header', `A: ${'b'.repeat(20_000)}\r\n`, 431],
    ['3,000 headers', 'a:b\r\n'.repeat(3_000), 431],
    ['a chunk’s extension of 100 KB', `Transfer-Encoding: chunked\r\n\r\n0;${'a'.repeat(100_000)}\r\n`, 413],
    ['10,000 trailers', `Transfer-Encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(10_000)}`, 431],
  ])('%s', async (_, headers, status) => {
    const line = `POST /JSON/Invoke/GetServerInfo HTTP/1.1\r\n${host}${authorization}`
    expect(statusesIn(await sendRaw(service.url, `${line}${headers}\r\n`)).at(-1)).toBe(status)
  })

  test('an address of 20 KB', async () => {
    const line = `GET /${'b'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`
    expect(statusesIn(await sendRaw(service.url, line))).toEqual([431])
  })

  test('headers that are made for slow patterns', async () => {
    const worst = {
      range: `bytes=${'0-0,'.repeat(3_000)}`,
      'if-none-match': `${'W/"'.repeat(4_000)}`,
      authorization: `Basic ${' '.repeat(8_000)}x${'='.repeat(4_000)}`,
      cookie: 'stillbox='.repeat(1_500),
      accept: 'a/b;q=0.1,'.repeat(1_300),
    }
    for (const [name, value] of Object.entries(worst)) {
      const ms = await blockedMsDuring(() =>
        fetch(`${service.url}/intercept/snapshots/3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2`, {
          headers: { ...basic(), [name]: value },
        }).then((response) => response.text()),
      )
      expect([name, ms < 1_500]).toEqual([name, true])
    }
  })
})

describe('names that stand for something in JavaScript', () => {
  const names = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '__defineGetter__',
    'valueOf',
    'then',
  ]
  test.each(names)('%s is no parameter, method, organization or state', async (name) => {
    const headers = { ...basic(), ...jsonType }
    const values = [`{"${name}":{"isAdmin":true,"role":"administrator"}}`, `{"${name}":"x"}`]
    for (const body of values) {
      const { text } = await post('/JSON/Invoke/GetServerInfo', headers, body)
      expect(text).toBe(`There is no parameter ${name}: GetServerInfo takes no parameters.`)
    }
    const form = await post('/JSON/Invoke/GetServerInfo', { ...basic(), ...formType }, `${name}=1&${name}[isAdmin]=1`)
    expect(form.text).toContain(`There is no parameter ${name}`)
    expect((await post(`/JSON/Invoke/${name}`, headers, '{}')).text).toContain(`There is no method ${name}`)
    const rpc = await post('/rpc', headers, JSON.stringify({ jsonrpc: '2.0', id: 1, method: name }))
    expect(JSON.parse(rpc.text).error.data.code).toBe('method_unknown')
    const listed = await fetch(`${service.url}/intercept/snapshots?status=${name}`, { headers: basic() })
    expect(listed.status).toBe(400)
    for (const query of [`${name}=1`, `${name}[isAdmin]=1`, `status[${name}]=1`])
      expect((await fetch(`${service.url}/intercept/snapshots?${query}`, { headers: basic() })).status).toBe(200)
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false)
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined()
  })

  test('a user can be called so', async () => {
    for (const userName of names.filter((name) => name !== 'then')) {
      const given = { userName, privileges: 'auditor', organizations: ['sample'], password: testPassword }
      expect((await post('/JSON/Invoke/CreateUser', { ...basic(), ...jsonType }, JSON.stringify(given))).text).toBe(
        'null',
      )
      const own = await fetch(`${service.url}/session`, { headers: basic(userName) })
      expect(await own.json()).toMatchObject({ userName, role: 'auditor', organizations: ['sample'] })
    }
  })
})
