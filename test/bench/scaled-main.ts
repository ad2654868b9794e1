/**
 * `npm run bench:service [-- --quick] [--json FILE] [--wave N]`: several processes on MongoDB and Redis, every figure beside its
 * target. `--quick` measures little, to see that the bench works; `--wave`: how many recoveries fall due at once.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openMongoRecords } from './built-service.ts'
import { measureScaledLoad } from './scaled-load.ts'
import { measureEmbeddedWave } from './embedded-wave.ts'
import {
  bytesSection,
  embeddedWaveSection,
  loadSection,
  sweepSection,
  waveSection,
} from './scaled-sections.ts'
import { startScaledSet } from './scaled-set.ts'
import { print, show, tellMachine, tellTally } from './screen.ts'
import { startServers } from './servers.ts'
import { measureBytes } from './stored-bytes.ts'
import { measureSweeps } from './sweep-cost.ts'
import { measureCommands, measureWave, modelOf } from './wave.ts'

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' }, wave: { type: 'string' } },
})

const isStandIn = process.env['MONGODB_URL'] === undefined
const EFFORT = values.quick
  ? {
      owners: 16,
      rounds: 1,
      roundMs: 200,
      wave: 100,
      embeddedWave: 500,
      counted: 10,
      waiting: [100, 1_000],
    }
  : {
      owners: 32,
      rounds: 5,
      roundMs: 1_000,
      // What the stand-in can bear in minutes; a real MongoDB is asked for what is promised.
      wave: isStandIn ? 500 : 10_000,
      embeddedWave: 10_000,
      counted: 50,
      waiting: [1_000, 10_000, 100_000],
    }
const wave = values.wave === undefined ? EFFORT.wave : Number(values.wave)
if (!Number.isSafeInteger(wave) || wave < 1) throw new Error('--wave takes a whole number.')

// What is interrupted still ends what it has started: each child is killed when this process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const machine = tellMachine(values.quick)
const startedAt = performance.now()
const servers = await startServers()
print(`Records on ${servers.about}.\n`)
const set = await startScaledSet(servers, EFFORT.owners)
try {
  const bytes = await measureBytes(servers, set)
  const sections = [show(bytesSection(bytes))]
  const loads = await measureScaledLoad(set, EFFORT)
  sections.push(show(loadSection(loads)))
  const falling = await measureWave(servers, set, wave)
  sections.push(show(waveSection(falling, await measureCommands(servers, set, EFFORT.counted))))
  const records = await openMongoRecords({ url: servers.mongoUrl, database: set.database })
  const model = await modelOf(set, records)
  await records.close()
  const embedded = await measureEmbeddedWave(model, EFFORT.embeddedWave)
  sections.push(show(embeddedWaveSection(embedded)))
  const sweeps = await measureSweeps(servers, model, EFFORT.waiting)
  sections.push(show(sweepSection(sweeps)))
  const { met, missed } = tellTally(sections, startedAt)
  if (values.json !== undefined) {
    const figures = {
      machine,
      quick: values.quick,
      on: servers.about,
      met,
      missed,
      bytes,
      loads,
      falling,
      embedded,
      sweeps,
    }
    writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`)
  }
} catch (error) {
  // Said before anything is closed, which may fail for the same reason.
  print(error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exitCode = 1
} finally {
  await set.close()
  await servers.close()
}
