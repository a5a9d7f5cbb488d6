import { expectAccessible } from '../fixtures/axe.ts'
import { createSnapshot, entriesOf, expectState } from '../fixtures/mailbox.ts'
import { expect, test } from '../fixtures/product.ts'

const bruno = 'bruno@sample.example'
const stranger = 'stranger@sample.example'

test('filters live in the address: they survive a reload, and an empty result offers to clear them', async ({
  signedIn: page,
}) => {
  await expectState(await createSnapshot(page, bruno, ['Contacts']), 'available')
  await expectState(await createSnapshot(page, stranger, ['Contacts']), 'failed')

  await page.getByRole('radio', { name: /^failed/ }).check({ force: true })
  await expect(page).toHaveURL(/\?state=failed$/)
  await expect(entriesOf(page, bruno)).toHaveCount(0)
  await page.getByLabel('Search user name').fill('STRANGER')
  await expect(page).toHaveURL(/userName=STRANGER/)
  await expect(entriesOf(page, stranger)).not.toHaveCount(0)

  await page.reload()
  await expect(page.getByRole('radio', { name: /^failed/ })).toBeChecked()
  await expect(page.getByLabel('Search user name')).toHaveValue('STRANGER')
  await expect(entriesOf(page, stranger)).not.toHaveCount(0)
  await expect(entriesOf(page, bruno)).toHaveCount(0)

  await page.getByLabel('Search user name').fill('nobody has this name')
  await expect(page.getByRole('heading', { name: 'No snapshot matches' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(page).toHaveURL(/\/snapshots$/)
  await expect(entriesOf(page, bruno)).not.toHaveCount(0)
})

test('an address with a filter nobody knows shows the list instead of failing', async ({ signedIn: page, product }) => {
  await page.goto(`${product.url}/snapshots?state=nonsense&limit=-4`)
  await expect(page.getByRole('radio', { name: /^all/ })).toBeChecked()
})

test('the page of a snapshot that does not exist says so', async ({ signedIn: page, product }) => {
  await page.goto(`${product.url}/snapshots/3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2`)
  await expect(page.getByRole('heading', { name: 'There is no snapshot with this id' })).toBeVisible()
  await expectAccessible(page)
  await page.goto(`${product.url}/nowhere`)
  await expect(page.getByRole('heading', { level: 1, name: 'No such page' })).toBeAttached()
})

test('the system page names the version and the key that signs', async ({ signedIn: page }) => {
  await page.getByRole('navigation').getByRole('link', { name: 'System' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'System' })).toBeFocused()
  await expect(page.getByText('Signing key')).toBeVisible()
  await expectAccessible(page)
})
