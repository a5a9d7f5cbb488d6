import type { Page } from '@playwright/test'
import { entriesOf, expectState } from '../fixtures/mailbox.ts'
import { expect, test } from '../fixtures/product.ts'

const bruno = 'bruno@sample.example'

/** Presses Tab until the control with this name has the focus. */
const tabTo = async (page: Page, name: RegExp): Promise<void> => {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab')
    const text = await page.evaluate(() => {
      const active = document.activeElement
      const label = active instanceof HTMLInputElement ? active.labels?.[0]?.textContent : null
      return active?.getAttribute('aria-label') ?? label ?? active?.textContent ?? ''
    })
    if (name.test(text)) return
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
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Snapshot list' })).toBeFocused()

  const entry = entriesOf(page, bruno).first()
  await expectState(entry, 'available')
  const before = await entriesOf(page, bruno).count()

  await tabTo(page, /^all/)
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('radio', { name: /^available/ })).toBeChecked()
  await expect(page).toHaveURL(/state=available/)

  await tabTo(page, new RegExp(`^More for the snapshot of ${bruno}$`))
  await page.keyboard.press('Enter')
  await tabTo(page, /^Delete$/)
  await page.keyboard.press('Enter')
  const question = page.getByRole('dialog', { name: `Delete the snapshot of ${bruno}?` })
  await expect(question).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(question).toBeHidden()
  await tabTo(page, new RegExp(`^Delete the snapshot of ${bruno}$`))
  await page.keyboard.press('Enter')
  await tabTo(page, /^Delete$/)
  await page.keyboard.press('Enter')
  await expect(question).toBeHidden()
  await expect(page.getByRole('heading', { level: 1, name: 'Snapshot list' })).toBeFocused()
  await expect(entriesOf(page, bruno)).toHaveCount(before - 1)
})
