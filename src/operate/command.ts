/** What operator commands share: their configuration, what they say, and how they end. */
import { ConfigError } from '../config-reader.ts'
import { processConfig, type Config } from '../config.ts'

export const EXIT = { ok: 0, failed: 1, usage: 64, config: 78 } as const

export const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Ends the process with one clear text. */
export const end = (text: string, code: number): never => {
  process[code === EXIT.ok ? 'stdout' : 'stderr'].write(`${text}\n`)
  process.exit(code)
}

/** The configuration of the environment, and of those arguments that stand for a variable. */
export const configure = (args: readonly string[] = process.argv.slice(2)): Config => {
  try {
    return processConfig(args)
  } catch (error) {
    if (error instanceof ConfigError) return end(error.message, EXIT.config)
    throw error
  }
}
