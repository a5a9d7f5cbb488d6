import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSignInThrottle } from '../../src/domain/account/sign-in-throttle.ts'
import { basic, formType, jsonType, startTestService, type TestService, testPassword } from '../doubles/http-service.ts'

let service: TestService
let nowMs: number
const clock = { now: () => new Date(nowMs) }
const start = async (config: { publicUrl?: string; trustedProxies?: string[] } = {}) => {
  service = await startTestService({ clock, config })
}
/** Behind a proxy, so that who asks can come from any address. */
const behindProxy = () => start({ publicUrl: 'https://stillbox.example.org', trustedProxies: ['loopback'] })
beforeEach(() => {
  nowMs = Date.parse('2026-11-17T14:00:00Z')
})
afterEach(() => service?.close())

const from = (address: string) => ({ 'x-forwarded-for': address })
/** A sign-in to the web interface. */
const signIn = async (userName: string, password: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${service.url}/session`, {
    method: 'POST',
    headers: { ...jsonType, ...headers },
    body: JSON.stringify({ userName, password }),
  })
  await response.arrayBuffer()
  return { status: response.status, retryAfter: Number(response.headers.get('retry-after') ?? 0) }
}
const byBasic = async (path: string, userName: string, password: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${service.url}${path}`, {
    method: path.startsWith('/intercept') ? 'GET' : 'POST',
    headers: { ...basic(userName, password), ...jsonType, ...headers },
    ...(path.startsWith('/intercept')
      ? {}
      : { body: path === '/rpc' ? '{"jsonrpc":"2.0","id":1,"method":"GetServerInfo"}' : '{}' }),
  })
  await response.arrayBuffer()
  return response.status
}

describe('a password cannot be guessed', () => {
  test('from a hundred addresses at once', async () => {
    await behindProxy()
    const statuses = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => (await signIn('olga', `guess ${n}`, from(`198.51.100.${n}`))).status),
    )
    expect(statuses.filter((status) => status === 401)).toHaveLength(5)
    expect(statuses.filter((status) => status === 429)).toHaveLength(95)
  })

  test('by going from one protocol to the next, or by writing the name in another way', async () => {
    await start()
    const attempts = [
      () => signIn('olga', 'a').then(({ status }) => status),
      () => byBasic('/JSON/Invoke/GetServerInfo', 'OLGA', 'b'),
      () => byBasic('/XML/Invoke/GetServerInfo', 'Olga', 'c'),
      () => byBasic('/rpc', 'oLGA', 'd'),
      () => byBasic('/intercept/snapshots', 'olga', 'e'),
    ]
    for (const attempt of attempts) expect(await attempt()).toBe(401)
    for (const attempt of attempts) expect(await attempt()).toBe(429)
    expect((await signIn('olga', testPassword)).status).toBe(429)
  })

  test('of many names from one network of IPv6, which has addresses without number', async () => {
    await behindProxy()
    for (let n = 0; n < 20; n++)
      expect((await signIn(`user${n}`, 'x', from(`2001:db8:1:2:${n.toString(16)}::${n + 1}`))).status).toBe(401)
    expect((await signIn('user99', 'x', from('2001:db8:1:2:ffff::1'))).status).toBe(429)
    expect((await signIn('user99', 'x', from('2001:db8:1:3::1'))).status).toBe(401)
  })

  test('by saying to be somewhere else: only what the proxy itself adds counts', async () => {
    await behindProxy()
    const spoofed = (n: number): Record<string, string> => ({
      'x-forwarded-for': `203.0.113.${n}, 198.51.100.7`,
      forwarded: `for=203.0.113.${n}`,
      'x-real-ip': `203.0.113.${n}`,
    })
    for (let n = 0; n < 20; n++) expect((await signIn(`user${n}`, 'x', spoofed(n))).status).toBe(401)
    expect((await signIn('user99', 'x', spoofed(99))).status).toBe(429)
  })

  test('nor, where no proxy stands before the service, by any header', async () => {
    await start()
    const spoofed = (n: number) =>
      Object.fromEntries(
        ['x-forwarded-for', 'x-real-ip', 'x-client-ip', 'cf-connecting-ip', 'true-client-ip', 'forwarded'].map(
          (name) => [name, `203.0.113.${n}`],
        ),
      )
    for (let n = 0; n < 20; n++) expect((await signIn(`user${n}`, 'x', spoofed(n))).status).toBe(401)
    expect((await signIn('user99', 'x', spoofed(99))).status).toBe(429)
  })

  test('more than some fifteen hundred times a day', async () => {
    await behindProxy()
    let guesses = 0
    const end = nowMs + 86_400_000
    for (let n = 0; nowMs < end; n++) {
      const { status, retryAfter } = await signIn('olga', `guess ${n}`, from(`198.51.${n % 200}.${n % 199}`))
      if (status === 401) guesses++
      else nowMs += retryAfter * 1_000
    }
    expect(guesses).toBeGreaterThan(1_000)
    expect(guesses).toBeLessThan(1_500)
  })

  test('by asking what the service remembers of a script that has just signed in', async () => {
    await behindProxy()
    const script = () => byBasic('/rpc', 'olga', testPassword, from('192.0.2.10'))
    expect(await script()).toBe(200)
    for (let n = 0; n < 40; n++) await byBasic('/rpc', 'olga', `guess ${n}`, from('198.51.100.1'))
    // Right, and quick to check; but whoever asks has not earned an answer.
    expect(await byBasic('/rpc', 'olga', testPassword, from('198.51.100.1'))).toBe(429)
    expect(await byBasic('/rpc', 'olga', testPassword, from('198.51.100.2'))).toBe(429)
    expect(await script()).toBe(200)
    // From the same place some typing errors do no harm, and a flood is not listened to.
    for (let n = 0; n < 10; n++) await byBasic('/rpc', 'olga', `typo ${n}`, from('192.0.2.10'))
    expect(await script()).toBe(200)
    for (let n = 0; n < 30; n++) await byBasic('/rpc', 'olga', `guess ${n}`, from('192.0.2.10'))
    expect(await script()).toBe(429)
    nowMs += 61_000
    expect(await script()).toBe(200)
    // Others who are refused there for other names are no reason to keep it waiting.
    for (let n = 0; n < 60; n++) await byBasic('/rpc', `user${n}`, 'x', from('192.0.2.10'))
    expect(await script()).toBe(200)
    // But behind them its name cannot be guessed at without end.
    for (let n = 0; n < 30; n++) await byBasic('/rpc', 'olga', `guess ${n}`, from('192.0.2.10'))
    expect(await script()).toBe(429)
  })

  test('with the current password of a browser that was left open', async () => {
    await start()
    const opened = await fetch(`${service.url}/session`, {
      method: 'POST',
      headers: formType,
      body: new URLSearchParams({ userName: 'olga', password: testPassword }),
    })
    const cookie = opened.headers.get('set-cookie')!.split(';')[0]!
    const change = async (currentPassword: string) => {
      const response = await fetch(`${service.url}/JSON/Invoke/SetUserPassword`, {
        method: 'POST',
        headers: { ...jsonType, cookie, origin: service.url },
        body: JSON.stringify({ userName: 'olga', password: 'a new long password', currentPassword }),
      })
      return response.text()
    }
    for (let n = 0; n < 5; n++) expect(await change(`guess ${n}`)).toMatch(/currentPassword is wrong/)
    expect(await change(testPassword)).toMatch(/Too many failed sign-ins/)
  })
})

describe('whoever guesses at a name', () => {
  const attack = async (rounds: number) => {
    for (let n = 0; n < rounds; n++) await signIn('olga', `guess ${n}`, from(`198.51.100.${n % 250}`))
  }

  test('does not keep its owner out where he has signed in before', async () => {
    await behindProxy()
    expect((await signIn('olga', testPassword, from('192.0.2.10'))).status).toBe(200)
    nowMs += 3_600_000
    for (let minute = 0; minute < 30; minute++) {
      await attack(3)
      nowMs += 30_000
    }
    await attack(10)
    expect((await signIn('olga', testPassword, from('203.0.113.5'))).status).toBe(429)
    expect((await signIn('olga', testPassword, from('192.0.2.10'))).status).toBe(200)
    // And that the owner gets in does not give the other one new guesses.
    expect((await signIn('olga', 'one more', from('198.51.100.1'))).status).toBe(429)
  })

  test('keeps him out elsewhere for a minute at most', async () => {
    await behindProxy()
    for (let hour = 0; hour < 24; hour++) {
      await attack(7)
      nowMs += 60_000
    }
    await attack(7)
    const { status, retryAfter } = await signIn('olga', testPassword, from('203.0.113.5'))
    expect([status, retryAfter <= 60]).toEqual([429, true])
    nowMs += 60_000
    expect((await signIn('olga', testPassword, from('203.0.113.5'))).status).toBe(200)
  })

  test('from where the owner signs in has to wait like everybody', async () => {
    await behindProxy()
    expect((await signIn('olga', testPassword, from('192.0.2.10'))).status).toBe(200)
    for (let n = 0; n < 5; n++) expect((await signIn('olga', `x${n}`, from('192.0.2.10'))).status).toBe(401)
    expect((await signIn('olga', 'x', from('192.0.2.10'))).status).toBe(429)
  })
})

test('an access token cannot be guessed, and guessing keeps nobody out', async () => {
  await start()
  for (let n = 0; n < 40; n++) {
    const guess = `stillbox_${String(n).padStart(43, 'A')}`
    const response = await fetch(`${service.url}/intercept/snapshots`, {
      headers: { authorization: `Bearer ${guess}` },
    })
    expect(response.status).toBe(401)
  }
  expect((await signIn('olga', testPassword)).status).toBe(200)
})

test('what is remembered of all this has a fixed size, and refused attempts push nothing out', () => {
  const throttle = createSignInThrottle({ clock }, { rememberedAtMost: 100 })
  const begin = (userName: string, address: string) => {
    try {
      throttle.begin({ userName, address })
      return 'begun'
    } catch {
      return 'refused'
    }
  }
  for (let n = 0; n < 5; n++) begin('olga', `a${n}`)
  for (let n = 0; n < 20; n++) begin(`user${n}`, 'b')
  for (let n = 0; n < 1_000; n++) expect(begin(`other${n}`, 'b')).toBe('refused')
  expect([begin('olga', 'c'), begin('somebody', 'b')]).toEqual(['refused', 'refused'])
  const before = process.memoryUsage().heapUsed
  for (let n = 0; n < 100_000; n++) throttle.succeeded({ userName: `user${n}`, address: `b${n}` })
  for (let n = 0; n < 50_000; n++) begin(`other${n}`, `d${n}`)
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000)
})

describe('how a sign-in fails', () => {
  const seconds = async (userName: string, password: string): Promise<number> => {
    const startedAt = performance.now()
    await signIn(userName, password)
    return performance.now() - startedAt
  }

  test('costs as much work for a name nobody has as for a wrong password', async () => {
    await start()
    // One after the other, so that what disturbs one disturbs the other; the clock goes on, so that nobody waits.
    const [known, unknown]: [number[], number[]] = [[], []]
    for (let n = 0; n < 60; n++) {
      nowMs += 120_000
      known.push(await seconds('olga', `wrong ${n}`))
      unknown.push(await seconds(`nobody${n}`, `wrong ${n}`))
    }
    // The quickest of each: a busy machine makes many of them slower, but none quicker than its work.
    const ratio = Math.min(...unknown) / Math.min(...known)
    expect(ratio).toBeGreaterThan(0.5)
    expect(ratio).toBeLessThan(2)
  })

  test('is throttled for a name nobody has like for one that somebody has', async () => {
    await behindProxy()
    const answers = async (userName: string) => {
      const all: [number, number][] = []
      for (let n = 0; n < 8; n++) {
        const { status, retryAfter } = await signIn(userName, `x${n}`, from(`198.51.100.${n}`))
        all.push([status, retryAfter])
      }
      return all
    }
    expect(await answers('nobody')).toEqual(await answers('olga'))
  })
})
