import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { basic, startTestService, type TestService, testPassword } from '../doubles/http-service.ts'
import { openRaw, sendRaw, statusesIn } from '../doubles/raw-connection.ts'

let service: TestService
let host = ''
const authorization = `Authorization: ${basic().authorization}\r\n`
beforeAll(async () => {
  service = await startTestService({ listen: { requestTimeoutMs: 3_000 } })
  host = `Host: ${new URL(service.url).host}\r\n`
})
afterAll(() => service.close())

const call = (headers: string, body = '', path = '/JSON/Invoke/GetServerInfo') =>
  `POST ${path} HTTP/1.1\r\n${host}${authorization}${headers}Connection: close\r\n\r\n${body}`
const smuggled = `DELETE /session HTTP/1.1\r\n${host}\r\n`

describe('a request whose end two readers could see in two places is refused, and what follows it is not read', () => {
  test.each([
    ['both lengths', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
    ['both lengths, the other way round', 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'],
    ['two lengths', 'Content-Length: 0\r\nContent-Length: 5\r\n', 'hello'],
    ['one length twice', 'Content-Length: 0\r\nContent-Length: 0\r\n', ''],
    ['a list of lengths', 'Content-Length: 0, 0\r\n', ''],
    ['a length with a sign', 'Content-Length: +0\r\n', ''],
    ['a negative length', 'Content-Length: -1\r\n', ''],
    ['a length in hexadecimal', 'Content-Length: 0x5\r\n', 'hello'],
    ['an unknown coding', 'Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'],
    ['chunks that are not the last coding', 'Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'],
    ['two codings', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n'],
    ['a blank before the colon', 'Transfer-Encoding : chunked\r\n', '0\r\n\r\n'],
    ['a vertical tab before the value', 'Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'],
    ['a folded line (RFC 9112 §5.2)', 'X-A: b\r\n c: d\r\n', ''],
    ['a folded coding', 'Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n'],
    ['a line that ends in LF alone', 'X-A: b\nContent-Length: 5\r\n', 'hello'],
    ['a line that ends in CR alone', 'X-A: b\rContent-Length: 5\r\n', 'hello'],
    ['NUL', 'X-A: b\0c\r\n', ''],
    ['a header without a name', ': b\r\n', ''],
    ['an extension of a chunk that ends in LF', 'Transfer-Encoding: chunked\r\n', '0;a\n\r\n'],
    ['a chunk of negative size', 'Transfer-Encoding: chunked\r\n', '-1\r\n\r\n'],
    ['a chunk beyond 64 bits', 'Transfer-Encoding: chunked\r\n', 'FFFFFFFFFFFFFFFFF\r\n\r\n'],
    ['two hosts', 'Host: rebound.example\r\n', ''],
  ])('%s', async (_, headers, body) => {
    const calls = service.calls.length
    const statuses = statusesIn(await sendRaw(service.url, call(headers, `${body}${smuggled}`)))
    expect(statuses.length).toBe(1)
    expect([400, 500]).toContain(statuses[0])
    expect(service.calls).toHaveLength(calls)
  })

  test('the same request without ambiguity is carried out', async () => {
    for (const [headers, body] of [
      ['Content-Length: 0\r\n', ''],
      ['Transfer-Encoding: chunked\r\n', '0\r\n\r\n'],
    ] as const)
      expect(statusesIn(await sendRaw(service.url, call(headers, body)))).toEqual([200])
  })
})

test('the body of a request nobody reads is not the next request', async () => {
  const inner = `GET /JSON/Invoke/smuggled HTTP/1.1\r\nHost: x\r\n\r\n`
  const received = await sendRaw(
    service.url,
    `GET /healthz HTTP/1.1\r\n${host}Content-Length: ${inner.length}\r\n\r\n${inner}` +
      `GET /healthz HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
  )
  expect(statusesIn(received)).toEqual([200, 200])
})

test('who comes second on a connection is not who came first', async () => {
  const received = await sendRaw(
    service.url,
    `GET /session HTTP/1.1\r\n${host}${authorization}\r\n` +
      `GET /session HTTP/1.1\r\n${host}\r\n` +
      `GET /session HTTP/1.1\r\n${host}${authorization}Connection: close\r\n\r\n`,
  )
  expect(statusesIn(received)).toEqual([200, 401, 200])
})

test.each([
  ['CONNECT', 'CONNECT 127.0.0.1:22'],
  ['TRACE', 'TRACE /session'],
  ['PUT', 'PUT /session'],
  ['PATCH', 'PATCH /session'],
  ['a method nobody knows', 'HACK /session'],
])('%s leads nowhere and echoes nothing', async (_, line) => {
  const received = await sendRaw(service.url, `${line} HTTP/1.1\r\n${host}${authorization}Connection: close\r\n\r\n`)
  expect(statusesIn(received).every((status) => status === 400 || status === 404 || status === 405)).toBe(true)
  expect(received).not.toContain(authorization.trim())
})

test('a method cannot be put in place of another by a header or a field', async () => {
  const path = '/intercept/snapshots/3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2'
  for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])
    expect(statusesIn(await sendRaw(service.url, call(`${name}: DELETE\r\nContent-Length: 0\r\n`, '', path)))).toEqual([
      405,
    ])
  expect(statusesIn(await sendRaw(service.url, call('Content-Length: 0\r\n', '', `${path}?_method=DELETE`)))).toEqual([
    405,
  ])
  expect(service.calls.filter(({ method }) => method === 'DeleteSnapshot')).toEqual([])
})

test('a connection that sends hundreds of requests ahead is ended, and ten of them are begun', async () => {
  const connection = await openRaw(service.url)
  const calls = service.calls.length
  connection.pause()
  const one = `POST /JSON/Invoke/GetSnapshots HTTP/1.1\r\n${host}${authorization}Content-Length: 0\r\n\r\n`
  for (let sent = 0; sent < 500 && connection.send(one.repeat(50)); sent += 50) await sleep(1)
  // Whoever asks in between is not kept waiting by them.
  expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
  connection.resume()
  await connection.closed()
  expect(service.calls.length - calls).toBeLessThanOrEqual(10)
})

test('one request after the other on one connection has no such end', async () => {
  const connection = await openRaw(service.url)
  for (let sent = 1; sent <= 100; sent++) {
    connection.send(`GET /healthz HTTP/1.1\r\n${host}\r\n`)
    await expect.poll(() => statusesIn(connection.received()).length, { interval: 1 }).toBe(sent)
  }
  connection.close()
})

test('a request for a connection of another kind stays a request', async () => {
  const upgrade = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n'
  const connection = await openRaw(service.url)
  connection.send(
    `GET /session HTTP/1.1\r\n${host}${upgrade}Authorization: Basic ${btoa(`olga:${testPassword}`)}\r\n\r\n`,
  )
  await expect.poll(() => statusesIn(connection.received())).toEqual([200])
  connection.close()
})
