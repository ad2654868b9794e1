/**
 * What every npm script starts with: checks Node, installs what the lock file asks for, builds what is newer than its output,
 * and then does the one thing it was called for. Plain JavaScript without dependencies, since it runs before there are any.
 *
 *   node src/operate/with-setup.mjs build | start | start:api | start:worker | migrate | backup | restore | rotate-keys | demo | test | test:engines | test:model | test:proofs | test:faults | bench | bench:service | lint | types  [arguments]
 */
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const NEEDED_NODE = [20, 19]
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm'

/** Ends the process with one clear line. */
const give = (message) => {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

const checkNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [neededMajor, neededMinor] = NEEDED_NODE
  if (major < neededMajor || (major === neededMajor && minor < neededMinor))
    give(`Holdfast needs Node.js ${NEEDED_NODE.join('.')} or newer. This is ${process.versions.node}.`)
}

/** Runs a program in the repository's root and resolves to its exit code. Its output goes where ours goes. */
const run = (command, args, options = {}) => {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options })
  if (error !== undefined) give(`${command} cannot be run: ${error.message}`)
  return status ?? 1
}

/** Runs a program of node_modules, by its own entry point, so that no shell stands in between. */
const runPackage = (name, args, bin = name) => {
  const folder = join(ROOT, 'node_modules', name)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const entry = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[bin]
  return run(process.execPath, [join(folder, entry), ...args])
}

const readJson = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'))

/**
 * True if node_modules holds what the lock file asks for. By content, not by date: a fresh clone and a checkout of an older
 * commit both have dates that say nothing.
 */
const isInstalled = () => {
  const installedAt = join('node_modules', '.package-lock.json')
  if (!existsSync(join(ROOT, installedAt))) return false
  const wanted = Object.entries(readJson('package-lock.json').packages)
  const installed = readJson(installedAt).packages
  return wanted.every(([path, { version, optional, devOptional, link }]) => {
    if (!path.includes('node_modules/') || link === true) return true
    const found = installed[path]
    if (found === undefined) return optional === true || devOptional === true
    return found.version === version
  })
}

const install = () => {
  if (isInstalled()) return
  process.stderr.write('Installing packages (npm ci) …\n')
  // What builds and tests is needed here in any case, also where NODE_ENV says production.
  const code = run(NPM, ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    shell: process.platform === 'win32',
  })
  if (code !== 0) give('npm ci failed. Is the registry reachable?')
}

/** Latest change (ms) of any file below the paths. */
const newest = (paths) =>
  paths.reduce((latest, path) => {
    const at = join(ROOT, path)
    if (!existsSync(at)) return latest
    const { mtimeMs } = statSync(at)
    const below = statSync(at).isDirectory() ? readdirSync(at).map((name) => join(path, name)) : []
    return Math.max(latest, mtimeMs, newest(below))
  }, 0)

const CONFIGS = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json']

/** Each is compiled if anything it is made from is newer than its stamp. */
const BUILDS = [
  {
    project: 'client-sdk',
    from: ['client-sdk/src', 'client-sdk/tsconfig.json', 'client-sdk/package.json', ...CONFIGS],
    stamp: 'client-sdk/dist/.built',
  },
  {
    project: 'tsconfig.build.json',
    from: ['client-sdk/src', 'src', 'workers', ...CONFIGS],
    stamp: 'dist/.built',
  },
  {
    script: 'src/operate/build-pages.mjs',
    from: ['client-sdk/src', 'src/web', 'src/operate/build-pages.mjs', ...CONFIGS],
    stamp: 'dist/web/.built',
  },
]

const build = () => {
  for (const { project, script, from, stamp } of BUILDS) {
    const changedAt = newest(from)
    const stampFile = join(ROOT, stamp)
    if (existsSync(stampFile) && statSync(stampFile).mtimeMs > changedAt) continue
    const what = { 'client-sdk': 'the SDK', 'tsconfig.build.json': 'the service' }[project] ?? 'its pages'
    process.stderr.write(`Building ${what} …\n`)
    const code =
      script === undefined
        ? runPackage('typescript', ['-p', project], 'tsc')
        : run(process.execPath, [join(ROOT, script)])
    if (code !== 0) give('The build failed.')
    writeFileSync(stampFile, '')
  }
}

/** Two scripts that start at once must not install or build into each other's files. A lock whose owner died is taken over. */
const alone = async (work) => {
  const lock = join(ROOT, '.setup.lock')
  for (let waited = false; ; waited = true) {
    try {
      const file = openSync(lock, 'wx')
      writeFileSync(file, String(process.pid))
      closeSync(file)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (!waited) process.stderr.write('Another script is setting up. Waiting …\n')
    await new Promise((resolve) => setTimeout(resolve, 200))
    if (!isOwnerAlive(lock)) rmSync(lock, { force: true })
  }
  const unlock = () => rmSync(lock, { force: true })
  process.once('exit', unlock)
  work()
  unlock()
  process.off('exit', unlock)
}

const isOwnerAlive = (lock) => {
  try {
    const owner = Number(readFileSync(lock, 'utf8'))
    // Just made, and its owner not written yet.
    if (owner === 0) return Date.now() - statSync(lock).mtimeMs < 5000
    process.kill(owner, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Goes on as the built program, in this process: one process less to keep, and signals reach it. */
const become = async (entry, args) => {
  const path = join(ROOT, entry)
  process.argv = [process.execPath, path, ...args]
  await import(pathToFileURL(path).href)
}

const lint = () => runPackage('oxlint', ['--deny-warnings'])
const types = () => runPackage('typescript', ['-p', 'tsconfig.json'], 'tsc')

/**
 * Lint, types, all tests, with a MongoDB to run them on. `--summary FILE` writes {passed, failed, skipped}, in which lint and types
 * count as one test each; other arguments go to vitest.
 */
const test = (args) => {
  const at = args.indexOf('--summary')
  const summaryFile = at < 0 ? undefined : args[at + 1]
  const rest = at < 0 ? args : args.toSpliced(at, 2)
  const steps = [
    ['lint', lint()],
    ['types', types()],
  ]
  for (const [name, code] of steps) process.stdout.write(`${code === 0 ? 'ok' : 'FAILED'}  ${name}\n`)
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  const file = join(folder, 'report.json')
  run(process.execPath, ['test/run.mjs', '--report', file, ...rest])
  const report = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { passed: 0, failed: 1, skipped: 0 }
  rmSync(folder, { recursive: true, force: true })
  const failedSteps = steps.filter(([, code]) => code !== 0).length
  const passed = report.passed + steps.length - failedSteps
  const failed = report.failed + failedSteps
  const { skipped } = report
  if (summaryFile !== undefined) writeFileSync(summaryFile, JSON.stringify({ passed, failed, skipped }))
  process.stdout.write(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  return failed === 0 ? 0 : 1
}

const COMMANDS = {
  build: () => 0,
  start: (args) => become('dist/src/main.js', args),
  'start:api': (args) => become('dist/src/main.js', ['--api', ...args]),
  'start:worker': (args) => become('dist/src/main.js', ['--worker', ...args]),
  migrate: (args) => become('dist/src/operate/migrate.js', args),
  backup: (args) => become('dist/src/operate/backup.js', args),
  restore: (args) => become('dist/src/operate/restore.js', args),
  'rotate-keys': (args) => become('dist/src/operate/rotate-keys.js', args),
  demo: (args) => become('dist/src/demo/main.js', args),
  test,
  'test:engines': (args) => run(process.execPath, ['test/engines/run.mjs', ...args]),
  'test:model': (args) =>
    run(process.execPath, ['--conditions=holdfast-source', '--import', 'tsx', 'test/model/main.ts', ...args]),
  'test:proofs': (args) => run(process.execPath, ['test/proofs/run.mjs', ...args]),
  'test:faults': (args) => run(process.execPath, ['test/faults/run.mjs', ...args]),
  bench: (args) => run(process.execPath, ['test/bench/run.mjs', ...args]),
  'bench:service': (args) => run(process.execPath, ['test/bench/run.mjs', 'scaled-main', ...args]),
  lint,
  types,
}

checkNode()
const [name = '', ...args] = process.argv.slice(2)
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
if (command === undefined) give(`Use one of: ${Object.keys(COMMANDS).join(', ')}`)
await alone(() => {
  install()
  if (name !== 'lint' && name !== 'types') build()
})
const code = await command(args)
// A started service runs on; everything else is over now.
if (code !== undefined) process.exitCode = code
