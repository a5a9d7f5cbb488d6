import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Generous, so that a busy machine fails no test: nothing here is judged by its time.
          testTimeout: 30_000,
          hookTimeout: 30_000,
          include: [
            'shared/src/**/*.test.ts',
            'server/{src,test,testkit,bench}/**/*.test.ts',
            'web/src/**/*.test.{ts,tsx}',
          ],
          exclude: ['**/*.int.test.ts', '**/*.long.test.ts', '**/node_modules/**'],
          // One core is left free by default, which on two cores is one worker; many of these tests wait more than they compute.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['server/**/*.int.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          pool: 'forks',
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'long',
          // Gigabytes on disk and minutes of time, so no part of `pnpm test`.
          include: ['server/**/*.long.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          pool: 'forks',
          maxWorkers: 1,
        },
      },
    ],
  },
})
