/** An operator's command as npm runs it: built JavaScript in a process of its own, with these variables alone. */
import { spawn, type ChildProcess } from 'node:child_process'

export interface Ended {
  /** Null if a signal ended it. */
  readonly code: number | null
  /** Both of its outputs. */
  readonly said: string
}

/** `onStarted` gets the process, to kill it. */
export const runCommand = (
  name: 'backup' | 'restore' | 'rotate-keys',
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onStarted: (child: ChildProcess) => void = () => undefined,
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [`dist/src/operate/${name}.js`, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.once('close', (code) => resolve({ code, said }))
    onStarted(child)
  })
