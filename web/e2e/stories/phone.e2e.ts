import type { Page } from '@playwright/test'
import { expectAccessible } from '../fixtures/axe.ts'
import { createSnapshot, expectState, sampleUser } from '../fixtures/mailbox.ts'
import { expect, test } from '../fixtures/product.ts'

/** Leads to a page by the bar, or by what stands behind “More” there. */
const goTo = async (page: Page, name: string): Promise<void> => {
  const bar = page.getByRole('navigation', { name: 'Main' })
  const link = bar.getByRole('link', { name })
  if (!(await link.isVisible())) await bar.getByRole('button', { name: 'More' }).click()
  await link.click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeFocused()
}

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true })

test('on a phone the rail is a bottom bar, rows are cards, and nothing runs off the side', async ({
  signedIn: page,
}) => {
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)
  const bar = await page.getByRole('navigation', { name: 'Main' }).boundingBox()
  expect(bar && bar.y + bar.height).toBe(844)

  const card = await createSnapshot(page, sampleUser, ['Calendar'])
  await expectState(card, 'available')
  await expect(page.getByRole('table')).toHaveCount(0)
  await expect(card).toContainText('Items and size')
  expect(await fits()).toBe(true)
  await expectAccessible(page)

  await card.getByRole('link', { name: sampleUser, exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Account of the source' })).toBeVisible()
  expect(await fits()).toBe(true)
  await expectAccessible(page)

  await page.getByRole('navigation').getByRole('link', { name: 'Create' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Create New Snapshot' })).toBeVisible()
  expect(await fits()).toBe(true)
  await expectAccessible(page)
})

test('the bottom bar has at most five places, and leads to every page', async ({ signedIn: page }) => {
  const bar = page.getByRole('navigation', { name: 'Main' })
  await expect(bar.getByRole('link', { name: 'Snapshots' })).toBeVisible()
  const places = bar.getByRole('link').or(bar.getByRole('button', { name: 'More' }))
  const shown = await places.evaluateAll((all) => all.filter((one) => one.checkVisibility()).length)
  expect(shown).toBeLessThanOrEqual(5)
  for (const name of ['Destinations', 'Audit log', 'System']) {
    await goTo(page, name)
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
    await expectAccessible(page)
  }
  await goTo(page, 'Destinations')
  await page.getByRole('link', { name: 'New destination' }).first().click()
  await expect(page.getByRole('heading', { level: 1, name: 'New destination' })).toBeFocused()
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
  await expectAccessible(page)
})
