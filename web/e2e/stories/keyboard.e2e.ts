import type { Locator, Page } from '@playwright/test'
import { expectState, sentSnapshot } from '../fixtures/mailbox.ts'
import { expect, test } from '../fixtures/product.ts'

const bruno = 'bruno@sample.example'

/** Presses Tab until the control with this name, and in this place, has the focus. */
const tabTo = async (page: Page, name: RegExp, place: Locator = page.locator('body')): Promise<void> => {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab')
    const text = await page.evaluate(() => {
      const active = document.activeElement
      const label = active instanceof HTMLInputElement ? active.labels?.[0]?.textContent : null
      return active?.getAttribute('aria-label') ?? label ?? active?.textContent ?? ''
    })
    if (name.test(text) && (await place.locator(':focus').count()) > 0) return
  }
  throw new Error(`Tab never reached ${name}`)
}

test('the main job by the keyboard alone', async ({ page, product }) => {
  await page.goto(`${product.url}/`)
  await expect(page.getByLabel('User name')).toBeFocused()
  await page.keyboard.type(product.admin.userName)
  await page.keyboard.press('Tab')
  await page.keyboard.type(product.admin.password)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Snapshot list' })).toBeFocused()

  await tabTo(page, /^Create New Snapshot$/)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Create New Snapshot' })).toBeFocused()
  await tabTo(page, /^User Name$/)
  await page.keyboard.type(bruno)
  await tabTo(page, /^Calendar/)
  await page.keyboard.press('Space')
  await expect(page.getByRole('checkbox', { name: 'Calendar' })).toBeChecked()
  const entry = await sentSnapshot(page, () => page.keyboard.press('Enter'))
  await expect(page.getByRole('heading', { level: 1, name: 'Snapshot list' })).toBeFocused()
  await expectState(entry, 'available')

  await tabTo(page, /^all/)
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('radio', { name: /^available/ })).toBeChecked()
  await expect(page).toHaveURL(/state=available/)

  await tabTo(page, new RegExp(`^More for the snapshot of ${bruno}$`), entry)
  await page.keyboard.press('Enter')
  await tabTo(page, /^Delete$/)
  await page.keyboard.press('Enter')
  const question = page.getByRole('dialog', { name: `Delete the snapshot of ${bruno}?` })
  await expect(question).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(question).toBeHidden()
  await tabTo(page, new RegExp(`^Delete the snapshot of ${bruno}$`), entry)
  await page.keyboard.press('Enter')
  await tabTo(page, /^Delete$/)
  await page.keyboard.press('Enter')
  await expect(question).toBeHidden()
  await expect(page.getByRole('heading', { level: 1, name: 'Snapshot list' })).toBeFocused()
  await expect(entry).toHaveCount(0)
})
