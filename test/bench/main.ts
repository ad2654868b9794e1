/**
 * `npm run bench [-- --quick] [--json FILE]`: measures, and prints every figure beside its target. `--quick` measures little,
 * to see that the bench works; its figures are rough.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { measureProtocol } from './protocol.ts'
import { print, show, tellMachine, tellTally } from './screen.ts'
import { measureSize } from './sdk-size.ts'
import {
  protocolSection,
  serviceSection,
  sharingSection,
  sharingText,
  sizeSection,
  startSection,
} from './sections.ts'
import { measureService } from './service.ts'
import { measureSharing } from './sharing.ts'
import { measureStart } from './start-up.ts'

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
})

const EFFORT = values.quick
  ? { protocol: 36, sharing: 20, starts: 0, service: { owners: 16, rounds: 1, roundMs: 150, settled: false } }
  : {
      protocol: 250,
      sharing: 300,
      starts: 3,
      service: { owners: 32, rounds: 7, roundMs: 1000, settled: true },
    }

// What is interrupted still ends what it has started: each child is killed when this process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const machine = tellMachine(values.quick)

const startedAt = performance.now()
const protocol = await measureProtocol(EFFORT.protocol)
const sections = [show(protocolSection(protocol))]
const sharing = await measureSharing(EFFORT.sharing)
sections.push(show(sharingSection(sharing)))
print(sharingText(sharing))
const service = await measureService(EFFORT.service)
sections.push(show(serviceSection(service)))
const start = EFFORT.starts > 0 ? await measureStart(EFFORT.starts) : service.start
sections.push(show(startSection(start, service)))
const size = await measureSize()
sections.push(show(sizeSection(size)))

const { met, missed } = tellTally(sections, startedAt)

if (values.json !== undefined) {
  const figures = { machine, quick: values.quick, met, missed, protocol, sharing, service, start, size }
  writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`)
}
