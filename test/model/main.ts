/**
 * `npm run test:model`: explores the model, kills its mutants, and replays its traces on the real service.
 *
 *   npm run test:model [-- --trace K]     only trace K, as a failure names it
 */
import { FULL, MUTANTS, type Configuration } from './configurations.ts'
import { newContacts } from './people.ts'
import { replay } from './replay.ts'
import { missingProgram, type Model, openModel, verify } from './spin.ts'
import { openTown } from './town.ts'
import { tracesOf } from './traces.ts'

const TRACES = 300
const LEAST_STATES = 1_000_000

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const round = (value: number): string => Math.round(value).toLocaleString('en')

/** How many states were found to be sound; null where something does not hold. */
const explore = async (model: Model, { name, ...question }: Configuration): Promise<number | null> => {
  const { states, transitions, depth, seconds, broken } = await verify(model, { ...question, large: true })
  const errors = broken === null ? '0 errors' : `1 ERROR: ${broken}`
  say(
    `  ${name}: ${round(states)} states, ${round(transitions)} transitions, depth ${round(depth)}, ${round(seconds)} s, ${errors}`,
  )
  return broken === null ? states : null
}

const exploreAll = async (model: Model): Promise<boolean> => {
  let [states, isSound] = [0, true]
  for (const configuration of FULL) {
    const found = await explore(model, configuration)
    isSound &&= found !== null
    states += found ?? 0
  }
  say(
    `model: ${round(states)} states, ${isSound ? '0 errors' : 'ERRORS'} (at least ${round(LEAST_STATES)} wanted)`,
  )
  return isSound && states >= LEAST_STATES
}

const killAll = async (model: Model): Promise<boolean> => {
  let killed = 0
  for (const { number, defect, killedBy, sizes, lively } of MUTANTS) {
    const question = { sizes: { ...sizes, MUTANT: number }, ...(lively !== undefined && { lively }) }
    const { broken } = await verify(model, question)
    const isKilled = broken !== null && killedBy.includes(broken)
    killed += Number(isKilled)
    say(
      `  mutant ${number}, ${defect}: ${broken ?? 'LIVES'}${isKilled ? '' : ` (not ${killedBy.join(', ')})`}`,
    )
  }
  say(`mutants: ${killed} of ${MUTANTS.length} killed, each by its property`)
  return killed === MUTANTS.length
}

const replayAll = async (model: Model, from: number, to: number): Promise<boolean> => {
  const traces = await tracesOf(model, { from, to })
  const town = await openTown()
  let [steps, divergences] = [0, 0]
  try {
    const contacts = await newContacts(town)
    for (const [index, trace] of traces.entries()) {
      const parted = await replay(town, contacts, trace)
      steps += trace.length
      if (parted === null) continue
      divergences += 1
      say(`  trace ${from + index}: ${parted}\n  again: npm run test:model -- --trace ${from + index}`)
    }
  } finally {
    await town.close()
  }
  const seeds = `spin -n1 to -n${Math.ceil(to / 10)}`
  say(
    `traces: ${traces.length} replayed over HTTP, ${round(steps)} steps, ${divergences} divergences (${seeds})`,
  )
  return divergences === 0
}

const main = async (args: readonly string[]): Promise<boolean> => {
  const missing = missingProgram()
  if (missing !== null) {
    say(`${missing} is missing: install the Debian packages spin and gcc.`)
    return false
  }
  const model = await openModel()
  try {
    const at = args.indexOf('--trace')
    const trace = at < 0 ? null : Number(args[at + 1])
    if (trace !== null) return await replayAll(model, trace, trace + 1)
    const sound = await exploreAll(model)
    const killed = await killAll(model)
    const replayed = await replayAll(model, 0, TRACES)
    return sound && killed && replayed
  } finally {
    await model.close()
  }
}

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1
