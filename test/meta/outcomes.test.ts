import { readFileSync } from 'node:fs'
import { OPERATION_NAMES, outcomesOf } from '@holdfast/client/protocol'
import { expect, it } from 'vitest'

/** What `expectOutcome` asserted in this run: lines of operation and outcome. */
const shown = new Set(readFileSync(process.env['HOLDFAST_OUTCOMES_FILE'] ?? '', 'utf8').split('\n'))

// Runs after all other tests (vitest.config.ts). With only this file selected there is nothing to look at.
it.skipIf(shown.size < 2)(
  'every outcome of every operation is shown by a test (skipped if no other test ran)',
  () => {
    const missing = OPERATION_NAMES.flatMap((name) =>
      ['ok', ...outcomesOf(name)].map((outcome) => `${name} ${outcome}`).filter((pair) => !shown.has(pair)),
    )
    expect(missing).toEqual([])
  },
)
