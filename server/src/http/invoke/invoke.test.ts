import { afterEach, describe, expect, test } from 'vitest'
import {
  basic,
  formType,
  jsonType,
  startTestService,
  type TestService,
  testSnapshot,
  testToken,
} from '../../../test/doubles/http-service.ts'

let service: TestService
afterEach(() => service.close())

const invoke = (path: string, body?: string, headers: Record<string, string> = { ...basic(), ...formType }) =>
  fetch(`${service.url}${path}`, { method: 'POST', headers, ...(body === undefined ? {} : { body }) })

describe('the published examples', () => {
  test('GetUserInfo answers the bare object', async () => {
    service = await startTestService()
    const response = await invoke('/JSON/Invoke/GetUserInfo', 'userName=johndoe')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await response.json()).toEqual({
      userName: 'johndoe',
      fullName: 'John Doe',
      authentication: 'integrated',
      emailAddresses: ['john.doe@example.org', 'j.doe@example.org'],
      privileges: 'admin',
    })
  })

  test('RebuildStoreIndex answers a token and the URL of its status', async () => {
    service = await startTestService()
    const response = await invoke('/JSON/Invoke/RebuildStoreIndex')
    expect(await response.json()).toEqual({
      statusToken: 'C467B22E-7057-43BA-B79B-C6140ED514BD',
      statusUrl: '/JSON/Status/C467B22E-7057-43BA-B79B-C6140ED514BD',
    })
  })

  test.each(['GET', 'POST'])('a status read by %s is delivered once when it is final', async (method) => {
    service = await startTestService()
    const read = () => fetch(`${service.url}/JSON/Status/${testToken}`, { method, headers: basic() })
    service.setStatus({ progressPercentage: 40, messages: [{ type: 'information', text: 'Half way.' }] })
    const running = { status: 'running', result: null, progressPercentage: 40 }
    for (let time = 0; time < 2; time++) expect(await (await read()).json()).toMatchObject(running)
    service.setStatus({ status: 'succeeded', progressPercentage: 100, result: { archivesIndexed: 1 } })
    expect(await (await read()).json()).toEqual({
      status: 'succeeded',
      result: { archivesIndexed: 1 },
      progressPercentage: 100,
      messages: [],
    })
    const spent = await read()
    expect(spent.status).toBe(500)
    expect(spent.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await spent.text()).toMatch(/^There is no status for this token\./)
  })
})

test('a status in XML has the same members', async () => {
  service = await startTestService()
  service.setStatus({ progressPercentage: 40, messages: [{ type: 'warning', text: 'a < b' }] })
  const response = await fetch(`${service.url}/XML/Status/${testToken.toLowerCase()}`, { headers: basic() })
  expect(response.headers.get('content-type')).toBe('application/xml; charset=utf-8')
  expect(await response.text()).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<result type="object"><status>running</status><result type="null"/><progressPercentage type="number">40</progressPercentage><messages type="array"><item type="object"><type>warning</type><text>a &lt; b</text></item></messages></result>\n',
  )
})

describe('parameters', () => {
  test('a form gives lists by commas or by repetition, and an empty optional field is absent', async () => {
    service = await startTestService()
    for (const type of ['type=contacts,calendar', 'type=contacts&type=calendar'])
      await invoke('/JSON/Invoke/CreateSnapshot', `userName=J%C3%B6rg+M&${type}&start=&password=`)
    const params = { userName: 'Jörg M', type: ['calendar', 'contacts'], action: 'download' }
    expect(service.calls.map((call) => call.params)).toEqual([params, params])
    expect(service.calls[0]?.caller).toBe('johndoe')
  })

  test('a JSON body gives the same', async () => {
    service = await startTestService()
    const body = JSON.stringify({ userName: 'anna', type: ['calendar'] })
    const response = await invoke('/JSON/Invoke/CreateSnapshot', body, { ...basic(), ...jsonType })
    expect(await response.json()).toEqual({
      statusToken: testToken,
      statusUrl: `/JSON/Status/${testToken}`,
      snapshotId: testSnapshot.snapshotId,
    })
    expect(service.calls[0]?.params).toEqual({ userName: 'anna', type: ['calendar'], action: 'download' })
  })

  test.each([
    [
      'an unknown name',
      'CreateSnapshot',
      'userName=a&type=calendar&users=b',
      /There is no parameter users: CreateSnapshot takes organization, userName/,
    ],
    [
      'a name of Object.prototype',
      'GetServerInfo',
      '__proto__=1',
      /There is no parameter __proto__: GetServerInfo takes no parameters/,
    ],
    ['a missing one', 'CreateSnapshot', 'type=calendar', /userName: is missing/],
    ['an empty required one', 'CreateSnapshot', 'userName=&type=calendar', /userName is empty/],
    ['an empty required list', 'CreateSnapshot', 'userName=a&type=', /choose at least one type/],
    ['one given twice', 'GetUserInfo', 'userName=a&userName=b', /userName is given 2 times/],
    ['a number that is none', 'GetSnapshots', 'limit=5x', /limit is a whole number/],
    ['a number out of bounds', 'GetSnapshots', 'limit=501', /limit: /],
    ['a word that is none', 'GetSnapshots', 'state=gone', /state: /],
    ['mail without dates', 'CreateSnapshot', 'userName=a&type=mailbox', /start is required.*end is required/],
    ['broken UTF-8', 'GetUserInfo', 'userName=%ff', /not percent-encoded UTF-8/],
  ])('%s is refused by name', async (_, method, body, sentence) => {
    service = await startTestService()
    const response = await invoke(`/JSON/Invoke/${method}`, body)
    expect(response.status).toBe(500)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await response.text()).toMatch(sentence)
    expect(service.calls).toEqual([])
  })
})

test('parameters in the address are refused, not passed over: without them a method may mean something else', async () => {
  service = await startTestService()
  const response = await invoke('/JSON/Invoke/RebuildStoreIndex?snapshotId=3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2')
  expect([response.status, await response.text()]).toEqual([
    500,
    'The request could not be read: send the parameters in the body, not in the address.',
  ])
  expect(service.calls).toEqual([])
  expect((await invoke('/JSON/Invoke/RebuildStoreIndex?')).status).toBe(200)
  expect((await invoke('/JSON/Invoke/GetSnapshots?state=failed', '', formType)).status).toBe(401)
})

test.each([
  ['CreateSnapshot', '{"userName":12,"type":["calendar"]}', 'userName: is not text.'],
  ['CreateSnapshot', '{"userName":"a","type":"calendar"}', 'type: is not a list.'],
  [
    'CreateSnapshot',
    '{"userName":"a\\ud800","type":["calendar"]}',
    'userName: the user name is cut off within a character.',
  ],
  ['GetSnapshots', '{"limit":0}', 'limit: is at least 1.'],
  ['GetSnapshots', '{"limit":1.5}', 'limit: is not a whole number.'],
  ['GetSnapshots', `{"userName":"${'a'.repeat(321)}"}`, 'userName: is at most 320 characters.'],
])('%s tells in words a person can use what is wrong with a value (%#)', async (method, body, sentence) => {
  service = await startTestService()
  const response = await invoke(`/JSON/Invoke/${method}`, body, { ...basic(), ...jsonType })
  expect([response.status, await response.text()]).toEqual([500, sentence])
})
