import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { contrast, type Oklch, parseOklch } from './contrast.ts'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const [usual, more] = css.split('@media (prefers-contrast: more)') as [string, string]

type Pair = { light: Oklch; dark: Oklch }
const tokensIn = (text: string): Map<string, Pair> =>
  new Map(
    [...text.matchAll(/--([a-z-]+): light-dark\((oklch\([^)]+\)), (oklch\([^)]+\))\)/g)].map((match) => [
      match[1]!,
      { light: parseOklch(match[2]!), dark: parseOklch(match[3]!) },
    ]),
  )
const usualTokens = tokensIn(usual)
const highTokens = new Map([...usualTokens, ...tokensIn(more)])

const states = ['pending', 'working', 'dumped', 'available', 'failed', 'warning', 'deleted']
const surfaces = ['surface', 'surface-raised', 'surface-sunken']
const textPairs: [string, string][] = [
  ...surfaces.flatMap((surface): [string, string][] => [
    ['ink', surface],
    ['ink-soft', surface],
    ['accent', surface],
    ...states.map((state): [string, string] => [`${state}-ink`, surface]),
  ]),
  ...states.map((state): [string, string] => [`${state}-ink`, `${state}-wash`]),
  ...states.map((state): [string, string] => ['ink', `${state}-wash`]),
  ['ink', 'accent-wash'],
  ['ink-soft', 'accent-wash'],
  ['accent-strong', 'accent-wash'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
]
const graphicPairs: [string, string][] = [
  ...surfaces.map((surface): [string, string] => ['line-strong', surface]),
  ...surfaces.map((surface): [string, string] => ['accent', surface]),
  ['accent', 'accent-wash'],
]

const ratio = (tokens: Map<string, Pair>, theme: keyof Pair, [one, other]: [string, string]): number =>
  contrast(tokens.get(one)![theme], tokens.get(other)![theme])

test('contrast is that of WCAG: black on white is 21, a colour on itself 1', () => {
  const [black, white] = [parseOklch('oklch(0 0 0)'), parseOklch('oklch(1 0 0)')]
  expect(contrast(black, white)).toBeCloseTo(21, 1)
  expect(contrast(white, white)).toBe(1)
})

describe.each([
  ['light', usualTokens, 'light', 4.5, 3],
  ['dark', usualTokens, 'dark', 4.5, 3],
  ['high contrast light', highTokens, 'light', 7, 4.5],
  ['high contrast dark', highTokens, 'dark', 7, 4.5],
] as const)('%s', (_, tokens, theme, forText, forGraphics) => {
  test.each(textPairs)(`text %s on %s is at least ${forText}:1`, (...pair) => {
    expect(ratio(tokens, theme, pair)).toBeGreaterThanOrEqual(forText)
  })
  test.each(graphicPairs)(`graphic %s on %s is at least ${forGraphics}:1`, (...pair) => {
    expect(ratio(tokens, theme, pair)).toBeGreaterThanOrEqual(forGraphics)
  })
})
