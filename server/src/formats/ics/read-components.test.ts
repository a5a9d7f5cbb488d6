import { expect, it } from 'vitest'
import { readComponents } from './read-components.ts'

it('the reading ends where there are too many lines, empty ones included', () => {
  const { calendars, isWhole } = readComponents(
    Buffer.from(`BEGIN:VCALENDAR\r\nX:1\r\n${'\r\n'.repeat(200_000)}X:2\r\nEND:VCALENDAR\r\n`),
  )
  expect([calendars[0]!.lines.map(({ value }) => value), isWhole]).toEqual([['1'], false])
})
