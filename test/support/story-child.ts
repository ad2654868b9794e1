/**
 * The service as it is started in earnest: built JavaScript in a process of its own, which can be killed, or told to die at a
 * named point, and is started again on the same folder and port.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FailPoint } from '../../src/observe/fail-points.ts'
import { type Town, appsSetting, townAt } from './story-stage.ts'
import { newApp } from './test-app.ts'

const MAIN = 'dist/src/main.js'
const GENEROUS = '1000000'
/** More than a start, a sweep and what a story does in between ever took. */
const LONGEST_LIFE_MS = 30_000

/** Builds what is older than its sources. */
export const build = (): void => {
  const { status, stderr } = spawnSync(process.execPath, ['src/operate/with-setup.mjs', 'build'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The service cannot be built: ${stderr}`)
}

export interface Supervised extends Town {
  readonly url: string
  readonly folder: string
  /** The points at which it died so far. */
  readonly deaths: readonly FailPoint[]
  /** How often it was killed from outside. */
  readonly kills: number
  /** Kills it and starts it again, to die at the first of these points, after that at the second, and so on. */
  killAndArm(...points: readonly FailPoint[]): Promise<void>
  /** Resolves when it has died at every point that it was armed for, and listens again. */
  outlived(): Promise<void>
  /** What it wrote to its standard streams, in all its lives. */
  readonly output: () => string
  close(): Promise<void>
}

interface Life {
  readonly child: ChildProcess
  /** Where it is to die; undefined: nowhere. */
  readonly point: FailPoint | undefined
  readonly listening: Promise<string>
  readonly ended: Promise<NodeJS.Signals | null>
}

export interface SuperviseOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Bounds the size of any file it writes, for its first life only: a disk that is full, and then is not. */
  readonly limitKiB?: number
}

export const superviseService = async ({ env = {}, limitKiB }: SuperviseOptions): Promise<Supervised> => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-child-'))
  const apps = [newApp('letters', Date.now)] as const
  let output = ''
  let port = '0'
  let isWanted = true
  let isKilling = false
  let kills = 0
  let armed: readonly FailPoint[] = []
  const deaths: FailPoint[] = []
  const failures: Error[] = []

  const begin = (point: FailPoint | undefined): Life => {
    const isFirst = port === '0'
    // The shell's unit is 512 bytes in POSIX mode.
    const limited = ['-c', `ulimit -f ${(limitKiB ?? 0) * 2}; exec "$0" "$@"`, process.execPath, MAIN]
    const [program, args] =
      isFirst && limitKiB !== undefined ? ['/bin/sh', limited] : [process.execPath, [MAIN]]
    const child = spawn(program as string, args as string[], {
      env: {
        PATH: process.env['PATH'] ?? '',
        HOLDFAST_MODE: 'development',
        HOLDFAST_DATA_DIR: folder,
        HOLDFAST_APPS: appsSetting(apps),
        HOLDFAST_LIMIT_ADDRESS: GENEROUS,
        HOLDFAST_LIMIT_ACCOUNT: GENEROUS,
        HOLDFAST_LIMIT_CONTACT: GENEROUS,
        HOLDFAST_LIMIT_OPENINGS: GENEROUS,
        HOLDFAST_SWEEP_SECONDS: '1',
        ...(point !== undefined && { HOLDFAST_FAIL_POINT: point }),
        ...env,
        PORT: port,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = new Promise<NodeJS.Signals | null>((resolve) =>
      child.once('close', (_, signal) => resolve(signal)),
    )
    const listening = new Promise<string>((resolve, reject) => {
      let said = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text
        said += text
        const line = said.split('\n').find((one) => one.includes('"service_listening"') && one.endsWith('}'))
        if (line !== undefined) resolve((JSON.parse(line) as { url: string }).url)
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
      void ended.finally(() => reject(new Error(`It ended before it listened: ${output.slice(-2000)}`)))
    })
    // Dying while it starts is a failure only for whoever waits for it.
    listening.catch(() => undefined)
    void ended.then((signal) => {
      if (!isWanted || isKilling) return
      if (signal !== 'SIGKILL' || point === undefined)
        failures.push(new Error(`It ended by itself (${signal}): ${output.slice(-2000)}`))
      else deaths.push(point)
      life = begin(nextPoint())
    })
    return { child, point, listening, ended }
  }

  const nextPoint = (): FailPoint | undefined => {
    const [point, ...rest] = armed
    armed = rest
    return point
  }

  let life = begin(undefined)
  const url = await life.listening
  port = new URL(url).port

  const stop = async (): Promise<void> => {
    isKilling = true
    life.child.kill('SIGKILL')
    await life.ended
    isKilling = false
  }
  /** Asks when there is somebody to ask; who is cut off meanwhile is the SDK's to deal with. */
  const patientFetch: typeof fetch = async (input, init) => {
    await life.listening.catch(() => undefined)
    return fetch(input, init)
  }
  const throwFailure = (): void => {
    const [failure] = failures
    if (failure !== undefined) throw failure
  }

  return {
    ...townAt({ url, apps, retries: 10, fetch: patientFetch }),
    url,
    folder,
    deaths,
    get kills() {
      return kills
    },
    output: () => output,
    async killAndArm(...points) {
      throwFailure()
      await stop()
      kills += 1
      armed = points
      life = begin(nextPoint())
      await life.listening
    },
    async outlived() {
      let looked = life
      let giveUpAt = Date.now() + LONGEST_LIFE_MS
      while (life.point !== undefined) {
        throwFailure()
        if (life !== looked) giveUpAt = Date.now() + LONGEST_LIFE_MS
        looked = life
        if (Date.now() > giveUpAt) throw new Error(`It was to die at ${life.point}, and did not.`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      await life.listening
      throwFailure()
    },
    async close() {
      isWanted = false
      await stop()
      await rm(folder, { recursive: true, force: true })
      throwFailure()
    },
  }
}
