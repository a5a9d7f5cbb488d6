import { open } from 'node:fs/promises'
import { expectAccessible } from '../fixtures/axe.ts'
import { createSnapshot, expectState, sampleUser } from '../fixtures/mailbox.ts'
import { expect, test } from '../fixtures/product.ts'

test('the main job: create, watch, read the account, download, verify, delete', async ({
  signedIn: page,
}, testInfo) => {
  await expectAccessible(page)

  const entry = await createSnapshot(page, sampleUser, ['Mailbox', 'Calendar', 'Contacts'])
  await expectState(entry, 'available')
  await expect(entry).toContainText('Mailbox, Calendar, Contacts')
  await expect(entry).toContainText('not verified')
  await expectAccessible(page)

  await entry.getByRole('link', { name: sampleUser, exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: sampleUser })).toBeFocused()
  await expect(page.getByRole('heading', { name: 'Account of the source' })).toBeVisible()
  await expect(page.getByText(/^[\d,]+ on the server$/)).toBeVisible()
  await expect(page.getByRole('rowheader', { name: /INBOX/ }).first()).toBeVisible()
  await expectAccessible(page)

  const downloading = page.waitForEvent('download')
  await page.getByRole('link', { name: /^Download/ }).click()
  const download = await downloading
  expect(download.suggestedFilename()).toMatch(/\.zip$/)
  const path = testInfo.outputPath('archive.zip')
  await download.saveAs(path)
  const file = await open(path)
  try {
    const start = Buffer.alloc(4)
    await file.read(start, 0, 4, 0)
    // Local file header, APPNOTE 4.3.7.
    expect(start.toString('latin1')).toBe('PK\u0003\u0004')
    const { size } = await file.stat()
    const shown = new Intl.NumberFormat('en-GB', { maximumFractionDigits: size >= 100_000 && size < 1_000_000 ? 0 : 1 })
    const unit = size >= 1_000_000 ? 1_000_000 : 1_000
    await expect(page.locator('dd').filter({ hasText: '.zip' })).toContainText(shown.format(size / unit))
  } finally {
    await file.close()
  }

  const here = page.getByRole('navigation').getByRole('link', { name: 'Snapshot list' })
  await expect(here).toHaveAttribute('aria-current', 'true')
  // What can never be done in this state is not offered.
  await expect(page.getByRole('button', { name: 'Retry' })).toHaveCount(0)
  await expect(page.getByText('not verified yet')).toBeVisible()
  await page.getByRole('button', { name: 'Verify' }).click()
  // The full instant, for hover and focus, stands in between.
  const header = page.getByRole('main').locator('header')
  await expect(header).toContainText(/verified\s+\d\d:\d\d.*, whole/, { timeout: 40_000 })
  const messages = page.getByRole('region', { name: 'Messages' })
  await expect(messages).toContainText(`The archive of ${sampleUser} is whole.`)
  await expect(messages).not.toContainText('Verifying')
  await expect(page.locator('dd').getByText('verified', { exact: true })).toBeVisible({ timeout: 40_000 })

  await page.getByRole('button', { name: 'Delete' }).click()
  const question = page.getByRole('dialog', { name: `Delete the snapshot of ${sampleUser}?` })
  await expect(question).toBeVisible()
  await expectAccessible(page)
  await question.getByRole('button', { name: 'Keep it' }).click()
  await expect(question).toBeHidden()
  await expect(page.getByRole('button', { name: 'Delete' })).toBeFocused()

  await page
    .getByRole('navigation')
    .getByRole('link', { name: /^Snapshot/ })
    .last()
    .click()
  await entry.getByRole('button', { name: /^Delete/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(page.getByText(`The snapshot of ${sampleUser} was deleted.`).last()).toBeVisible()
  await expect(entry).toHaveCount(0)
})

test('an unknown user is accepted, fails with the reason, and can be retried', async ({ signedIn: page }) => {
  const nobody = 'nobody@sample.example'
  const entry = await createSnapshot(page, nobody, ['Contacts'])
  await expectState(entry, 'failed')
  const sentence = `No organization directory knows the user “${nobody}”. Check the spelling; then create a new snapshot.`
  await expect(entry).toContainText(sentence)
  await expectAccessible(page)

  await entry.getByRole('button', { name: `More for the snapshot of ${nobody}` }).click()
  const forbidden = page.getByRole('button', { name: /^Download There is no archive/ })
  await expect(forbidden).toBeVisible()
  await expect(forbidden).toHaveAttribute('aria-disabled', 'true')
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await expect(forbidden).toBeHidden()

  await entry.getByRole('button', { name: /^Retry/ }).click()
  await expect(page.getByText(`The snapshot of ${nobody} starts again.`).last()).toBeVisible()
  await expectState(entry, 'failed')
  await expect(entry).toContainText(sentence)
})

test('the create form says what is missing beside each field and keeps what was entered', async ({
  signedIn: page,
}) => {
  await page.getByRole('link', { name: 'Create New Snapshot' }).first().click()
  await expectAccessible(page)
  await page.getByRole('checkbox', { name: 'Mailbox' }).check()
  await page.getByRole('button', { name: 'Create Snapshot' }).click()
  const userName = page.getByRole('textbox', { name: 'User Name' })
  await expect(userName).toBeFocused()
  await expect(userName).toHaveAccessibleDescription(/Enter the user name/)
  await expect(page.getByLabel('Start date')).toHaveAccessibleDescription(/Enter the first day/)
  await expect(page.getByRole('checkbox', { name: 'Mailbox' })).toBeChecked()
  await expectAccessible(page)

  await userName.fill('anna@sample.example')
  await expect(userName).not.toHaveAttribute('aria-invalid')
  await expect(page.getByText(/Enter the user name/)).toHaveCount(0)
  await expect(page.getByLabel('Start date')).toHaveAttribute('aria-invalid', 'true')
  await page.getByRole('button', { name: 'Last 30 days' }).click()
  await expect(page.getByLabel('Start date')).not.toHaveAttribute('aria-invalid')
  await expect(page.getByText(/^Enter the/)).toHaveCount(0)
})
