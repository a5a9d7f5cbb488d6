import { expectAccessible } from '../fixtures/axe.ts'
import { expect, test } from '../fixtures/product.ts'

test('a wrong password is refused near the form; the right one leads back to where one was going', async ({
  page,
  product,
}) => {
  await page.goto(`${product.url}/snapshots?state=failed`)
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in to Stillbox' })).toBeVisible()
  await expectAccessible(page)

  await page.getByLabel('User name').fill(product.admin.userName)
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toHaveText('The user name or the password is wrong.')
  await expect(page.getByLabel('User name')).toHaveValue(product.admin.userName)
  await expectAccessible(page)

  await page.getByLabel('Password').fill(product.admin.password)
  await page.getByLabel('Password').press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Snapshot list' })).toBeVisible()
  await expect(page).toHaveURL(/\/snapshots\?state=failed$/)
  await expect(page).toHaveTitle('Snapshot list · Stillbox')

  await page.getByRole('button', { name: /admin/i }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in to Stillbox' })).toBeVisible()
  await page.goto(`${product.url}/snapshots`)
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in to Stillbox' })).toBeVisible()
})

test('the first page a browser loads puts no refusal into its console', async ({ page, product }) => {
  const said: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') said.push(message.text())
  })
  await page.goto(`${product.url}/`)
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in to Stillbox' })).toBeVisible()
  await page.getByLabel('User name').fill(product.admin.userName)
  await page.getByLabel('Password').fill(product.admin.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Snapshot list' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Snapshot list' })).toBeVisible()
  expect(said).toEqual([])
})

test('a link cannot lead to another site after the sign-in', async ({ page, product }) => {
  await page.goto(`${product.url}/sign-in?back=//elsewhere.example/`)
  await page.getByLabel('User name').fill(product.admin.userName)
  await page.getByLabel('Password').fill(product.admin.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Snapshot list' })).toBeVisible()
  expect(new URL(page.url()).origin).toBe(product.url)
})

test('a session that ends in the middle leaves what was typed', async ({ signedIn: page, product, context }) => {
  await page.getByRole('link', { name: 'Create New Snapshot' }).first().click()
  await page.getByRole('textbox', { name: 'User Name' }).fill('typed@sample.example')
  await page.getByRole('checkbox', { name: 'Contacts' }).check()

  await context.clearCookies()
  await page.getByRole('button', { name: 'Create Snapshot' }).click()
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
  await expect(dialog).toBeVisible()
  await expectAccessible(page)
  await dialog.getByLabel('Password').fill(product.admin.password)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('textbox', { name: 'User Name' })).toHaveValue('typed@sample.example')
  await expect(page.getByRole('checkbox', { name: 'Contacts' })).toBeChecked()
})
