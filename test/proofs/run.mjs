/**
 * `npm run test:proofs`: what `npm test` shows in part, in full: authorisation, fuzz, timing, sockets, canary. Prints its figures and
 * its seeds; FUZZ_SEED=<n> with the name of a file replays one. Arguments go to vitest: names of files run those alone.
 */
import { runTests, withMongo } from '../support/run-tests.mjs'

const FILES = [
  'test/api/authorisation.test.ts',
  'test/api/fuzz.test.ts',
  'test/api/signed-fuzz.test.ts',
  'test/api/schemathesis.test.ts',
  'test/api/enumeration.test.ts',
  'test/api/timing.test.ts',
  'test/realtime/abuse.test.ts',
  'test/canary',
]

const args = process.argv.slice(2)
const files = args.some((arg) => !arg.startsWith('-')) ? args : [...FILES, ...args]
const startedAt = Date.now()
// One file at a time: figures of time would be of the others as well.
const { passed, failed, skipped } = await withMongo((env) =>
  runTests(['--no-file-parallelism', ...files], { ...env, HOLDFAST_FULL: '1' }),
)
const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1)
process.stdout.write(
  `Node ${process.version}, ${minutes} min\nproofs: ${passed} passed, ${failed} failed, ${skipped.length} skipped\n`,
)
process.exitCode = failed === 0 ? 0 : 1
