import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type ComposedService, startComposedService } from '../doubles/composed-service.ts'

vi.setConfig({ hookTimeout: 60_000 })

let service: ComposedService
beforeAll(async () => {
  service = await startComposedService()
})
afterAll(() => service?.close())

/** The token of a snapshot of the organization `here`, whose status is final. */
const finalToken = async (): Promise<string> => {
  const params = { organization: 'here', userName: 'anna', type: ['mailbox'], start: '2026-01-01', end: '2026-02-01' }
  const { statusToken, snapshotId } = (await service.invoke('CreateSnapshot', params)).answer
  expect((await service.invoke('CancelSnapshot', { snapshotId })).status).toBe(200)
  return statusToken
}
const ways = [
  ['GET', '/JSON/Status/'],
  ['POST', '/JSON/Status/'],
  ['GET', '/XML/Status/'],
  ['POST', '/XML/Status/'],
] as const
const read = async (token: string, userName: string | null, [method, path]: (typeof ways)[number] = ways[0]) => {
  const headers: Record<string, string> = userName === null ? {} : service.as(userName)
  const response = await fetch(`${service.url}${path}${token}`, { method, headers })
  return { status: response.status, text: await response.text() }
}

test('the token of another organization does not exist, and is not spent by who tries', async () => {
  const token = await finalToken()
  const unknown = await read('C467B22E-7057-43BA-B79B-C6140ED514BD', 'operator-elsewhere')
  for (const way of ways)
    for (const spelling of [token, token.toLowerCase()])
      expect(await read(spelling, 'operator-elsewhere', way)).toEqual(unknown)
  for (const way of ways) expect((await read(token, null, way)).status).toBe(401)
  expect(JSON.parse((await read(token, 'operator-here')).text)).toMatchObject({ status: 'failed' })
  expect(await read(token, 'operator-here')).toEqual(unknown)
})

test('one that was spent stays spent, in any spelling and protocol', async () => {
  const token = await finalToken()
  expect((await read(token.toLowerCase(), 'operator-here', ways[2])).status).toBe(200)
  for (const way of ways)
    for (const spelling of [token, token.toLowerCase(), `%20${token}`, `${token}%20`])
      expect((await read(spelling, 'operator-here', way)).status).toBe(500)
})

test('of many who read it at once one gets it', async () => {
  const token = await finalToken()
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, n) => read(n % 3 ? token : token.toLowerCase(), 'operator-here', ways[n % 4]!)),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
})

test('HEAD shows nothing and spends nothing', async () => {
  const token = await finalToken()
  for (const path of ['/JSON/Status/', '/XML/Status/'])
    expect(
      (await fetch(`${service.url}${path}${token}`, { method: 'HEAD', headers: service.as('admin') })).status,
    ).toBe(500)
  expect((await read(token, 'operator-here')).status).toBe(200)
})

test('one that is guessed, or is another kind of id, is nobody’s, in the same words', async () => {
  const token = await finalToken()
  const { snapshots } = (await service.invoke('GetSnapshots', {})).answer
  const digit = token.startsWith('A') ? 'B' : 'A'
  const guesses = [
    `${digit}${token.slice(1)}`,
    token.slice(0, -1),
    `${token}0`,
    token.replaceAll('-', ''),
    `{${token}}`,
    snapshots[0].snapshotId,
    "' or '1'='1",
    '%',
    '_',
    '*',
    'null',
    '00000000-0000-0000-0000-000000000000',
    `${token}\0`,
    `${token};`,
    `${token}/../${token}`,
  ]
  const texts = new Set<string>()
  for (const guess of guesses) {
    const { status, text } = await read(encodeURIComponent(guess), 'operator-here')
    expect([guess, status]).toEqual([guess, 500])
    texts.add(text)
  }
  expect(texts.size).toBe(1)
  expect((await read(token, 'operator-here')).status).toBe(200)
})

test('the token and its answer are in no log', async () => {
  const token = await finalToken()
  await read(token, 'operator-here')
  await read(token, 'operator-elsewhere')
  const log = service.logLines.join('')
  expect(log).toContain('/JSON/Status')
  expect(log.toUpperCase()).not.toContain(token)
})
