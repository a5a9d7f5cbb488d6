import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ownFolder } from '../../../server/testkit/servers/child.ts'
import { expectAccessible } from '../fixtures/axe.ts'
import { createSnapshot, entriesOf, expectState } from '../fixtures/mailbox.ts'
import { expect, test } from '../fixtures/product.ts'

/** Runs a pasted command as a shell does; curl asks for the password and, without a terminal, reads it from its input. */
const inShell = async (command: string, password: string, cwd?: string): Promise<string> => {
  const shell = spawn('sh', ['-c', command], { cwd, detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
  shell.stdin.end(`${password}\n`)
  return text(shell.stdout)
}

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
  await page.goto(`${product.url}/snapshots/no-id`)
  await expect(page.getByRole('heading', { name: 'There is no snapshot with this id' })).toBeVisible()
})

test('an unknown address keeps the frame and names the address', async ({ signedIn: page, product }) => {
  await page.goto(`${product.url}/nowhere/at-all`)
  await expect(page.getByRole('heading', { level: 1, name: 'No such page' })).toBeAttached()
  await expect(page.getByRole('main')).toContainText('/nowhere/at-all')
  await expect(page.getByRole('main')).not.toContainText(/snapshot’s|\bid\b/)
  await expectAccessible(page)
  await page.getByRole('navigation').getByRole('link', { name: 'System' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'System' })).toBeVisible()
})

for (const [width, height] of [
  [1280, 800],
  [1024, 768],
] as const)
  test(`at ${width} px nothing of a row is cut, however long the name`, async ({ signedIn: page }) => {
    await page.setViewportSize({ width, height })
    const entry = await createSnapshot(page, `${'very-long-name-'.repeat(8)}@sample.example`, ['Contacts'])
    await expectState(entry, 'failed')
    for (const name of [/^Retry/, /^Delete/, /^More/])
      expect((await entry.getByRole('button', { name }).boundingBox())?.x).toBeLessThan(width - 24 - 24)
    const table = page.getByRole('table')
    const overhang = await table.evaluate((element) => element.scrollWidth - element.parentElement!.clientWidth)
    expect(overhang).toBeLessThanOrEqual(0)
    const cut = await entry.evaluate((row) =>
      [...row.children].filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent),
    )
    expect(cut).toEqual([])
    await expectAccessible(page)
  })

test('“Copy as curl” gives a command that works when it is pasted', async ({ signedIn: page, product, context }) => {
  const entry = await createSnapshot(page, bruno, ['Contacts'])
  await expectState(entry, 'available')
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const pasted = async (button: string): Promise<string> => {
    await page.getByRole('button', { name: button, exact: true }).click()
    return page.evaluate(() => navigator.clipboard.readText())
  }
  await page.getByRole('radio', { name: /^available/ }).check({ force: true })
  await page.getByLabel('Search user name').fill("bru'o")
  await expect(page).toHaveURL(/userName=/)
  expect(JSON.parse(await inShell(await pasted('Copy as curl'), product.admin.password))).toMatchObject({ total: 0 })

  await page.getByRole('button', { name: 'Clear filters' }).click()
  const listed = JSON.parse(await inShell(await pasted('Copy as curl'), product.admin.password))
  expect(listed.snapshots.length).toBeGreaterThan(0)
  expect(await pasted('Copy link')).toBe(page.url())

  await entry.getByRole('link', { name: bruno, exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: bruno })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Copy download as curl' })).toBeVisible({ timeout: 40_000 })
  const told = JSON.parse(await inShell(await pasted('Copy as curl'), product.admin.password))
  expect(page.url()).toContain(told.snapshotId)
  const folder = await ownFolder('e2e-curl')
  try {
    await inShell(await pasted('Copy download as curl'), product.admin.password, folder.path)
    expect((await stat(join(folder.path, told.archiveName))).size).toBe(told.archiveSizeBytes)
  } finally {
    await folder.remove()
  }
})

test('the system page names the version and the key that signs', async ({ signedIn: page }) => {
  await page.getByRole('navigation').getByRole('link', { name: 'System' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'System' })).toBeFocused()
  await expect(page.getByText('Signing key')).toBeVisible()
  await expectAccessible(page)
  await expect(page.getByText('Methods for scripts')).toBeVisible()
  await page.getByRole('link', { name: 'Every method with an example' }).click()
  await expect(page).toHaveURL(/\/methods$/)
  await expect(page.getByText('CreateSnapshot').first()).toBeVisible()
})
