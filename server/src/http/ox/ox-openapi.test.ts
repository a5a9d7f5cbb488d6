import { expect, test } from 'vitest'
import { type Route, routes } from '../routes.ts'
import { oxPaths } from './ox-openapi.ts'

const rows = Object.entries<Route>(routes).filter(([name]) => /^ox(?!.*V1$)/.test(name))

test('every call of the snapshot API is described, and no other', () => {
  const declared = rows.flatMap(([name, { verbs, path, access }]) =>
    verbs.map((verb) => [verb, path.replace(/:(\w+)/, '{$1}'), name, access]),
  )
  const described = Object.entries(oxPaths()).flatMap(([path, calls]) =>
    Object.entries(calls).map(([verb, call]) => [verb, path, call.operationId, call['x-access']]),
  )
  expect(declared.length).toBe(6)
  expect(described.toSorted()).toEqual(declared.toSorted())
})

test('each has a second address under /v1 with the same right', () => {
  const all: Readonly<Record<string, Route>> = routes
  for (const [name, route] of rows) expect(all[`${name}V1`]).toEqual({ ...route, path: `/v1${route.path}` })
})
