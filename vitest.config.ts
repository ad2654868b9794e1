import { defineConfig } from 'vitest/config'

// Vitest hands these to Node as well. `import` and `default`, which always count where they should, must not stand here:
// a `require` in a package would be given modules.
const conditions = ['holdfast-source', 'node']

/** Start processes and mostly wait for them or for clocks; what they bound leaves room for a neighbour: two at a time. */
const PROCESSES = [
  'test/api/{readiness,process,rotation,divided,drain,surroundings}.test.ts',
  'test/jobs/{redis-process,queue-loss,queue-folder}.test.ts',
  'test/meta/compose-commands.test.ts',
  'test/notify/mail.test.ts',
  'test/realtime/redis.test.ts',
  'test/store/{mongo,mongo-backup,restore-guard}.test.ts',
  'test/stories/{kill-nine,told}.test.ts',
]
/** Measure how long something takes: one file at a time, with the machine to itself. */
const ALONE = [
  'test/{api,bench,engines,faults,jobs,realtime}/**/*.test.ts',
  'test/store/embedded.test.ts',
  'test/stories/{race-over-http,demo}.test.ts',
  'test/canary/*.test.ts',
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
          exclude: [...PROCESSES, ...ALONE, AFTERWARDS],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'processes', include: PROCESSES, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ALONE,
          exclude: PROCESSES,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: { name: 'afterwards', include: [AFTERWARDS], maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
    ],
  },
})
