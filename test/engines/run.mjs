/**
 * `npm run test:engines`: the suites of the API, the stories, real time, jobs and stores on MongoDB and Redis, where each service of
 * a test is two processes that answer and two that work. MONGODB_URL names the MongoDB; without it a stand-in is started. Arguments
 * go to vitest: names of files run those alone.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runTests, withMongo } from '../support/run-tests.mjs'

const SUITES = ['test/api', 'test/stories', 'test/realtime', 'test/jobs', 'test/store']

/** Files whose subject is the embedded engine: they say nothing about another one, and are not run on it. */
const EMBEDDED = {
  'test/api/metrics.test.ts': 'what one process counts',
  'test/api/process.test.ts': 'one process with a data folder',
  'test/api/readiness.test.ts':
    'what one process says of its parts; on MongoDB and Redis as well, which npm test runs',
  'test/jobs/jobs.test.ts': 'the queue on PGlite; redis.test.ts is the same on Redis',
  'test/jobs/queue-folder.test.ts': 'the queue’s folder',
  'test/jobs/queue-loss.test.ts': 'the loss of the queue’s folder; redis-loss.test.ts is the same on Redis',
  'test/store/clock.test.ts': 'the embedded store’s clock',
  'test/store/embedded.test.ts': 'records in LMDB; mongo.test.ts is the same in MongoDB',
  'test/store/key-store.test.ts': 'keys in files; mongo-key-store.test.ts is the same in MongoDB',
  'test/store/lock.test.ts': 'the data folder’s lock',
  'test/store/restore-guard.test.ts': 'a copy of the data folder',
  'test/stories/backup-and-restore.test.ts':
    'a backup of a data folder; test/store/mongo-backup.test.ts takes and restores one of MongoDB',
  'test/stories/demo.test.ts': 'the demo, which is one process',
  'test/stories/demo-options.test.ts': 'the demo, which is one process',
  'test/stories/kill-nine.test.ts': 'kill -9 of the one process; npm run test:faults kills the several',
  'test/stories/restored-backup.test.ts': 'a copy of the data folder',
}

const ROOT = join(import.meta.dirname, '..', '..')

const all = SUITES.flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`),
)

const readVersions = async (url) => {
  const { createConnection } = await import('mongoose')
  const connection = await createConnection(url, { serverSelectionTimeoutMS: 5_000 }).asPromise()
  const { version, secantusVersion } = await connection.db.admin().command({ buildInfo: 1 })
  const { setName } = await connection.db.admin().command({ hello: 1 })
  await connection.close()
  const kind = secantusVersion === undefined ? 'MongoDB' : `SecantusDB ${secantusVersion}, as MongoDB`
  return `${kind} ${version}, replica set ${setName ?? 'none'}`
}

const testEngines = async (args) => {
  const redis = spawnSync('redis-server', ['--version'], { encoding: 'utf8' })
  if (redis.status !== 0) {
    process.stdout.write('redis-server is missing: install the package of that name\n0 passed, 1 failed\n')
    return 1
  }
  return withMongo(async (env) => {
    if (env.MONGODB_URL === undefined) {
      process.stdout.write('0 passed, 1 failed\n')
      return 1
    }
    const against = `${await readVersions(env.MONGODB_URL)}; ${redis.stdout.split(' sha=')[0].trim()}; Node ${process.version}`
    process.stdout.write(`running against ${against}\n`)
    const gone = Object.keys(EMBEDDED).filter((file) => !all.includes(file))
    if (gone.length > 0) throw new Error(`no such file: ${gone.join(', ')}`)
    const isWhole = !args.some((arg) => !arg.startsWith('-'))
    const files = isWhole ? all.filter((file) => !Object.hasOwn(EMBEDDED, file)) : []
    const startedAt = Date.now()
    const scaled = { ...env, HOLDFAST_TEST_ENGINE: 'scaled' }
    // One file at a time: each starts processes of its own, which on a busy machine takes its time.
    const options = ['--no-file-parallelism', '--hookTimeout=300000', '--testTimeout=120000']
    const { passed, failed, skipped } = await runTests([...options, ...files, ...args], scaled)
    for (const [file, subject] of Object.entries(EMBEDDED))
      process.stdout.write(`not run: ${file} (its subject is the embedded engine: ${subject})\n`)
    const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1)
    process.stdout.write(
      `two processes that answer and two that work, on ${against}: ${minutes} min\n` +
        `engines: ${passed} passed, ${failed} failed, ${skipped.length} skipped\n`,
    )
    return failed === 0 ? 0 : 1
  })
}

process.exitCode = await testEngines(process.argv.slice(2))
