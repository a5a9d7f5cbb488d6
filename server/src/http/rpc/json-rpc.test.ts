import { createClient } from '@stillbox/shared/client/create-client.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  basic,
  jsonType,
  startTestService,
  type TestService,
  testSnapshot,
  testToken,
} from '../../../test/doubles/http-service.ts'

let service: TestService
beforeEach(async () => {
  service = await startTestService()
})
afterEach(() => service.close())

const send = (body: string, headers: Record<string, string> = { ...basic(), ...jsonType }) =>
  fetch(`${service.url}/rpc`, { method: 'POST', headers, body })
const call = (body: unknown, headers?: Record<string, string>) => send(JSON.stringify(body), headers)
const getInfo = (id?: number | string | null) => ({
  jsonrpc: '2.0',
  method: 'GetUserInfo',
  ...(id === undefined ? {} : { id }),
})

describe('calls', () => {
  test('a call answers its result under its id', async () => {
    const response = await call({ jsonrpc: '2.0', id: 'x', method: 'GetUserInfo', params: { userName: 'olga' } })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', id: 'x', result: { userName: 'olga' } })
  })

  test('an async method answers its token and the URL of its status', async () => {
    const params = { userName: 'anna', type: ['calendar'] }
    expect(await (await call({ jsonrpc: '2.0', id: 1, method: 'CreateSnapshot', params })).json()).toMatchObject({
      result: {
        statusToken: testToken,
        statusUrl: `/JSON/Status/${testToken}`,
        snapshotId: testSnapshot.snapshotId,
      },
    })
  })

  test('a notification is carried out and answered with nothing', async () => {
    const response = await call({ jsonrpc: '2.0', method: 'GetServerInfo' })
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect(service.calls.map(({ method }) => method)).toEqual(['GetServerInfo'])
    expect((await call({ jsonrpc: '2.0', method: 'Unknown' })).status).toBe(204)
  })

  test('the client of the web gets typed answers and typed errors', async () => {
    const withBasic: typeof fetch = (url, init) => fetch(url, { ...init, headers: { ...jsonType, ...basic() } })
    const client = createClient({ url: `${service.url}/rpc`, fetch: withBasic })
    expect((await client.GetSnapshots({})).total).toBe(1)
    await expect(client.GetUserInfo({ userName: 'nobody' })).rejects.toMatchObject({
      code: 'not_found',
      details: { what: 'account' },
    })
    await expect(createClient({ url: `${service.url}/rpc` }).GetServerInfo({})).rejects.toMatchObject({
      code: 'not_signed_in',
    })
  })
})

describe('batches', () => {
  test('answers come for all but the notifications', async () => {
    const answers = await (await call([getInfo(1), getInfo(), 7, getInfo('b'), null])).json()
    expect(answers).toMatchObject([
      { id: 1, result: { userName: 'johndoe' } },
      { id: null, error: { code: -32600 } },
      { id: 'b', result: {} },
      { id: null, error: { code: -32600 } },
    ])
  })

  test('a batch of one is a list, one of notifications is nothing', async () => {
    expect(await (await call([getInfo(1)])).json()).toHaveLength(1)
    expect((await call([getInfo(), getInfo()])).status).toBe(204)
  })

  test('an empty one and one that is too long are refused as a whole', async () => {
    for (const batch of [[], Array.from({ length: 51 }, (_, id) => getInfo(id))])
      expect(await (await call(batch)).json()).toMatchObject({ id: null, error: { code: -32600 } })
    expect(await (await call(Array.from({ length: 50 }, (_, id) => getInfo(id)))).json()).toHaveLength(50)
  })
})

describe('errors', () => {
  test.each([
    ['no JSON', '{', null, -32700, 'invalid_request'],
    ['no request', '{"id":1}', 1, -32600, 'invalid_request'],
    ['an id that is none', '{"jsonrpc":"2.0","method":"GetServerInfo","id":{}}', null, -32600, 'invalid_request'],
    ['a method that is none', '{"jsonrpc":"2.0","method":5,"id":1}', 1, -32600, 'invalid_request'],
    ['an unknown method', '{"jsonrpc":"2.0","method":"toString","id":1}', 1, -32601, 'method_unknown'],
    [
      'parameters by position',
      '{"jsonrpc":"2.0","method":"GetUserInfo","params":["a"],"id":1}',
      1,
      -32602,
      'invalid_params',
    ],
    [
      'an unknown parameter',
      '{"jsonrpc":"2.0","method":"GetUserInfo","params":{"__proto__":1},"id":1}',
      1,
      -32602,
      'invalid_params',
    ],
    [
      'a wrong type',
      '{"jsonrpc":"2.0","method":"GetSnapshots","params":{"limit":"5"},"id":1}',
      1,
      -32602,
      'invalid_params',
    ],
    [
      'nothing there',
      '{"jsonrpc":"2.0","method":"GetUserInfo","params":{"userName":"no"},"id":1}',
      1,
      404,
      'not_found',
    ],
  ])('%s', async (_, body, id, rpcCode, code) => {
    const response = await send(body)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', id, error: { code: rpcCode, data: { code } } })
  })

  test('nobody is asked to sign in, under the id of the call', async () => {
    const response = await call(getInfo(9), jsonType)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="Stillbox"')
    expect(await response.json()).toMatchObject({ id: 9, error: { code: 401, data: { code: 'not_signed_in' } } })
  })

  test('an operator may not administer', async () => {
    const answer = await call({ jsonrpc: '2.0', id: 1, method: 'RebuildStoreIndex' }, { ...basic('olga'), ...jsonType })
    expect(await answer.json()).toMatchObject({
      error: { code: 403, data: { code: 'forbidden', access: 'administer' } },
    })
  })

  test('a mistake of the program is told by its request id alone, and logged in full', async () => {
    await service.close()
    service = await startTestService({
      handlers: { GetOrganizations: () => Promise.reject(new Error('a private detail')) },
    })
    const response = await call({ jsonrpc: '2.0', id: 1, method: 'GetOrganizations' })
    const text = await response.text()
    expect(text).not.toMatch(/private/)
    const { requestId } = JSON.parse(text).error.data
    expect(requestId).toBe(response.headers.get('x-request-id'))
    const logged = service.logLines.find((line) => line.msg === 'unexpected error')
    expect(logged).toMatchObject({ requestId, err: { message: 'a private detail' } })
  })

  test('an answer that breaks the contract is a mistake of the program, and its values are not told', async () => {
    await service.close()
    service = await startTestService({
      handlers: { GetOrganizations: async () => ({ organizations: [{ name: 'secret name' }] }) as never },
    })
    const answer = await (await call({ jsonrpc: '2.0', id: 1, method: 'GetOrganizations' })).json()
    expect(answer).toMatchObject({ error: { code: -32603, data: { code: 'internal' } } })
    expect(JSON.stringify(service.logLines)).not.toMatch(/secret name/)
  })
})

test('a form of another site cannot be a call', async () => {
  const response = await call(getInfo(1), { ...basic(), 'content-type': 'text/plain' })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ id: null, error: { code: -32600 } })
})
