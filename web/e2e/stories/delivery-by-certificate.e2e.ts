import type { Page } from '@playwright/test'
import { expectAccessible } from '../fixtures/axe.ts'
import { callMethod, resultOf } from '../fixtures/call-method.ts'
import { test } from '../fixtures/certified-product.ts'
import { expectPageState, sampleUser, sentSnapshot } from '../fixtures/mailbox.ts'
import { expect } from '../fixtures/product.ts'
import { startSlowLine } from '../fixtures/slow-line.ts'
import { authorizeService, filesBelow, saveDestination, sha256OfFile, withSshd } from '../fixtures/sshd.ts'

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })

test('by certificate: an operator watches an upload; an auditor sees it in the log and can change nothing', async ({
  browser,
  certified,
}, testInfo) => {
  await withSshd(async (sshd) => {
    const line = await startSlowLine(sshd.port, 250_000)
    const [asAdmin, asOperator, asAuditor] = [
      await certified.open(browser, certified.admin),
      await certified.open(browser, certified.operator),
      await certified.open(browser, certified.auditor),
    ]
    try {
      const admin = await asAdmin.newPage()
      await admin.goto(certified.url)
      await expect(heading(admin, 'Snapshot list')).toBeVisible()
      for (const role of ['operator', 'auditor'])
        await resultOf(admin, 'CreateUser', { userName: role, privileges: role, organizations: ['*'] })
      await authorizeService(admin, sshd)
      await saveDestination(admin, sshd, { name: 'Legal vault', port: line.port })

      const operator = await asOperator.newPage()
      await operator.goto(certified.url)
      const rail = operator.getByRole('navigation', { name: 'Main' })
      await expect(rail.getByRole('link', { name: 'Destinations' })).toBeVisible()
      await expect(rail.getByRole('link', { name: 'Audit log' })).toHaveCount(0)
      await rail.getByRole('link', { name: 'Create New Snapshot' }).click()
      await operator.getByRole('textbox', { name: 'User Name' }).fill(sampleUser)
      for (const type of ['Mailbox', 'Calendar', 'Contacts'])
        await operator.getByRole('checkbox', { name: type }).check()
      await operator.getByRole('button', { name: 'Everything since 2000' }).click()
      await operator.getByRole('radio', { name: 'SFTP' }).check()
      await operator.getByLabel('Destination').selectOption('Legal vault')
      const entry = await sentSnapshot(operator, () =>
        operator.getByRole('button', { name: 'Create Snapshot' }).click(),
      )
      await entry.getByRole('link', { name: sampleUser, exact: true }).click()
      await expect(heading(operator, sampleUser)).toBeVisible()

      const upload = operator.getByRole('progressbar', { name: `Upload of the snapshot of ${sampleUser}` })
      await expect(upload).toBeVisible({ timeout: 30_000 })
      await expect(operator.getByRole('main')).toContainText(/[\d.]+\s[kM]B of [\d.]+\sMB · [\d.]+\s[kM]B\/s/)
      await expect(operator.getByRole('main')).toContainText('to Legal vault')
      await expectAccessible(operator)
      line.widen()
      const main = operator.getByRole('main')
      await expectPageState(operator, 'available')
      await expect(upload).toBeHidden()
      const [delivered, ...others] = await filesBelow(sshd.folder)
      expect(others).toEqual([])
      await expect(main).toContainText(delivered!)
      const downloading = operator.waitForEvent('download')
      await operator.getByRole('link', { name: /^Download/ }).click()
      const here = testInfo.outputPath('here.zip')
      await (await downloading).saveAs(here)
      expect(await sha256OfFile(delivered!)).toBe(await sha256OfFile(here))
      const snapshotId = operator.url().split('/').at(-1)!

      const auditor = await asAuditor.newPage()
      await auditor.goto(`${certified.url}/snapshots/${snapshotId}`)
      await expect(heading(auditor, sampleUser)).toBeVisible()
      await expect(auditor.getByText('Your role, auditor, may read but not change.')).toBeVisible()
      const changing = auditor.getByRole('button', { name: /^(Delete|Retry|Upload again|Cancel|Let it expire)/ })
      await expect(changing.and(auditor.locator(':not([aria-disabled="true"])'))).toHaveCount(0)
      const auditorsRail = auditor.getByRole('navigation', { name: 'Main' })
      await expect(auditorsRail.getByRole('link', { name: /^Create/ })).toHaveCount(0)
      await auditorsRail.getByRole('link', { name: 'Destinations' }).click()
      await expect(auditor.getByRole('row').filter({ hasText: 'Legal vault' })).toBeVisible()
      await expect(auditor.getByRole('link', { name: 'New destination' })).toHaveCount(0)
      await expect(auditor.getByRole('button', { name: /^Test/ })).toHaveCount(0)
      await expectAccessible(auditor)
      expect(await callMethod(auditor, 'DeleteSnapshot', { snapshotId })).toEqual({ code: 'forbidden' })
      expect(await callMethod(auditor, 'CreateSnapshot', { userName: sampleUser, type: ['contacts'] })).toEqual({
        code: 'forbidden',
      })

      await auditorsRail.getByRole('link', { name: 'Audit log' }).click()
      await expect(heading(auditor, 'Audit log')).toBeFocused()
      const logged = (action: string) => auditor.getByRole('row').filter({ hasText: action })
      await expect(logged('Deliver an archive').filter({ hasText: 'done' })).toHaveCount(1)
      const created = logged('Create a snapshot').filter({ hasText: 'operator' })
      await expect(created).toContainText('done')
      await expect(created).toContainText('certificate')
      await expect(logged('Delete a snapshot')).toContainText('refused')
      await expectAccessible(auditor)
      await created.getByRole('link', { name: /^Create a snapshot/ }).click()
      const details = auditor.getByRole('dialog', { name: /^Entry \d+ of the audit log/ })
      await expect(details).toContainText(snapshotId)
      await expectAccessible(auditor)
      await details.getByRole('button', { name: 'Close' }).click()
      await expect(details).toBeHidden()

      await auditor.getByRole('button', { name: 'Verify the chain' }).click()
      await expect(auditor.getByRole('status').filter({ hasText: /The chain is whole: \d+ entries/ })).toBeVisible()
      await expectAccessible(auditor)
    } finally {
      for (const context of [asAdmin, asOperator, asAuditor]) await context.close()
      await line.stop()
    }
  })
})
