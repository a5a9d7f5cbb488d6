import { expect, test } from 'vitest'
import { whyNoPasskeys } from './passkeys.ts'

const at = (url: string) => new URL(url)

test.each(['http://localhost:8462', 'https://stillbox.example.org'])('%s can have passkeys', (url) => {
  expect(whyNoPasskeys(at(url), true)).toBeNull()
  expect(whyNoPasskeys(at(url), false)).toMatch(/https/)
})

test.each([
  ['http://127.0.0.1:8462', 'http://localhost:8462 '],
  ['http://[::1]:80', 'http://localhost '],
  ['https://192.0.2.7', 'by its name'],
])('%s cannot, and is told where they can be had', (url, told) => {
  expect(whyNoPasskeys(at(url), true)).toContain(told)
})
