import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest, the longest first. */
const longest = [
  'faults-killed.int.test.ts',
  'delivery.int.test.ts',
  'service.int.test.ts',
  'main-job.int.test.ts',
  'faults-disk.int.test.ts',
  'ssh-delivery.int.test.ts',
  'faults-server.int.test.ts',
  'faults-content.int.test.ts',
  'safety.int.test.ts',
  'certs-command.int.test.ts',
  'killed-process.int.test.ts',
]
const rankOf = ({ moduleId }: TestSpecification): number => {
  const rank = longest.findIndex((name) => moduleId.endsWith(`/${name}`))
  return rank < 0 ? longest.length : rank
}

/** Begins with what takes longest, also where nobody has measured it before, so that the workers end together. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b))
  }
}

/** Generous as every limit here, so that a busy machine fails no test: nothing is judged by it. */
const expectations = { poll: { timeout: 30_000 } }

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          // Generous, so that a busy machine fails no test: nothing here is judged by its time.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: expectations,
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
          testTimeout: 240_000,
          hookTimeout: 120_000,
          expect: expectations,
          pool: 'forks',
          // More than there are cores: these tests wait for servers, for heartbeats that stop, and for delays to pass.
          maxWorkers: 3,
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
