/**
 * Any order of what people, thieves, jobs and clocks can do, held against a model and against frames. By default 10,000
 * sequences; `HOLDFAST_MODEL_RUNS=100000` runs more. A failure prints its seed and the command that replays it.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TRANSITIONS } from '../../src/domain/transitions.ts'
import { sequences } from './model-commands.ts'
import { finish, play } from './model-play.ts'
import { BEGINNINGS, Parted, worldOf } from './model-world.ts'

const RUNS = Number(process.env['HOLDFAST_MODEL_RUNS'] ?? 10_000)
const SEED = Number(process.env['HOLDFAST_MODEL_SEED'] ?? Date.now() % 2 ** 31)
const PATH = process.env['HOLDFAST_MODEL_PATH']
const COMMANDS = 80

/** Every step that the table allows, as the world notes them. */
const table = Object.entries(TRANSITIONS).flatMap(([from, row]) =>
  Object.entries(row).flatMap(([command, states]) => states.map((to) => `step ${from} ${command} ${to}`)),
)
/** The world looks at the clock before every command, as the use cases do; `recovery-release.test.ts` takes this step. */
const UNSEEN = 'step waiting release released'
const sum = (seen: Map<string, number>, isMeant: (what: string) => boolean): number =>
  [...seen].reduce((total, [what, times]) => (isMeant(what) ? total + times : total), 0)

const rarest = (seen: Map<string, number>): number =>
  Math.min(...table.filter((step) => step !== UNSEEN).map((step) => seen.get(step) ?? 0))

const figures = (seen: Map<string, number>, sequencesRun: number): string => {
  const of = (what: string): number => seen.get(what) ?? 0
  const decisions = sum(seen, (what) => !what.startsWith('step ') && !what.startsWith('pull of '))
  const pulls = (...states: readonly string[]): number =>
    states.reduce((total, state) => total + of(`pull of ${state}`), 0)
  return [
    `model: ${sequencesRun} sequences, ${decisions} decisions, seed ${SEED}`,
    `  0 early             of ${pulls('waiting', 'contested')} pulls before their time`,
    `  0 after a veto      of ${pulls('vetoed')} pulls after a veto that ended the request`,
    `  0 under threshold   of ${pulls('collecting')} pulls below the quorum`,
    `  0 lost              of ${of('release changed')} releases, ${of('waited to the end and was released')} of them waited for to the millisecond`,
    `  0 twice             of ${of('complete changed')} completions and ${of('complete already_completed')} more attempts at completed ones`,
    `  ${of('veto changed')} vetoes by identity key, ${of('veto-key changed')} by veto key, ${of('veto veto_too_late')} too late, ${of('veto veto_overruled')} overruled`,
    `  ${table.filter((step) => seen.has(step)).length} of ${table.length} steps of the state machine taken, the rarest ${rarest(seen)} times; none outside it`,
  ].join('\n')
}

it(`${RUNS} sequences do what the model does, and nothing beside`, { timeout: 30 * 60_000 }, () => {
  const seen = new Map<string, number>()
  const property = fc.property(fc.nat(BEGINNINGS - 1), sequences(COMMANDS), (beginning, commands) => {
    const world = worldOf(beginning, seen)
    for (const command of commands) play(world, command)
    finish(world)
  })
  const parameters = { numRuns: RUNS, seed: SEED, ...(PATH === undefined ? {} : { path: PATH }) }
  const result = fc.check(property, parameters)
  if (result.failed) {
    const { counterexamplePath, counterexample, errorInstance } = result
    const fault = errorInstance instanceof Parted ? errorInstance.fault : 'error'
    const replay = `HOLDFAST_MODEL_SEED=${SEED} HOLDFAST_MODEL_PATH=${counterexamplePath} npx vitest run test/domain/model.test.ts`
    throw new Error(`${fault}\nreplay: ${replay}\n${JSON.stringify(counterexample)}`, {
      cause: errorInstance,
    })
  }
  console.log(figures(seen, result.numRuns))
  const steps = [...seen.keys()].filter((what) => what.startsWith('step ') && !what.includes(' compare '))
  expect(steps.filter((step) => !table.includes(step))).toEqual([])
  // In fewer runs the rarest may be missing by chance; `recovery-transitions.test.ts` takes each of them on purpose.
  if (RUNS >= 50_000 && PATH === undefined) expect(table.filter((step) => !seen.has(step))).toEqual([UNSEEN])
})
