import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expectAccessible } from '../fixtures/axe.ts'
import { expectPageState, expectState, sampleUser, sentSnapshot } from '../fixtures/mailbox.ts'
import { expect, test } from '../fixtures/product.ts'
import { authorizeService, filesBelow, saveDestination, sha256OfFile, withSshd } from '../fixtures/sshd.ts'

test('a delivery that failed keeps its archive; once the cause is gone it is uploaded again', async ({
  signedIn: page,
}, testInfo) => {
  await withSshd(async (sshd) => {
    const folder = join(sshd.folder, 'not-there-yet')
    await authorizeService(page, sshd)
    await saveDestination(page, sshd, { name: 'Vault', path: folder })

    await page
      .getByRole('navigation')
      .getByRole('link', { name: /^Create/ })
      .click()
    await page.getByRole('textbox', { name: 'User Name' }).fill(sampleUser)
    await page.getByRole('checkbox', { name: 'Contacts' }).check()
    await page.getByRole('radio', { name: 'SCP' }).check()
    await expect(page.getByRole('main')).toContainText('There is no SCP destination')
    await expect(page.getByRole('link', { name: /^Add one/ })).toHaveAttribute('href', '/destinations/new')
    await page.getByRole('radio', { name: 'SFTP' }).check()
    await page.getByRole('button', { name: 'Create Snapshot' }).click()
    await expect(page.getByLabel('Destination')).toBeFocused()
    await expect(page.getByLabel('Destination')).toHaveAccessibleDescription(/Choose where the archive/)
    await expectAccessible(page)
    await page.getByLabel('Destination').selectOption('Vault')
    await expect(page.getByRole('checkbox', { name: 'Delete the local archive after delivery' })).not.toBeChecked()
    const entry = await sentSnapshot(page, () => page.getByRole('button', { name: 'Create Snapshot' }).click())
    await expectState(entry, 'failed')
    await expect(entry).toContainText(`has no folder “${folder}”`)
    await expect(entry).toContainText('The archive is complete and kept here.')
    await expectAccessible(page)

    await entry.getByRole('link', { name: sampleUser, exact: true }).click()
    const main = page.getByRole('main')
    await expect(main).toContainText('The archive is complete and kept here: download it, or have it uploaded again')
    await expect(page.getByRole('listitem').filter({ hasText: 'uploading' })).toBeVisible()
    await expectAccessible(page)
    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: /^Download/ }).click()
    const kept = testInfo.outputPath('kept.zip')
    await (await downloading).saveAs(kept)

    await mkdir(folder)
    await page.getByRole('button', { name: 'Upload again' }).click()
    await expectPageState(page, 'available')
    const [delivered, ...others] = await filesBelow(folder)
    expect(others).toEqual([])
    const sha256 = await sha256OfFile(delivered!)
    expect(sha256).toBe(await sha256OfFile(kept))
    await expect(main).toContainText(delivered!)
    await expect(main).toContainText('checksum, computed by the server itself')
    await expect(main).toContainText(sha256)
    await expectAccessible(page)

    await page.getByRole('button', { name: 'Let it expire' }).click()
    const question = page.getByRole('dialog', { name: /^How long to keep the archive/ })
    await expectAccessible(page)
    await question.getByLabel('Last day').fill(new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10))
    await question.getByRole('button', { name: 'Keep it so' }).click()
    await expect(main.getByText(/expires in [23] days/)).toBeVisible()
    await page.getByRole('link', { name: 'Snapshot list' }).first().click()
    await expect(entry).toContainText(/expires in [23] days/)
    await expectAccessible(page)
    await entry.getByRole('link', { name: sampleUser, exact: true }).click()
    await page.getByRole('button', { name: 'Keep it longer' }).click()
    await question.getByRole('radio', { name: 'For ever' }).check()
    await question.getByRole('button', { name: 'Keep it so' }).click()
    await expect(main).toContainText('The archive is kept until somebody deletes it.')
  })
})

test('an archive that is deleted here after its delivery says where it lies', async ({ signedIn: page }) => {
  const bruno = 'bruno@sample.example'
  await withSshd(async (sshd) => {
    await authorizeService(page, sshd)
    await saveDestination(page, sshd, { name: 'Only there' })
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /^Create/ })
      .click()
    await page.getByRole('textbox', { name: 'User Name' }).fill(bruno)
    await page.getByRole('checkbox', { name: 'Contacts' }).check()
    await page.getByRole('radio', { name: 'SFTP' }).check()
    await page.getByLabel('Destination').selectOption('Only there')
    await page.getByRole('checkbox', { name: 'Delete the local archive after delivery' }).check()
    const entry = await sentSnapshot(page, () => page.getByRole('button', { name: 'Create Snapshot' }).click())
    await expectState(entry, 'available')
    await expect(entry).toContainText('Delivered to Only there, not here any more')
    await expectAccessible(page)

    await entry.getByRole('link', { name: bruno, exact: true }).click()
    const reason = `The archive was delivered to ${sshd.host} and then deleted here.`
    await expect(page.getByRole('main')).toContainText(reason)
    for (const name of ['Download', 'Verify']) {
      const button = page.getByRole('button', { name, exact: true })
      await expect(button).toHaveAttribute('aria-disabled', 'true')
      await expect(button).toHaveAttribute('title', reason)
    }
    await expect(page.getByRole('main')).toContainText((await filesBelow(sshd.folder))[0]!)
    await expectAccessible(page)
  })
})
