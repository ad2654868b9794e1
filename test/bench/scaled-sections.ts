/**
 * What was measured of several processes, told line by line with its target.
 */
import type { Line, Section } from './report.ts'
import type { ScaledLoad } from './scaled-load.ts'
import type { StoredBytes } from './stored-bytes.ts'
import type { SweepCost } from './sweep-cost.ts'
import { DUE } from './sweep-cost.ts'
import type { EmbeddedWave } from './embedded-wave.ts'
import type { WaveFigures } from './wave.ts'

const ms = (value: number): string => `${value.toFixed(1)} ms`
const times = (count: number): string => (count === 1 ? '1 process' : `${count} processes`)

export const loadSection = (loads: readonly ScaledLoad[]): Section => ({
  title: 'Answering, on one process and on two',
  about:
    'Sixteen connections; beside as many processes with bare Express and mongoose routes that check the same signatures and write\n' +
    'the same to a copy of the same database, and do nothing else. A sign-in is two requests. By turns; medians of the rounds.',
  lines: loads.flatMap((load): Line[] => [
    {
      name: `${load.name}, ${times(load.processes)}`,
      value: load.perSecond,
      unit: '/s',
      note: `p50 ${ms(load.p50Ms)}, p99 ${ms(load.p99Ms)}`,
    },
    {
      name: 'of the bare routes',
      of: `${load.name}, ${times(load.processes)}`,
      value: load.ofBare,
      unit: '×',
      target: { least: 0.6 },
      note: `bare ${Math.round(load.barePerSecond).toLocaleString('en-US')} /s, p99 ${ms(load.bareP99Ms)}`,
    },
  ]),
})

/** One process, its jobs lost: the sweep alone finds them. */
export const embeddedWaveSection = (wave: EmbeddedWave): Section => ({
  title: `${wave.count.toLocaleString('en-US')} recoveries that fall due within one second, on the embedded engine`,
  about:
    'One process, and no job for any of them: the sweep finds them all. Drained: written down, logged and told.',
  lines: [
    { name: 'drained after', value: wave.drainedMs / 1000, unit: 's', target: { most: 60 } },
    { name: 'told before their time', value: wave.early, unit: '', target: { most: 0 } },
  ],
})

/** `commands`: to MongoDB, for one recovery. */
export const waveSection = (wave: WaveFigures, commands: number): Section => ({
  title: `${wave.count.toLocaleString('en-US')} recoveries that fall due within one second`,
  about:
    'Two processes that work, two that answer. Drained: all are written down, logged and told. Meanwhile contacts go on approving,\n' +
    'and owners watch on another process than the one that is asked.',
  lines: [
    { name: 'drained after', value: wave.drainedMs / 1000, unit: 's', target: { most: 60 } },
    { name: 'releasable, all of them, after', value: wave.settledMs / 1000, unit: 's' },
    {
      name: 'before their time',
      value: wave.early,
      unit: '',
      target: { most: 0 },
      note: `late: p50 ${ms(wave.lateP50Ms)}, p99 ${ms(wave.lateP99Ms)}`,
    },
    {
      name: 'socket event after the commit, p99',
      value: wave.probe.eventP99Ms,
      unit: 'ms',
      target: { most: 100 },
      note: `${wave.probe.count} approvals, p50 ${ms(wave.probe.eventP50Ms)}, answered p99 ${ms(wave.probe.answerP99Ms)}`,
    },
    { name: 'events that did not come', value: wave.probe.missed, unit: '', target: { most: 0 } },
    { name: 'approvals that failed', value: wave.probe.refused, unit: '', target: { most: 0 } },
    { name: 'commands to MongoDB for one of them', value: commands, unit: '' },
    { name: 'one job that waits, in Redis', value: wave.bytesPerWake, unit: 'bytes' },
  ],
})

/** The cost may double where what waits grows a hundredfold: trees grow deeper. What is due is as much as ever. */
const MOST_GROWTH = 2

export const sweepSection = (costs: readonly SweepCost[]): Section => {
  const growth = (engine: SweepCost['engine']): Line[] => {
    const own = costs.filter((cost) => cost.engine === engine)
    const [first, last] = [own[0], own.at(-1)]
    return [
      ...own.map(({ waiting, sweepMs }) => ({
        name: `${engine}, ${waiting.toLocaleString('en-US')} waiting`,
        value: sweepMs,
        unit: 'ms',
      })),
      {
        name: 'of the first',
        of: engine,
        value: (last?.sweepMs ?? NaN) / (first?.sweepMs ?? NaN),
        unit: '×',
        target: { most: MOST_GROWTH },
      },
    ]
  }
  return {
    title: `A sweep in which ${DUE} are due`,
    about: 'Finding and settling them, among ever more that wait. Medians.',
    lines: [...growth('embedded'), ...growth('MongoDB')],
  }
}

export const bytesSection = (bytes: StoredBytes): Section => ({
  title: 'Stored in MongoDB',
  about:
    'BSON, before compression and without indexes. Five contacts; a request that nobody has answered yet.',
  lines: [
    { name: 'an account', value: bytes.account, unit: 'bytes' },
    { name: 'its circle', value: bytes.circle, unit: 'bytes', note: `blobs ${bytes.circleBlobs}` },
    { name: 'an open recovery', value: bytes.recovery, unit: 'bytes', note: `blobs ${bytes.recoveryBlobs}` },
    { name: 'an entry of the log', value: bytes.logEntry, unit: 'bytes' },
    { name: 'a claim, for minutes', value: bytes.claim, unit: 'bytes' },
  ],
})
