import { defineConfig } from 'vitest/config'

// Vitest hands these to Node as well. `import` and `default`, which always count where they should, must not stand here:
// a `require` in a package would be given modules.
const conditions = ['holdfast-source', 'node']

/** Measure how long something takes, or start many processes: one file at a time, with the machine to itself. */
const ALONE = [
  'test/{api,bench,engines,faults,jobs,realtime}/**/*.test.ts',
  'test/store/{embedded,mongo,mongo-backup,restore-guard}.test.ts',
  'test/stories/{kill-nine,race-over-http,told,demo}.test.ts',
  'test/canary/*.test.ts',
  'test/meta/compose-commands.test.ts',
]
/** Looks at what all other tests have shown, and so runs after them. */
const AFTERWARDS = 'test/meta/outcomes.test.ts'

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What a poll waits for must come; how soon is no promise unless the test says so. A busy machine takes its time.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: [...ALONE, AFTERWARDS],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: { name: 'afterwards', include: [AFTERWARDS], maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
})
