import { roleMay, roles } from '@stillbox/shared/vocabulary/access.ts'
import { expect, test } from 'vitest'
import { navigationEntries, shareOut } from './navigation-entries.ts'

test('a bar of five takes five; of six the last two go behind “More”', () => {
  expect(shareOut([1, 2, 3, 4, 5])).toEqual({ bar: [1, 2, 3, 4, 5], more: [] })
  expect(shareOut([1, 2, 3, 4, 5, 6])).toEqual({ bar: [1, 2, 3, 4], more: [5, 6] })
})

test.each(roles)('for the role %s the bar never has more than five places', (role) => {
  const { bar, more } = shareOut(navigationEntries.filter(({ needs }) => roleMay(role, needs)))
  expect(bar.length + (more.length > 0 ? 1 : 0)).toBeLessThanOrEqual(5)
})

test('the audit log is not the operator’s', () => {
  const seenBy = (role: (typeof roles)[number]) =>
    navigationEntries.filter(({ needs }) => roleMay(role, needs)).map(({ to }) => to)
  expect(seenBy('operator')).not.toContain('/audit')
  expect(seenBy('auditor')).toContain('/audit')
  expect(seenBy('auditor')).not.toContain('/snapshots/new')
})
