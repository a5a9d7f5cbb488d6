import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { XMLParser } from 'fast-xml-parser'
import { afterEach, describe, expect, test } from 'vitest'
import {
  basic,
  formType,
  jsonType,
  startTestService,
  type TestService,
  testSnapshot,
} from '../../test/doubles/http-service.ts'

let service: TestService
afterEach(() => service.close())

const post = (path: string, headers: Record<string, string>, body = '') =>
  fetch(`${service.url}${path}`, { method: 'POST', headers, body })

const plain = 'text/plain; charset=utf-8'
const json = 'application/json; charset=utf-8'

describe('each protocol has its own form', () => {
  test.each([
    ['no sign-in, JSON', '/JSON/Invoke/GetServerInfo', {}, 401, plain, /^Sign in first/],
    ['no sign-in, XML', '/XML/Invoke/GetServerInfo', {}, 401, plain, /^Sign in first/],
    ['no sign-in, status', '/JSON/Status/x', {}, 401, plain, /^Sign in first/],
    ['wrong password', '/JSON/Invoke/GetServerInfo', basic('johndoe', 'no'), 401, plain, /password is wrong/],
    ['unknown account', '/JSON/Invoke/GetServerInfo', basic('nobody'), 401, plain, /password is wrong/],
    ['broken header', '/JSON/Invoke/GetServerInfo', { authorization: 'Basic %%%' }, 401, plain, /password is wrong/],
    ['other scheme', '/JSON/Invoke/GetServerInfo', { authorization: 'Digest x' }, 401, plain, /password is wrong/],
    [
      'no token',
      '/JSON/Invoke/GetServerInfo',
      { authorization: 'Bearer x' },
      401,
      plain,
      /^The access token is unknown/,
    ],
    ['no right', '/JSON/Invoke/RebuildStoreIndex', basic('olga'), 403, plain, /needs the right to administer/],
    ['no right, XML', '/XML/Invoke/CreateSnapshot', basic('arno'), 403, plain, /needs the right to operate/],
    ['unknown method', '/JSON/Invoke/Nothing', basic(), 500, plain, /^There is no method Nothing\./],
    ['a method of Object', '/JSON/Invoke/constructor', basic(), 500, plain, /^There is no method constructor\./],
    ['hostile method', '/JSON/Invoke/a%0D%0AX-Evil:%201', basic(), 500, plain, /^There is no method a X-Evil: 1\./],
    ['broken address', '/JSON/Invoke/%ff', basic(), 500, plain, /address is malformed/],
    [
      'unknown token',
      '/XML/Status/C467B22E-7057-43BA-B79B-C6140ED514BD',
      basic(),
      500,
      plain,
      /no status for this token/,
    ],
    ['no token at all', '/JSON/Status/x', basic(), 500, plain, /no status for this token/],
    [
      'rpc',
      '/rpc',
      { ...basic('johndoe', 'no'), ...jsonType },
      401,
      json,
      /^\{"jsonrpc":"2\.0","id":null,"error":\{"code":401,/,
    ],
    ['session', '/session', formType, 400, json, /^\{"code":"invalid_params","message":"/],
    ['nothing there', '/nowhere', basic(), 404, plain, /nothing at this address/],
  ])('%s', async (_, path, headers, status, type, words) => {
    service = await startTestService()
    const response = await post(path, headers as Record<string, string>)
    expect([response.status, response.headers.get('content-type')]).toEqual([status, type])
    expect(await response.text()).toMatch(words)
    expect(response.headers.get('x-evil')).toBeNull()
    expect(response.headers.get('cache-control')).toBe('no-store')
    if (status === 401) expect(response.headers.get('www-authenticate')).toBe('Basic realm="Stillbox"')
  })
})

test('a browser is not made to ask for a password by itself', async () => {
  service = await startTestService()
  const response = await fetch(`${service.url}/download/${testSnapshot.snapshotId}`, {
    headers: { 'sec-fetch-site': 'same-origin' },
  })
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Session realm="Stillbox"'])
})

test('XML has the same answer as JSON', async () => {
  service = await startTestService()
  const response = await post('/XML/Invoke/CreateSnapshot', { ...basic(), ...formType }, 'userName=a&type=calendar')
  expect(response.headers.get('content-type')).toBe('application/xml; charset=utf-8')
  expect(new XMLParser().parse(await response.text()).result).toEqual({
    statusToken: 'C467B22E-7057-43BA-B79B-C6140ED514BD',
    statusUrl: '/XML/Status/C467B22E-7057-43BA-B79B-C6140ED514BD',
    snapshotId: testSnapshot.snapshotId,
  })
})

test('HEAD does not spend a status', async () => {
  service = await startTestService()
  service.setStatus({ status: 'succeeded', result: {} })
  const url = `${service.url}/JSON/Status/C467B22E-7057-43BA-B79B-C6140ED514BD`
  expect((await fetch(url, { method: 'HEAD', headers: basic() })).status).toBe(500)
  expect((await fetch(url, { headers: basic() })).status).toBe(200)
})

test('guessing is slowed down with a 429 that says when to come back', async () => {
  service = await startTestService()
  for (let time = 0; time < 5; time++)
    expect((await post('/JSON/Invoke/GetServerInfo', basic('johndoe', `no ${time}`))).status).toBe(401)
  for (const [path, type] of [
    ['/JSON/Invoke/GetServerInfo', plain],
    ['/rpc', json],
    ['/session', json],
  ] as const) {
    const isSession = path === '/session'
    const response = await post(
      path,
      isSession ? formType : basic('johndoe', 'no'),
      isSession ? 'userName=johndoe&password=no' : '',
    )
    expect([response.status, response.headers.get('content-type')]).toEqual([429, type])
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  }
})

/** Everything the server sends on a connection of its own. */
const exchange = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += String(chunk)
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })

describe('bodies', () => {
  test('more than 1 MB is refused, whether announced or not', async () => {
    service = await startTestService()
    const large = `userName=${'x'.repeat(1_000_001)}`
    for (const [path, status] of [
      ['/JSON/Invoke/GetUserInfo', 500],
      ['/rpc', 413],
    ] as const) {
      const announced = await post(path, { ...basic(), ...formType }, large)
      expect(announced.status).toBe(status)
      expect(await announced.text()).toMatch(/larger than the 1 MB allowed/)
    }
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = httpRequest(`${service.url}/rpc`, { method: 'POST', headers: { ...basic(), ...jsonType } })
      sent.on('response', (response) => resolve(response.resume().statusCode))
      sent.on('error', reject)
      for (let part = 0; part < 20; part++) sent.write('x'.repeat(100_000))
    })
    expect(status).toBe(413)
  })

  test('a body that comes too slowly is given up', async () => {
    service = await startTestService({ listen: { requestTimeoutMs: 400 } })
    const head = `POST /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${basic().authorization}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`
    expect(await exchange(head)).toMatch(/^HTTP\/1\.1 408 /)
    expect(await exchange('POST /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ')).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('an empty body is one without parameters, with or without its length', async () => {
    service = await startTestService()
    for (const length of ['', 'Content-Length: 0\r\n']) {
      const answer = await exchange(
        `POST /JSON/Invoke/GetServerInfo HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${basic().authorization}\r\n${length}Connection: close\r\n\r\n`,
      )
      expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    }
  })

  test.each([
    [
      'another charset',
      { 'content-type': 'application/x-www-form-urlencoded; charset=iso-8859-1' },
      'a=b',
      /write it in UTF-8/,
    ],
    [
      'another type',
      { 'content-type': 'text/xml' },
      '<a/>',
      /application\/x-www-form-urlencoded or as application\/json/,
    ],
    ['broken JSON', jsonType, '{', /it is not JSON/],
    ['a JSON list', jsonType, '[]', /Give the parameters by name/],
    ['a compressed body', { ...formType, 'content-encoding': 'gzip' }, 'a=b', /send it uncompressed/],
  ])('%s is refused with a sentence', async (_, headers, body, words) => {
    service = await startTestService()
    const response = await post('/JSON/Invoke/GetUserInfo', { ...basic(), ...headers } as Record<string, string>, body)
    expect(response.status).toBe(500)
    expect(await response.text()).toMatch(words)
  })
})

test('one line is logged for a call, and never what was in it', async () => {
  service = await startTestService()
  await post(
    '/JSON/Invoke/CreateSnapshot',
    { ...basic('olga'), ...formType },
    'userName=anna&type=calendar&password=hush',
  )
  await post('/JSON/Invoke/GetUserInfo', { ...basic('olga'), ...formType }, 'userName=private-name')
  expect(service.logLines.filter((line) => line.msg === 'call')).toMatchObject([
    { method: 'CreateSnapshot', caller: 'olga', status: 'ok', ms: expect.any(Number), requestId: expect.any(String) },
    { method: 'GetUserInfo', caller: 'olga', status: 'forbidden' },
  ])
  expect(JSON.stringify(service.logLines)).not.toMatch(/hush|anna|private-name|authorization/i)
})

describe('listen', () => {
  test('says which setting to change when the port is taken', async () => {
    service = await startTestService()
    const port = Number(new URL(service.url).port)
    await expect(startTestService({ listen: { port } })).rejects.toThrow(
      `Stillbox cannot listen: another program listens on 127.0.0.1 port ${port} already. Stop it, or set STILLBOX_PORT to a free port.`,
    )
  })

  test('lets an answer under way finish, and takes no more', async () => {
    let finish = () => {}
    const started = Promise.withResolvers<void>()
    service = await startTestService({
      listen: { graceMs: 60_000 },
      handlers: {
        GetOrganizations: () =>
          new Promise((resolve) => {
            finish = () => resolve({ organizations: [] })
            started.resolve()
          }),
      },
    })
    const answer = post('/JSON/Invoke/GetOrganizations', basic())
    await started.promise
    const closed = service.close()
    await expect(fetch(`${service.url}/healthz`)).rejects.toThrow()
    finish()
    expect(await (await answer).json()).toEqual({ organizations: [] })
    await closed
  })
})
