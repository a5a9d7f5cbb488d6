import { readFile } from 'node:fs/promises'
import { expectAccessible } from '../fixtures/axe.ts'
import { resultOf } from '../fixtures/call-method.ts'
import { expect, test } from '../fixtures/product.ts'

test('the audit log: filters in the address, details, the chain, more pages and an export', async ({
  signedIn: page,
  product,
}) => {
  await page.getByRole('navigation').getByRole('link', { name: 'Audit log' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Audit log' })).toBeFocused()
  const rows = page.getByRole('row').filter({ hasNot: page.getByRole('columnheader') })

  await page.getByLabel('Action').selectOption('session.open')
  await expect(page).toHaveURL(/action=session\.open/)
  await page.getByLabel('Who: part of a user name').fill('ADM')
  await expect(page).toHaveURL(/actor=ADM/)
  await expect(rows.first()).toContainText('Sign in to the web interface')
  await page.reload()
  await expect(page.getByLabel('Action')).toHaveValue('session.open')
  await expect(rows.first()).toContainText('Sign in to the web interface')
  await expectAccessible(page)
  await expect(rows.filter({ hasText: 'Verify the audit log' })).toHaveCount(0)

  await rows
    .first()
    .getByRole('link', { name: /^Sign in to the web interface/ })
    .click()
  const details = page.getByRole('dialog', { name: /^Entry \d+ of the audit log/ })
  await expect(details).toContainText(/[0-9a-f]{64}/)
  await expect(page).toHaveURL(/entry=\d+/)
  await expectAccessible(page)
  await page.reload()
  await expect(details).toContainText(/[0-9a-f]{64}/)
  await page.keyboard.press('Escape')
  await expect(details).toBeHidden()

  const exporting = page.waitForEvent('download')
  await page.getByRole('link', { name: /^JSON Lines/ }).click()
  const lines = (await readFile(await (await exporting).path(), 'utf8')).trim().split('\n')
  const exported = lines.map((line) => JSON.parse(line) as { action: string; actor: string })
  expect(exported.length).toBeGreaterThan(0)
  expect(exported.every(({ action, actor }) => action === 'session.open' && actor === 'admin')).toBe(true)

  await page.getByRole('button', { name: 'Last 24 hours' }).click()
  await expect(page).toHaveURL(/from=/)
  await expect(rows.first()).toContainText('Sign in to the web interface')
  await page.getByRole('radio', { name: 'refused' }).check({ force: true })
  await expect(page.getByRole('heading', { name: 'No entry matches' })).toBeVisible()
  await page.getByRole('button', { name: 'Clear filters' }).last().click()
  await expect(page).toHaveURL(/\/audit$/)

  await page.getByRole('button', { name: 'Verify the chain' }).click()
  const found = page.getByRole('status').filter({ hasText: /The chain is whole: \d+ entries, none changed/ })
  await expect(found).toBeVisible()
  await expect(found).toContainText(/[0-9a-f]{64}/)

  // More than a page of entries.
  await Promise.all(Array.from({ length: 55 }, () => resultOf(page, 'VerifyAuditLog')))
  await page.goto(`${product.url}/audit?action=nonsense&from=yesterday&entry=no`)
  await expect(rows).toHaveCount(50)
  await page.getByRole('button', { name: 'Load more' }).click()
  await expect(rows).not.toHaveCount(50)
  expect(await rows.count()).toBeGreaterThan(55)
})
