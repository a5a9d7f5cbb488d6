import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { expectAccessible } from '../fixtures/axe.ts'
import { test } from '../fixtures/certified-product.ts'
import { createSnapshot, sampleUser } from '../fixtures/mailbox.ts'
import { expect } from '../fixtures/product.ts'

/** What the page's Content-Security-Policy refused; must stay empty. */
const faultsOf = (page: Page): string[] => {
  const faults: string[] = []
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text())
  })
  return faults
}

test('without a certificate the browser is told how to get one', async ({ browser, certified }) => {
  const context = await certified.open(browser, null)
  const page = await context.newPage()
  const faults = faultsOf(page)
  for (const [url, status, heading] of [
    [`${certified.url}/snapshots`, 403, 'Your browser sent no certificate'],
    [certified.helpUrl, 200, 'How to get in with a certificate'],
  ] as const) {
    const response = await page.goto(url)
    expect(response?.status()).toBe(status)
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible()
    await expect(page.getByText('Ask the help desk, extension 100')).toBeVisible()
    // The style came through, too.
    expect(await page.getByText('Stillbox', { exact: true }).evaluate((e) => getComputedStyle(e).fontWeight)).toBe(
      '600',
    )
    await expectAccessible(page)
  }
  await expect(page.getByRole('link', { name: 'Try again' })).toHaveAttribute('href', certified.url)
  expect(faults).toEqual([])
  await context.close()
})

test('a certificate alone signs in, and its end is told in time', async ({ browser, certified }) => {
  const context = await certified.open(browser, certified.admin)
  const page = await context.newPage()
  const faults = faultsOf(page)
  await page.goto(certified.url)
  await expect(page.getByRole('heading', { level: 1, name: 'Snapshot list' })).toBeVisible()
  await expect(await createSnapshot(page, sampleUser, ['Contacts'])).toBeVisible()

  const profile = page.getByRole('button', { name: /Administrator/ })
  await expect(profile).toContainText(/Certificate ends in 1[12] days/)
  await profile.click()
  await expect(page.getByText('CN=admin')).toBeVisible()
  const pairs = certified.admin.fingerprint.toUpperCase().match(/../g)!.join(':')
  await expect(page.getByText(pairs)).toBeVisible()
  await expect(page.getByRole('button', { name: /^Sign out/ })).toHaveAttribute('aria-disabled', 'true')
  await expectAccessible(page)
  expect(await context.cookies()).toEqual([])
  expect(faults).toEqual([])
  await context.close()
})

test('a certificate without an account shows what the administrator needs to map it', async ({
  browser,
  certified,
}) => {
  const context = await certified.open(browser, certified.nobody)
  const page = await context.newPage()
  await page.goto(certified.url)
  await expect(
    page.getByRole('heading', { level: 1, name: 'Your certificate belongs to no account yet' }),
  ).toBeVisible()
  await expect(page.getByText(certified.nobody.fingerprint.toUpperCase().match(/../g)!.join(':'))).toBeVisible()
  await expect(page.getByText('CN=nobody')).toBeVisible()
  await expectAccessible(page)
  await context.close()
})

test('another web site cannot use the certificate', async ({ browser, certified }) => {
  const elsewhere = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end(`<form method="post" action="${certified.url}/JSON/Invoke/CreateSnapshot">
      <input name="userName" value="stolen@sample.example"><input name="type" value="contacts"><button>Win a prize</button></form>`)
  })
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  const context = await certified.open(browser, certified.admin)
  try {
    const page = await context.newPage()
    await page.goto(certified.url)
    await expect(page.getByRole('heading', { level: 1, name: 'Snapshot list' })).toBeVisible()
    await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`)
    const answering = page.waitForResponse((response) => response.url().startsWith(certified.url))
    await page.getByRole('button', { name: 'Win a prize' }).click()
    expect((await answering).status()).toBe(403)
    await expect(page.getByText('The request came from another web site and was refused.')).toBeVisible()
    await page.goto(certified.url)
    await expect(page.getByRole('heading', { level: 1, name: 'Snapshot list' })).toBeVisible()
    await expect(page.getByText('stolen@sample.example')).toHaveCount(0)
  } finally {
    await context.close()
    elsewhere.close()
  }
})
