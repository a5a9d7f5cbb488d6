import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namedZone } from './calendar-zone.ts'
import { readMoment } from './read-moment.ts'

const near = (instants: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...instants), fc.integer({ min: -180, max: 180 }))
    .map(([instant, minutes]) => Date.parse(`${instant}Z`) + minutes * 60_000)

describe('a zone by its name', () => {
  it('tells the same instants as looking each up anew, around changes too', () => {
    const zones = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
      'America/Sao_Paulo',
      'Asia/Kathmandu',
      'Pacific/Apia',
      'Europe/Dublin',
    )
    const moments = fc.oneof(
      fc.integer({ min: Date.UTC(1950, 0, 1) / 60_000, max: Date.UTC(2040, 0, 1) / 60_000 }).map((at) => at * 60_000),
      near([
        '2026-03-29T02:00',
        '2026-10-25T03:00',
        '2026-03-08T02:00',
        '2026-11-01T02:00',
        '2026-04-05T02:00',
        '2026-02-15T03:00',
        '2011-12-30T00:00',
        '2018-11-04T00:00',
        '2026-01-01T00:00',
      ]),
    )
    fc.assert(
      fc.property(zones, moments, (zone, localMs) => {
        const local = new Date(localMs).toISOString().replace(/[-:]|\.\d+Z$/g, '')
        expect(new Date(namedZone(zone)!.toUtcMs(localMs)).toISOString()).toBe(readMoment(local, zone))
      }),
      { numRuns: 1500 },
    )
  })

  it('knows the names of Windows, and no others', () => {
    expect(namedZone('W. Europe Standard Time')!.name).toBe('Europe/Berlin')
    expect(namedZone('Nowhere')).toBeNull()
  })
})
