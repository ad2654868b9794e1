/**
 * `npm run bench [-- --quick] [--json FILE]`: measures, and prints every figure beside its target. `--quick` measures little,
 * to see that the bench works; its figures are rough.
 */
import { writeFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { measureProtocol } from './protocol.ts'
import { sectionText, tally, type Section } from './report.ts'
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
  ? { protocol: 6, sharing: 20, starts: 0, service: { owners: 16, rounds: 1, roundMs: 150, settled: false } }
  : {
      protocol: 250,
      sharing: 300,
      starts: 3,
      service: { owners: 32, rounds: 7, roundMs: 1000, settled: true },
    }

const print = (text: string): void => void process.stdout.write(`${text}\n`)
const show = (section: Section): Section => {
  print(sectionText(section))
  return section
}

const machine = {
  at: new Date().toISOString(),
  node: process.version,
  system: `${platform()} ${release()} ${arch()}`,
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  loadBefore: loadavg()[0] ?? 0,
}
const { at, node, system, processor, cores, memoryGiB, loadBefore } = machine
print(
  `${at.slice(0, 16).replace('T', ' ')} UTC · Node ${node} · ${system} · ${processor}, ${cores} cores, ${memoryGiB} GiB`,
)
if (loadBefore > cores / 2)
  print(
    `The machine is busy with other things (load ${loadBefore.toFixed(1)}): times are longer than they could be.`,
  )
print(values.quick ? '--quick: rough figures.\n' : '')

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

const { met, missed } = tally(sections)
print(
  `${met} of ${met + missed.length} targets met, in ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`,
)
for (const name of missed) print(`missed: ${name}`)

if (values.json !== undefined) {
  const figures = { machine, quick: values.quick, met, missed, protocol, sharing, service, start, size }
  writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`)
}
