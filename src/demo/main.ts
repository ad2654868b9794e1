/**
 * `npm run demo`: reads the flags, plays the story, and leaves nothing behind that was not asked for.
 */
import { isHoldfastError } from '@holdfast/client'
import { HELP, type Options, readOptions } from './options.ts'
import { Refusal } from './refusal.ts'
import type { Result } from './result.ts'

const EXIT = { recovered: 0, notRecovered: 1, refused: 2, interrupted: 130 } as const

const IMPATIENT_MS = 1500
/** For what may be left of an interrupted story, such as a call that is being repeated. */
const REST_MS = 3000

const print = (text: string): void => void process.stdout.write(text)

const errorOf = (error: unknown): NonNullable<Result['error']> => {
  const message = error instanceof Error ? error.message : 'Something unexpected happened.'
  if (error instanceof Refusal || isHoldfastError(error)) return { code: error.code, message }
  return { code: 'unexpected', message }
}

/** Says why, in the form that was asked for, and gives the exit code. */
const refuse = (error: unknown, json: boolean): number => {
  if (!(error instanceof Refusal)) throw error
  const { code, message } = error
  if (json) print(`${JSON.stringify({ recovered: false, error: { code, message } })}\n`)
  const hint = code === 'usage' ? '\nSee: npm run demo -- --help' : ''
  process.stderr.write(`${code}: ${message}${hint}\n`)
  return EXIT.refused
}

const readArguments = (args: readonly string[]): Options | number => {
  try {
    const options = readOptions(args)
    if (options !== 'help') return options
    print(HELP)
    return EXIT.recovered
  } catch (error) {
    return refuse(error, args.includes('--json'))
  }
}

const run = async (options: Options): Promise<number> => {
  // Loaded only now, so that a wrong flag is answered at once.
  const { tell } = await import('./telling.ts')
  const interrupted = new AbortController()
  let at = 0
  const stop = (): void => {
    const now = performance.now()
    // npm passes Ctrl-C on to a process that the terminal has told already: only a later one is a second one.
    if (interrupted.signal.aborted && now - at > IMPATIENT_MS) process.exit(EXIT.interrupted)
    if (!interrupted.signal.aborted) at = now
    interrupted.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  // Whoever watched has gone, as in `| head`; every further line fails likewise.
  const left = (): void => interrupted.abort()
  process.stdout.on('error', left)
  process.stderr.on('error', left)
  const result = await tell(options, interrupted.signal, errorOf)
  if (options.json) print(`${JSON.stringify(result)}\n`)
  if (result.error?.code === 'interrupted') return EXIT.interrupted
  return result.recovered ? EXIT.recovered : EXIT.notRecovered
}

const options = readArguments(process.argv.slice(2))
const code =
  typeof options === 'number'
    ? options
    : await run(options).catch((error: unknown) => refuse(error, options.json))
process.exitCode = code
setTimeout(() => process.exit(code), REST_MS).unref()
