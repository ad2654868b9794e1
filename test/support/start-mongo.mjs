/**
 * Runs a command with MONGODB_URL set: `node test/support/start-mongo.mjs npm test`.
 *
 * Where it is set already, that server is used. Otherwise this starts SecantusDB, which speaks MongoDB's wire protocol over
 * the WiredTiger engine, on a free port of this machine only, in memory, and stops it afterwards. The first time it is
 * installed with pip into a folder of its own. It stands in where mongod itself cannot be had; it is no proof of what a
 * replica set does.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const VERSION = '0.7.0b3'
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'holdfast')
const FOLDER = join(CACHE, `secantusdb-${VERSION}`)
const START_MS = 20_000

/** Whole or not at all: two at once, or one that is interrupted, leave nothing half installed. */
const install = () => {
  if (existsSync(FOLDER)) return
  mkdirSync(CACHE, { recursive: true })
  const next = `${FOLDER}.${process.pid}`
  const options = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:', '--target', next]
  const pip = spawnSync('python3', ['-m', 'pip', 'install', ...options, `SecantusDB==${VERSION}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (pip.status !== 0) {
    rmSync(next, { recursive: true, force: true })
    throw new Error(`SecantusDB could not be installed: ${pip.error?.message ?? pip.stderr.trim()}`)
  }
  try {
    renameSync(next, FOLDER)
  } catch (error) {
    rmSync(next, { recursive: true, force: true })
    if (!existsSync(FOLDER)) throw error
  }
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (reached) => {
      socket.destroy()
      resolve(reached)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })

const start = async () => {
  install()
  const port = await freePort()
  // Its writes grow slower with the length of its oplog, which nothing here reads.
  const options = ['--storage-path', ':memory:', '--cache-size', '128M', '--oplog-max-entries', '1000']
  const program = ['-c', 'from secantus.cli import main; main()', '--port', String(port), ...options]
  const server = spawn('python3', program, {
    env: { ...process.env, PYTHONPATH: FOLDER },
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  const until = Date.now() + START_MS
  while (!(await answers(port))) {
    if (server.exitCode !== null || Date.now() > until) {
      server.kill()
      throw new Error('SecantusDB did not start')
    }
    await pause(100)
  }
  return { server, url: `mongodb://127.0.0.1:${port}/?directConnection=true` }
}

const [command, ...args] = process.argv.slice(2)
if (command === undefined) throw new Error('usage: node test/support/start-mongo.mjs command [argument …]')

let started
if (process.env.MONGODB_URL === undefined) {
  try {
    started = await start()
    console.log(`records in MongoDB are tested on SecantusDB ${VERSION}`)
  } catch (error) {
    console.log(`records in MongoDB are not tested: ${error.message}`)
  }
}
const env = started === undefined ? process.env : { ...process.env, MONGODB_URL: started.url }
const child = spawn(command, args, { stdio: 'inherit', env })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
const [code, signal] = await new Promise((resolve) => {
  child.once('error', () => resolve([127, null]))
  child.once('close', (...ended) => resolve(ended))
})
started?.server.kill()
process.exitCode = signal === null ? code : 1
