/**
 * Runs spin and the verifier that it makes. The table of transitions is the service's own, written into the model before each run.
 */
import { execFile, spawnSync } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { TRANSITIONS } from '../../src/domain/transitions.ts'

const here = dirname(fileURLToPath(import.meta.url))
const runFile = promisify(execFile)
const MOST_OUTPUT = 64 * 1024 * 1024
/** MiB that one verifier may use; it says so when that is not enough. */
const MOST_MEMORY = 3500

/** Sizes and switches by their names in sizes.pml. */
export type Sizes = Readonly<Record<string, number>>

const flagsOf = (sizes: Sizes): readonly string[] =>
  Object.entries(sizes).map(([name, value]) => `-D${name}=${value}`)

const nameOf = (word: string): string => word.toUpperCase().replaceAll('-', '_')

/** `fillTable` of record.pml, from src/domain/transitions.ts. */
const tableText = (): string => {
  const rows = Object.entries(TRANSITIONS).flatMap(([from, steps]) =>
    Object.entries(steps).map(([command, states]) => {
      const to = states.map((state) => `TO(${nameOf(state)})`).join(' | ')
      return `  AT(${nameOf(from)}, BY_${nameOf(command)}) = ${to};`
    }),
  )
  return `inline fillTable() {\n${rows.join('\n')}\n  skip\n}\n`
}

/** The first of the programs that this machine lacks; null if it has all. */
export const missingProgram = (): string | null =>
  ['spin', 'cc'].find((program) => spawnSync(program, [program === 'spin' ? '-V' : '--version']).error) ??
  null

export interface Model {
  readonly folder: string
  close(): Promise<void>
}

/** A copy of the model with the service's table in it. */
export const openModel = async (): Promise<Model> => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-model-'))
  await cp(here, folder, { recursive: true, filter: (path) => path === here || path.endsWith('.pml') })
  await writeFile(join(folder, 'table.pml'), tableText())
  return { folder, close: () => rm(folder, { recursive: true, force: true }) }
}

/** Each run has files of its own: spin writes beside the model while it reads it. */
const copyOf = async ({ folder }: Model): Promise<string> => {
  const at = await mkdtemp(join(tmpdir(), 'holdfast-spin-'))
  await cp(folder, at, { recursive: true })
  return at
}

export interface Verdict {
  readonly states: number
  readonly transitions: number
  readonly depth: number
  readonly seconds: number
  /** The property that does not hold; null if all do. */
  readonly broken: string | null
}

export interface Question {
  readonly sizes: Sizes
  /** Name of a liveness property; assertions unless given. */
  readonly lively?: string
  /** For many states: compiling takes longer, and exploring less. */
  readonly large?: boolean
}

const figure = (pattern: RegExp, text: string): number => {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) throw new Error(`The verifier did not finish:\n${text}`)
  return Number(found)
}

const brokenIn = (text: string, lively: string | undefined): string | null => {
  if (figure(/errors: (\d+)/, text) === 0) return null
  const asserted = /assertion violated !\(\(?(\w+)\)?\)/.exec(text.replaceAll('  ', ' '))?.[1]
  if (asserted !== undefined) return asserted
  if (lively !== undefined && text.includes('acceptance cycle')) return lively
  throw new Error(`The verifier found something else:\n${text}`)
}

/** Explores every state. Throws where that was not possible: out of memory, of depth, or of the machine's parts. */
export const verify = async (model: Model, question: Question): Promise<Verdict> => {
  const { sizes, lively, large = false } = question
  const at = await copyOf(model)
  const flags = flagsOf(lively === undefined ? sizes : { ...sizes, LIVELY: 1 })
  await runFile('spin', ['-a', ...flags, 'recovery.pml'], { cwd: at, maxBuffer: MOST_OUTPUT })
  const how = lively === undefined ? ['-DSAFETY'] : ['-DNFAIR=4']
  const compiling = [
    large ? '-O2' : '-O0',
    '-w',
    '-DCOLLAPSE',
    `-DMEMLIM=${MOST_MEMORY}`,
    ...how,
    '-o',
    'pan',
    'pan.c',
  ]
  await runFile('cc', compiling, { cwd: at, maxBuffer: MOST_OUTPUT })
  const asked = lively === undefined ? ['-E'] : ['-a', '-f', '-N', lively]
  const startedAt = performance.now()
  const { stdout } = await runFile(join(at, 'pan'), ['-m500000', ...asked], {
    cwd: at,
    maxBuffer: MOST_OUTPUT,
  })
  const seconds = (performance.now() - startedAt) / 1000
  await rm(at, { recursive: true, force: true })
  if (/max search depth too small|out of memory|reached -DMEMLIM/.test(stdout)) throw new Error(stdout)
  return {
    states: figure(/(\d+(?:\.\d+)?(?:e\+\d+)?) states, stored/, stdout),
    transitions: figure(/(\d+(?:\.\d+)?(?:e\+\d+)?) transitions/, stdout),
    depth: figure(/depth reached (\d+)/, stdout),
    seconds,
    broken: brokenIn(stdout, lively),
  }
}

/** What one random run of the model prints. The same seed gives the same run. */
export const simulate = async (model: Model, sizes: Sizes, seed: number): Promise<string> => {
  const at = await copyOf(model)
  const args = ['-T', `-n${seed}`, ...flagsOf({ ...sizes, TRACE: 1, PROCESSES: 1 }), 'recovery.pml']
  const { stdout } = await runFile('spin', args, { cwd: at, maxBuffer: MOST_OUTPUT })
  await rm(at, { recursive: true, force: true })
  return stdout
}
