import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { basic, startTestService, type TestService, testSnapshot, testToken } from '../doubles/http-service.ts'
import { openRaw, type RawConnection, statusesIn } from '../doubles/raw-connection.ts'

let service: TestService
const connections: RawConnection[] = []
const open = async (bytes: string): Promise<RawConnection> => {
  const connection = await openRaw(service.url)
  connections.push(connection)
  connection.send(bytes)
  return connection
}
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close()
  await service.close()
})
const host = () => `Host: ${new URL(service.url).host}\r\n`
const authorization = `Authorization: ${basic().authorization}\r\n`

describe('a client that takes its time is cut off', () => {
  test.each([
    ['that sends nothing', ''],
    ['that sends half a line', 'GET /hea'],
    ['that never ends its headers', `GET /healthz HTTP/1.1\r\nX-A: b\r\n`],
    ['that sends a part of its body', 'POST /session HTTP/1.1\r\nHOST\r\nContent-Length: 1000\r\n\r\n{"userName"'],
    ['that sends chunks without end', 'POST /session HTTP/1.1\r\nHOST\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n'],
  ])('%s', async (_, bytes) => {
    service = await startTestService({ listen: { requestTimeoutMs: 800 } })
    const connection = await open(bytes.replace('HOST\r\n', host()))
    await connection.closed(5_000)
    expect(statusesIn(connection.received())).toEqual([408])
  })

  test('that sends a header every moment (Slowloris)', async () => {
    service = await startTestService({ listen: { requestTimeoutMs: 800 } })
    const connection = await open(`GET /healthz HTTP/1.1\r\n${host()}`)
    for (let n = 0; n < 60 && !connection.isClosed(); n++) {
      connection.send(`X-${n}: a\r\n`)
      await sleep(50)
    }
    expect(connection.isClosed()).toBe(true)
  })

  test('that sends a byte of its body every moment', async () => {
    service = await startTestService({ listen: { requestTimeoutMs: 800 } })
    const connection = await open(`POST /session HTTP/1.1\r\n${host()}Content-Length: 1000\r\n\r\n`)
    for (let n = 0; n < 60 && !connection.isClosed(); n++) {
      connection.send('x')
      await sleep(50)
    }
    expect(connection.isClosed()).toBe(true)
  })

  test('that does not take its answer', async () => {
    service = await startTestService({ listen: { stalledMs: 400 } })
    service.setStatus({ status: 'succeeded', result: 'x'.repeat(30_000_000) })
    const connection = await open(`GET /JSON/Status/${testToken} HTTP/1.1\r\n${host()}${authorization}\r\n`)
    connection.pause()
    const answered = () => service.logLines.filter(({ msg, route }) => msg === 'request' && route === '/JSON/Status')
    await expect.poll(() => answered().length).toBe(1)
    expect(answered()[0]).toMatchObject({ isComplete: false })
  })

  test('one that takes it slowly gets it whole', async () => {
    service = await startTestService({ listen: { stalledMs: 400 } })
    service.setStatus({ status: 'succeeded', result: 'x'.repeat(20_000_000) })
    const connection = await open(
      `GET /JSON/Status/${testToken} HTTP/1.1\r\n${host()}${authorization}Connection: close\r\n\r\n`,
    )
    for (let turn = 0; turn < 8; turn++) {
      connection.pause()
      await sleep(150)
      connection.resume()
      await sleep(2)
    }
    await connection.closed()
    expect(connection.received().length).toBeGreaterThan(20_000_000)
  })
})

test('three hundred clients that send nothing keep nobody else waiting', async () => {
  service = await startTestService({ listen: { requestTimeoutMs: 2_000 } })
  await Promise.all(
    Array.from({ length: 300 }, (_, n) =>
      open(n % 2 === 0 ? '' : `POST /session HTTP/1.1\r\n${host()}Content-Length: 9\r\n\r\n`),
    ),
  )
  const startedAt = performance.now()
  for (let time = 0; time < 10; time++) expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
  expect(performance.now() - startedAt).toBeLessThan(3_000)
  await Promise.all(connections.map((connection) => connection.closed(6_000)))
})

test('a download that is not taken gives its place back', async () => {
  let closed = 0
  service = await startTestService({
    listen: { stalledMs: 300 },
    snapshot: { archiveSizeBytes: 30_000_000 },
    archive: {
      sizeBytes: 30_000_000,
      modifiedAtMs: 0,
      stream: async function* () {
        for (let sent = 0; sent < 30; sent++) yield Buffer.alloc(1_000_000)
      },
      close: async () => void closed++,
    },
  })
  const connection = await open(`GET /download/${testSnapshot.snapshotId} HTTP/1.1\r\n${host()}${authorization}\r\n`)
  await expect.poll(() => connection.received().length).toBeGreaterThan(0)
  connection.pause()
  connection.close()
  await expect.poll(() => closed).toBe(1)
})
