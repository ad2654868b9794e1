/**
 * The service as it is started in earnest: built JavaScript in a process of its own.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'

const MAIN = 'dist/src/main.js'
const running = new Set<ChildProcess>()

/** Builds what has changed. Takes up to a minute. */
export const buildService = (): void => {
  const built = spawnSync(process.execPath, ['src/operate/with-setup.mjs', 'build'], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`The service cannot be built: ${built.stderr}`)
}

/** kill -9 of everything that was started and has not ended. */
export const killAll = (): void => {
  for (const child of running) child.kill('SIGKILL')
}

process.once('exit', killAll)

export interface Line {
  readonly msg: string
  readonly url?: string
  readonly durationMs?: number
  readonly folder?: string
}

export interface Started {
  readonly child: ChildProcess
  readonly lines: readonly Line[]
  readonly errors: () => string
  /** Resolves with the line that says so; rejects if the process ends first. */
  says(msg: string): Promise<Line>
  readonly exited: Promise<number | null>
}

const environment = (env: Record<string, string>): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  PORT: '0',
  ...env,
})

/** Its environment is these variables alone. */
export const startProcess = (env: Record<string, string>, args: readonly string[] = []): Started => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const lines: Line[] = []
  let [output, errors] = ['', '']
  const heard = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (output + chunk).split('\n')
    output = parts.pop() ?? ''
    lines.push(...parts.map((line) => JSON.parse(line) as Line))
    for (const listener of heard) listener()
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
  const says = (msg: string) =>
    new Promise<Line>((resolve, reject) => {
      const look = (): void => {
        const line = lines.find((candidate) => candidate.msg === msg)
        if (line === undefined) return
        heard.delete(look)
        resolve(line)
      }
      heard.add(look)
      look()
      void exited.then((code) => reject(new Error(`ended with ${code} before ${msg}: ${errors}`)))
    })
  return { child, lines, errors: () => errors, says, exited }
}
