import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expectAccessible } from '../fixtures/axe.ts'
import { createSnapshot, expectState, sampleUser } from '../fixtures/mailbox.ts'
import { expect, test } from '../fixtures/product.ts'

const run = promisify(execFile)

test('an export: choose, watch, read what became of it, download, delete', async ({ signedIn: page }, testInfo) => {
  test.setTimeout(180_000)
  const entry = await createSnapshot(page, sampleUser, ['Mailbox', 'Calendar', 'Contacts'])
  await expectState(entry, 'available')
  await entry.getByRole('link', { name: sampleUser, exact: true }).click()
  await expect(page.getByText('None. “Export” writes the items')).toBeVisible()

  const open = async () => {
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    return page.getByRole('dialog', { name: `Export the snapshot of ${sampleUser}` })
  }
  const listed = (title: string | RegExp) =>
    page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 3, name: title }) })
  const saved = async (title: string | RegExp, link: RegExp) => {
    const downloading = page.waitForEvent('download')
    await listed(title).getByRole('link', { name: link }).click()
    const download = await downloading
    const path = testInfo.outputPath(download.suggestedFilename())
    await download.saveAs(path)
    return path
  }

  const question = await open()
  await expect(question.getByLabel('Format')).toBeFocused()
  await expect(question.getByLabel('Format')).toHaveAccessibleDescription(/any mail program opens them/)
  await expectAccessible(page)
  await question.getByRole('button', { name: 'Not now' }).click()
  await expect(page.getByRole('button', { name: 'Export', exact: true })).toBeFocused()

  await open()
  await question.getByLabel('Folder').selectOption('INBOX')
  await question.getByRole('button', { name: 'Start the export' }).click()
  await expect(question).toBeHidden()
  const zip = listed('ZIP of single files, folder INBOX')
  await expect(zip.getByText(/items written/)).toBeVisible({ timeout: 60_000 })
  await expect(zip).toContainText('not asked for')
  await expect(zip).toContainText('The files are deleted on')
  await expectAccessible(page)
  const { stdout: list } = await run('unzip', ['-Z1', await saved('ZIP of single files, folder INBOX', /eml\.zip$/)])
  const names = list.trim().split('\n')
  expect(names.length).toBeGreaterThan(0)
  expect(names.every((name) => /^mail\/INBOX\/.*\.eml$/.test(name))).toBe(true)
  const report = JSON.parse(await readFile(await saved('ZIP of single files, folder INBOX', /\.json$/), 'utf8'))
  expect(report.counts.written).toBe(names.length)

  await open()
  await question.getByLabel('Format').selectOption('Outlook data file (PST)')
  await question.getByLabel('Largest file in GB').fill('0')
  await question.getByRole('button', { name: 'Start the export' }).click()
  await expect(question.getByLabel('Largest file in GB')).toHaveAccessibleDescription(/Enter a size from 1 to 49 GB/)
  await question.getByLabel('Largest file in GB').fill('2')
  await question.getByRole('button', { name: 'Start the export' }).click()
  const pst = listed(/^Outlook data file/)
  await expect(pst.getByText(/items written/)).toBeVisible({ timeout: 60_000 })
  const { stdout: folders } = await run('lspst', [await saved(/^Outlook data file/, /\.pst$/)])
  expect(folders).toContain('Folder "INBOX"')
  expect(folders).toContain('Folder "Calendars"')

  await pst.getByRole('button', { name: 'Delete the export' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(pst).toHaveCount(0)
  await expect(zip).toBeVisible()
})
