/**
 * A process that is there again whenever it died, as under a supervisor in earnest.
 */
import type { ChildProcess } from 'node:child_process'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

const START_MS = 30_000
const LOOK_MS = 15

export interface KeptProcess {
  readonly name: string
  /** Of the life that runs now, or ran last. */
  readonly pid: number
  /** How often it died of SIGKILL, whoever sent it. */
  readonly deaths: number
  /** Whether the life that runs now has answered. */
  readonly isUp: boolean
  /** What it said, in all its lives. */
  readonly output: () => string
  /** Called with each new life. */
  onBirth(listener: () => void): void
  /** Called whenever it is up, or is not any more. */
  onChange(listener: () => void): void
  /** Resolves when it answers, in this life or the next. */
  ready(): Promise<void>
  /** kill -9; resolves when it answers again. */
  kill(): Promise<void>
  /** kill -9 and no next life until {@link KeptProcess.up}. */
  down(): Promise<void>
  up(): Promise<void>
  /** Asks it to end in order and gives its exit code. No next life. */
  close(): Promise<number | null>
}

export interface KeptOptions {
  readonly name: string
  readonly spawn: () => ChildProcess
  readonly answers: () => Promise<boolean>
}

/** Whether somebody listens there. */
export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (reached: boolean): void => {
      socket.destroy()
      resolve(reached)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })

const KEPT_OUTPUT = 20_000

/** None of them outlives this process, however it ends. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/** What a process ends with that cannot start as things are, and is to be started again (main.ts). */
const REFUSED = 75

/** Throws if it ends by anything else before it is closed: nobody asked it to. */
export const keepProcess = async ({ name, spawn, answers }: KeptOptions): Promise<KeptProcess> => {
  let output = ''
  let deaths = 0
  let isWanted = true
  let failure: Error | null = null
  let isUp = false
  const births: (() => void)[] = []
  const changes: (() => void)[] = []
  const setUp = (next: boolean): void => {
    if (isUp === next) return
    isUp = next
    for (const listener of changes) listener()
  }

  const begin = () => {
    const child = spawn()
    running.add(child)
    const hear = (text: string): void => void (output = (output + text).slice(-KEPT_OUTPUT))
    child.stdout?.setEncoding('utf8').on('data', hear)
    child.stderr?.setEncoding('utf8').on('data', hear)
    const ended = new Promise<number | null>((resolve) => {
      child.once('exit', (code, signal) => {
        running.delete(child)
        setUp(false)
        if (signal === 'SIGKILL') deaths += 1
        else if (isWanted && code !== REFUSED)
          failure = new Error(`${name} ended by itself (${code}): ${output.slice(-2000)}`)
        resolve(code)
        if (isWanted && failure === null) life = begin()
      })
    })
    for (const listener of births) queueMicrotask(listener)
    const rise = async (): Promise<void> => {
      while (child.exitCode === null && child.signalCode === null) {
        if (await answers()) {
          setUp(true)
          return
        }
        await pause(LOOK_MS)
      }
    }
    void rise()
    return { child, ended }
  }
  let life = begin()

  const ready = async (): Promise<void> => {
    for (const until = Date.now() + START_MS; Date.now() < until; await pause(LOOK_MS)) {
      if (failure !== null) throw failure
      if (isWanted && isUp) return
    }
    throw new Error(`${name} does not answer: ${output.slice(-2000)}`)
  }
  const stop = async (signal: NodeJS.Signals): Promise<number | null> => {
    const { child, ended } = life
    child.kill(signal)
    return ended
  }

  await ready()
  return {
    name,
    get pid() {
      return life.child.pid ?? 0
    },
    get deaths() {
      return deaths
    },
    get isUp() {
      return isUp
    },
    output: () => output,
    onBirth: (listener) => void births.push(listener),
    onChange: (listener) => void changes.push(listener),
    ready,
    async kill() {
      await stop('SIGKILL')
      await ready()
    },
    async down() {
      isWanted = false
      await stop('SIGKILL')
    },
    async up() {
      isWanted = true
      life = begin()
      await ready()
    },
    async close() {
      isWanted = false
      const late = setTimeout(() => life.child.kill('SIGKILL'), 15_000)
      const code = await stop('SIGTERM')
      clearTimeout(late)
      if (failure !== null) throw failure
      return code
    },
  }
}
