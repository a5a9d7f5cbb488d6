import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddressBook, checkedAddresses } from './checked-addresses.ts'
import { peerOf } from './ssh-errors.ts'
import { openSshSocket } from './ssh-socket.ts'

const never = () => new AbortController().signal
const bookOf = (...addresses: readonly string[]): AddressBook => ({
  resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  own: () => ['192.0.2.10'],
})
const check = (
  book: AddressBook,
  { host = 'backup.example', allowedAddresses = [] as readonly string[], timeoutMs = 5_000, signal = never() } = {},
) => checkedAddresses({ host, allowedAddresses, peer: peerOf({ host, port: 22, timeoutMs }) }, signal, book)

describe('the addresses of a host', () => {
  test('are those of the resolver that are another machine, in its order', async () => {
    const found = await check(bookOf('fe80::1', '203.0.113.9', '127.0.0.1', '2001:db8::7', '192.0.2.10'))
    expect(found).toEqual([
      { address: '203.0.113.9', family: 4 },
      { address: '2001:db8::7', family: 6 },
    ])
  })

  test('are refused when none is left, with the first one named', async () => {
    await expect(check(bookOf('127.0.0.1', '::1'))).rejects.toMatchObject({
      code: 'destination_forbidden',
      details: { host: 'backup.example:22', address: '127.0.0.1' },
    })
    expect(await check(bookOf('127.0.0.1', '::1'), { allowedAddresses: ['::1'] })).toEqual([
      { address: '::1', family: 6 },
    ])
  })

  test('are not looked up when the host is one itself', async () => {
    const book: AddressBook = { ...bookOf(), resolve: () => Promise.reject(new Error('nothing is to be looked up')) }
    expect(await check(book, { host: '203.0.113.9' })).toEqual([{ address: '203.0.113.9', family: 4 }])
    expect(await check(book, { host: '2001:db8::7' })).toEqual([{ address: '2001:db8::7', family: 6 }])
    await expect(check(book, { host: '192.0.2.10' })).rejects.toMatchObject({ code: 'destination_forbidden' })
  })

  test('end the connection when there are none', async () => {
    const missing = { ...bookOf(), resolve: () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' })) }
    await expect(check(missing)).rejects.toMatchObject({
      code: 'destination_unreachable',
      details: { host: 'backup.example:22', reason: 'its name is not known' },
    })
    await expect(check(bookOf())).rejects.toMatchObject({ code: 'destination_unreachable' })
  })

  test('are not waited for longer than a server may be silent, nor after an abort', async () => {
    const hanging: AddressBook = { ...bookOf(), resolve: () => new Promise(() => {}) }
    await expect(check(hanging, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'destination_timeout' })
    const controller = new AbortController()
    const reason = new Error('enough')
    const waiting = check(hanging, { signal: controller.signal })
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(check(bookOf('203.0.113.9'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('a connection', () => {
  const server = createServer((socket: Socket) => void socket.on('error', () => {}).end('hello'))
  let port = 0
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as { port: number }).port
  })
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const connectedTo = (...addresses: readonly string[]): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      const socket = openSshSocket(
        addresses.map((address) => ({ address, family: 4 })),
        port,
      )
      socket.on('error', reject)
      socket.on('connect', () => {
        resolve(socket.remoteAddress)
        socket.destroy()
      })
    })

  test('is made to the addresses it is given, whatever a name would say, one after the other', async () => {
    expect(await connectedTo('127.0.0.1')).toBe('127.0.0.1')
    expect(await connectedTo('127.0.0.2', '127.0.0.1')).toBe('127.0.0.1')
  })

  test('fails when none of them answers', async () => {
    await expect(connectedTo('127.0.0.2')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(connectedTo('127.0.0.2', '127.0.0.3')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
