/**
 * Runs vitest and reads what came out. Plain JavaScript, like everything that npm scripts start with.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SECANTUS_VERSION, startSecantus } from './secantus.mjs'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/**
 * Gives `run` an environment with MONGODB_URL: the one that is set, or a stand-in's, which is stopped afterwards. Where neither can
 * be had it says so, and the tests that need one say what that means for them.
 */
export const withMongo = async (run) => {
  if (process.env.MONGODB_URL !== undefined) return run(process.env)
  let standIn
  try {
    standIn = await startSecantus()
    process.stdout.write(`records in MongoDB are tested on SecantusDB ${SECANTUS_VERSION}\n`)
  } catch (error) {
    process.stdout.write(`there is no MongoDB to test on: ${error.message}\n`)
    return run(process.env)
  }
  try {
    return await run({ ...process.env, MONGODB_URL: standIn.url })
  } finally {
    await standIn.stop()
  }
}

const spawned = (command, args, options) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options })
    const pass = (signal) => child.kill(signal)
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, pass)
    child.once('error', () => resolve(1))
    child.once('close', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, pass)
      resolve(code ?? 1)
    })
  })

/** Tests that did not run, each with the reason, which stands in its name. */
const skippedIn = (report) =>
  report.testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'skipped' || status === 'pending')
      .map(({ fullName }) => fullName),
  )

/** `args` go to vitest. Prints what was skipped. Resolves to {passed, failed, skipped: names}. */
export const runTests = async (args, env) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  const reportFile = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const code = await spawned(process.execPath, [vitest, 'run', ...reporters, ...args], { cwd: ROOT, env })
  const report = existsSync(reportFile)
    ? JSON.parse(readFileSync(reportFile, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0, testResults: [] }
  rmSync(folder, { recursive: true, force: true })

  const skipped = skippedIn(report)
  for (const name of skipped) process.stdout.write(`skipped: ${name}\n`)
  // A file that cannot even be loaded holds no failed test, yet nothing of it ran.
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((result) => result.status !== 'failed'),
  ).length
  const found = report.numFailedTests + unloaded
  return { passed: report.numPassedTests, failed: code !== 0 && found === 0 ? 1 : found, skipped }
}
