/**
 * All tests, with a MongoDB to run them on: what `npm test` runs after lint and types. `--report FILE` writes {passed, failed, skipped};
 * other arguments go to vitest.
 */
import { writeFileSync } from 'node:fs'
import { runTests, withMongo } from './support/run-tests.mjs'

const args = process.argv.slice(2)
const at = args.indexOf('--report')
const file = at < 0 ? undefined : args[at + 1]
const rest = at < 0 ? args : args.toSpliced(at, 2)

const { passed, failed, skipped } = await withMongo((env) => runTests(rest, env))
if (file !== undefined) writeFileSync(file, JSON.stringify({ passed, failed, skipped: skipped.length }))
process.exitCode = failed === 0 ? 0 : 1
