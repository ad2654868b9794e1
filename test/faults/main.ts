/**
 * `npm run test:faults [-- --seed S] [--only NAME …] [--rounds N] [--lanes N] [--json FILE]`: breaks what can break, and prints
 * every figure beside its target. `--only`: a suite, a cell or a round, by the beginning of its name. Exit code 1 where a target
 * is missed.
 */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { arch, availableParallelism, loadavg, platform } from 'node:os'
import { parseArgs } from 'node:util'
import { sectionText, tally, type Section } from '../bench/report.ts'
import { clockSuite } from './clock-suite.ts'
import { crashSuite } from './crash-suite.ts'
import { diskSuite } from './disk-suite.ts'
import { figuresOf, sectionOf, troubleIn } from './figures.ts'
import { networkSuite } from './network-suite.ts'
import { missingParts } from './parts.ts'
import { queueSuite } from './queue-suite.ts'
import { skipped, type Suite } from './suite.ts'
import { SECANTUS_VERSION } from '../support/secantus.mjs'

const SUITES: readonly Suite[] = [crashSuite, queueSuite, clockSuite, networkSuite, diskSuite]

const PROGRESS_MS = 30_000

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: randomBytes(4).toString('hex') },
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    lanes: { type: 'string', default: '4' },
    json: { type: 'string' },
  },
})
const { seed, only } = values

const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** The name itself, or all that it stands for: `crash` for `crash:…` and `crash#7`, but `crash#7` not for `crash#71`. */
const names = (asked: string, name: string): boolean =>
  name === asked || (name.startsWith(asked) && /^[:# ]/.test(name.slice(asked.length)))
const isWanted = (name: string): boolean => only.length === 0 || only.some((asked) => names(asked, name))
/** Whether anything of a suite is wanted. */
const isAsked = ({ name }: Suite): boolean => only.length === 0 || only.some((asked) => names(name, asked))

const replay = (name: string): string =>
  `npm run test:faults -- --seed ${seed} --only '${name.replace(/ \(.*/, '')}'`

const startedAt = performance.now()
print(
  `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC · Node ${process.version} · ${platform()} ${arch()}, ` +
    `${availableParallelism()} cores, load ${(loadavg()[0] ?? 0).toFixed(1)} · SecantusDB ${SECANTUS_VERSION} in the place of MongoDB · seed ${seed}\n`,
)

const missing = missingParts()
const sections: Section[] = []
let withTrouble = 0
for (const suite of SUITES.filter(isAsked)) {
  const from = performance.now()
  let rounds = 0
  const progress = setInterval(
    () => print(`  ${suite.title}: ${rounds} rounds so far, ${withTrouble} with findings`),
    PROGRESS_MS,
  )
  const task = {
    seed,
    rounds: values.rounds === undefined ? null : Number(values.rounds),
    lanes: Number(values.lanes),
    isWanted,
    onOutcome: (outcome: Parameters<typeof troubleIn>[0]): void => {
      rounds += 1
      const trouble = troubleIn(outcome)
      if (trouble === null) return
      withTrouble += 1
      print(`! ${trouble}\n    again: ${replay(outcome.name)}\n`)
    },
  }
  const result = missing === null ? await suite.run(task) : skipped(missing)
  clearInterval(progress)
  if (result.skipped !== null) print(`${suite.title}: skipped: ${result.skipped}\n`)
  if (result.outcomes.length === 0) continue
  const seconds = ((performance.now() - from) / 1000).toFixed(0)
  const section = sectionOf(
    `${suite.title} (${seconds} s)`,
    suite.about,
    figuresOf(result.outcomes, result.more),
  )
  sections.push(section)
  print(sectionText(section))
}

const { met, missed } = tally(sections)
const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
print(
  `${met} of ${met + missed.length} targets met, in ${minutes} minutes; ${withTrouble} rounds with findings.`,
)
for (const name of missed) print(`missed: ${name}`)
print(`all of it again: ${replay('').replace(/ --only.*/, '')}`)
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ seed, met, missed, sections }, null, 2)}\n`)
process.exit(missed.length === 0 && sections.length > 0 ? 0 : 1)
