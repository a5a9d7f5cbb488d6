import { describe, expect, it } from 'vitest'
import { archiveName } from './archive-name.ts'

const named = (userName: string) =>
  archiveName({ userName, createdAt: '2026-11-21T23:59:00.000Z', type: ['mailbox', 'calendar'] })

describe('the name of an archive', () => {
  it('says whose, when and what', () => {
    expect(named('anna@sample.example')).toBe('anna@sample.example 2026-11-21 mailbox+calendar.zip')
    expect(named('Änne Groß')).toBe('Änne Groß 2026-11-21 mailbox+calendar.zip')
  })

  it.each([
    ['../../etc/passwd', 'etc passwd'],
    ['a\\b:c*d?"<>|', 'a b c d'],
    ['...', 'snapshot'],
    ['\u202Egpj.exe\r\nX-Header: 1', 'gpj.exeX-Header 1'],
    ['  dots. ', 'dots.'],
    ['\uD800', '\uFFFD'],
  ])('is safe on every system for %j', (userName, expected) => {
    expect(named(userName)).toBe(`${expected} 2026-11-21 mailbox+calendar.zip`)
  })

  it('stays short without cutting a character in two', () => {
    const name = named('🇩🇪'.repeat(60))
    expect(new TextEncoder().encode(name).length).toBeLessThan(200)
    expect(name).toMatch(/^(🇩🇪)+ 2026/u)
  })
})
