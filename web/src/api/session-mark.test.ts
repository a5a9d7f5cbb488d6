import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readSession, signIn, signOut } from './session.ts'

const ada = {
  userName: 'ada',
  fullName: 'Ada',
  role: 'operator',
  certificate: null,
  organizations: null,
  secondFactors: [],
  lacksSecondFactor: false,
}
const answers: Response[] = []
const asked: string[] = []

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  })
  vi.stubGlobal('fetch', async (_: string, { method }: RequestInit) => {
    asked.push(String(method))
    return answers.shift() ?? Response.error()
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
  answers.length = 0
  asked.length = 0
})

test('a browser that never signed in does not ask who it is', async () => {
  expect(await readSession()).toBeNull()
  expect(asked).toEqual([])
})

test('after a sign-in it asks, until it is told that the session is over', async () => {
  answers.push(Response.json(ada), Response.json(ada), new Response(null, { status: 401 }))
  await signIn({ userName: 'ada', password: 'secret' })
  expect(await readSession()).toMatchObject({ userName: 'ada' })
  expect(await readSession()).toBeNull()
  expect(await readSession()).toBeNull()
  expect(asked).toEqual(['POST', 'GET', 'GET'])
})

test('after a sign-out it does not ask', async () => {
  answers.push(Response.json(ada), new Response(null, { status: 204 }))
  await signIn({ userName: 'ada', password: 'secret' })
  await signOut()
  expect(await readSession()).toBeNull()
  expect(asked).toEqual(['POST', 'DELETE'])
})

test('where the browser refuses its storage it asks each time', async () => {
  vi.stubGlobal('localStorage', undefined)
  answers.push(Response.json(ada))
  expect(await readSession()).toMatchObject({ userName: 'ada' })
})
