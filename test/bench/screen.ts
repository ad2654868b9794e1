/**
 * What a bench says besides its sections: the machine before them, how many targets were met after them.
 */
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { sectionText, tally, type Section } from './report.ts'

export const print = (text: string): void => void process.stdout.write(`${text}\n`)

export const show = (section: Section): Section => {
  print(sectionText(section))
  return section
}

export const tellMachine = (quick: boolean) => {
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
  print(quick ? '--quick: rough figures.\n' : '')
  return machine
}

/** `startedAt`: of the bench, by performance.now(). */
export const tellTally = (sections: readonly Section[], startedAt: number): ReturnType<typeof tally> => {
  const figures = tally(sections)
  const { met, missed } = figures
  print(
    `${met} of ${met + missed.length} targets met, in ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`,
  )
  for (const name of missed) print(`missed: ${name}`)
  return figures
}
