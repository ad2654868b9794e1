/**
 * SecantusDB, which speaks MongoDB's wire protocol over the WiredTiger engine: stands in where mongod itself cannot be had, and
 * is no proof of what a replica set does. Installed with pip, the first time, into a folder of its own.
 */
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { installPython } from './pip.mjs'

export const SECANTUS_VERSION = '0.7.0b3'
const START_MS = 20_000
const STOP_MS = 5_000

/** Throws with the reason. */
export const installSecantus = () => installPython('SecantusDB', SECANTUS_VERSION)

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

/** It ends with its standard input, which is closed when whoever started it is gone, however that ended. */
const ENDS_WITH_PARENT = `
import os, shutil, sys, tempfile, threading
own = None
def end():
    sys.stdin.read()
    if own is not None: shutil.rmtree(own, ignore_errors=True)
    os._exit(0)
threading.Thread(target=end, daemon=True).start()
`

/**
 * How many answers it keeps, for writes that a driver tries again within seconds. At every write it looks through all of them, and
 * sorts them once there are more: at the 10,000 that it would keep, most of a write's time. Read before it is set, so that a version
 * that has no such bound says so.
 */
const KEPT_FOR_RETRIES = `
from secantus import transactions
transactions._RETRYABLE_RECORD_MAX
transactions._RETRYABLE_RECORD_MAX = 1000
`

/**
 * One of its threads runs at a time, by Python's own measure for 5 ms. A read of half a millisecond would wait that long for each
 * thread that writes, which it would not on a server whose threads run side by side.
 */
const SHORT_TURNS = `
import sys
sys.setswitchinterval(0.0005)
`

/** What it keeps "in memory" are files in a folder that it would leave behind. */
const IN_MEMORY = `
own = tempfile.tempdir = tempfile.mkdtemp(prefix='holdfast-secantus-')
`

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
 * What starts it; it ends with its standard input. `storage`: a folder; in memory unless given, which is gone in the end and holds no more
 * than `cacheSize`.
 */
export const secantusCommand = ({ port, storage = ':memory:', cacheSize = '128M', clockFile }) => {
  const clock = clockFile === undefined ? '' : MOVED_CLOCK
  const folder = storage === ':memory:' ? IN_MEMORY : ''
  const code = `${ENDS_WITH_PARENT}\n${folder}\n${clock}\n${KEPT_FOR_RETRIES}\n${SHORT_TURNS}\nfrom secantus.cli import main; main()`
  // Its writes grow slower with the length of its oplog, which nothing here reads.
  const options = ['--storage-path', storage, '--cache-size', cacheSize, '--oplog-max-entries', '1000']
  const last = clockFile === undefined ? [] : [clockFile]
  return {
    command: 'python3',
    args: ['-c', code, '--port', String(port), ...options, ...last],
    env: { ...process.env, PYTHONPATH: installSecantus() },
  }
}

/**
 * On a free port of this machine only, in memory. `clockFile`: holds by how many milliseconds its clock is ahead of the
 * machine's; whoever puts another file in its place moves the clock. Rejects with the reason if it cannot be had.
 */
export const startSecantus = async ({ cacheSize, clockFile } = {}) => {
  const port = await freePort()
  const { command, args, env } = secantusCommand({ port, cacheSize, clockFile })
  const server = spawn(command, args, { env, stdio: ['pipe', 'ignore', 'ignore'] })
  const ended = new Promise((resolve) => server.once('close', resolve))
  const stop = async () => {
    server.stdin.end()
    const late = setTimeout(() => server.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(late)
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
