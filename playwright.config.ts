import { defineConfig } from '@playwright/test'

// Stories drive the built product in a browser. Each worker starts products of its own, and the stories of one file follow one another.
export default defineConfig({
  testDir: 'web/e2e/stories',
  testMatch: '*.e2e.ts',
  outputDir: 'test-results',
  // A story waits more than it computes, so two of them share a machine of two cores well.
  workers: 2,
  retries: 0,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  // Generous, so that a busy machine fails no story: nothing here is judged by its time.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    contextOptions: { reducedMotion: 'reduce' },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
