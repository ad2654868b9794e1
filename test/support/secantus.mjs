/**
 * SecantusDB, which speaks MongoDB's wire protocol over the WiredTiger engine: stands in where mongod itself cannot be had, and
 * is no proof of what a replica set does. Installed with pip, the first time, into a folder of its own.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

export const SECANTUS_VERSION = '0.7.0b3'
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'holdfast')
const FOLDER = join(CACHE, `secantusdb-${SECANTUS_VERSION}`)
const START_MS = 20_000

/** Whole or not at all: two at once, or one that is interrupted, leave nothing half installed. Throws with the reason. */
export const installSecantus = () => {
  if (existsSync(FOLDER)) return
  mkdirSync(CACHE, { recursive: true })
  const next = `${FOLDER}.${process.pid}`
  const options = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:', '--target', next]
  const pip = spawnSync('python3', ['-m', 'pip', 'install', ...options, `SecantusDB==${SECANTUS_VERSION}`], {
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

/**
 * Its clock, moved by the milliseconds that a file holds: read for every `$$NOW`, so that a test which moves it has moved it for
 * whatever comes after.
 */
const MOVED_CLOCK = `
import datetime, types
from secantus import aggregate, commands, storage, update
real = datetime.datetime
path = sys.argv.pop()
class Kind(type):
    def __instancecheck__(cls, value): return isinstance(value, real)
class Moved(real, metaclass=Kind):
    @classmethod
    def now(cls, tz=None):
        with open(path) as file: return real.now(tz) + datetime.timedelta(milliseconds=int(file.read() or 0))
clock = types.SimpleNamespace(**{**vars(datetime), 'datetime': Moved})
for part in (aggregate, commands, storage, update): part._dt = clock
`

/**
 * On a free port of this machine only, in memory. `clockFile`: holds by how many milliseconds its clock is ahead of the
 * machine's; whoever writes the file moves the clock. Rejects with the reason if it cannot be had.
 */
export const startSecantus = async ({ clockFile } = {}) => {
  installSecantus()
  const port = await freePort()
  // Its writes grow slower with the length of its oplog, which nothing here reads.
  const options = ['--storage-path', ':memory:', '--cache-size', '128M', '--oplog-max-entries', '1000']
  const clock = clockFile === undefined ? '' : MOVED_CLOCK
  const program = [
    '-c',
    `import sys\n${clock}\nfrom secantus.cli import main; main()`,
    '--port',
    String(port),
  ]
  const server = spawn('python3', [...program, ...options, ...(clockFile === undefined ? [] : [clockFile])], {
    env: { ...process.env, PYTHONPATH: FOLDER },
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  const ended = new Promise((resolve) => server.once('close', resolve))
  const stop = async () => {
    server.kill('SIGKILL')
    await ended
  }
  const until = Date.now() + START_MS
  while (!(await answers(port))) {
    if (server.exitCode !== null || Date.now() > until) {
      await stop()
      throw new Error('SecantusDB did not start')
    }
    await pause(50)
  }
  return { url: `mongodb://127.0.0.1:${port}/?directConnection=true`, pid: server.pid, stop }
}
