import { expectAccessible } from '../fixtures/axe.ts'
import { createSnapshot, expectState, sampleUser } from '../fixtures/mailbox.ts'
import { expect, test } from '../fixtures/product.ts'

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
