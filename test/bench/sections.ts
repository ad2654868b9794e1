/**
 * What was measured, told line by line with its target.
 */
import type { OperationFigures } from './protocol.ts'
import type { Line, Section } from './report.ts'
import { table } from './report.ts'
import type { SizeFigures } from './sdk-size.ts'
import type { ServiceFigures } from './service.ts'
import type { LibraryFigures } from './sharing.ts'
import type { StartFigures } from './start-up.ts'

const ms = (value: number): string => `${value.toFixed(2)} ms`

const linesOf = (one: OperationFigures): readonly Line[] => [
  { name: one.name, value: one.medianMs, unit: 'ms', note: `p95 ${ms(one.p95Ms)}` },
  {
    name: 'of its primitives',
    of: one.name,
    value: one.ofFloor,
    unit: '×',
    target: { most: 1.3 },
    note: `they alone ${ms(one.floorMs)}`,
  },
  {
    name: 'of the same on pure noble',
    of: one.name,
    value: one.ofNoble,
    unit: '×',
    ...(one.mostOfNoble !== null && { target: { most: one.mostOfNoble } }),
    note: `noble ${ms(one.nobleMs)}`,
  },
]

export const protocolSection = (figures: readonly OperationFigures[]): Section => ({
  title: 'Protocol',
  about:
    'Every key is new each time and seen for the first time; warm are the compiled code and the hash of labels.\n' +
    'Milliseconds are medians by the clock; ratios are medians of processor time, measured by turns.',
  lines: figures.flatMap(linesOf),
})

/** As text: it holds nothing to a target, but that our own wrapper falls into no trap. */
export const sharingText = (figures: readonly LibraryFigures[]): string => {
  const [first] = figures
  const sizes = Object.keys(first?.splitUs ?? {})
  const times = [
    ['', ...sizes.flatMap((size) => [`split ${size}`, `combine ${size}`]), ''],
    ...figures.map(({ name, splitUs, combineUs }) => [
      name,
      ...sizes.flatMap((size) => [splitUs, combineUs].map((by) => `${Math.round(by[size] ?? 0)} µs`)),
      '',
    ]),
  ]
  const traps = [
    ['', ...figures.map((_, at) => `(${at + 1})`), ''],
    ...Object.keys(first?.traps ?? {}).map((trap) => [
      trap,
      ...figures.map(({ traps: of }) => of[trap] ?? ''),
      '',
    ]),
  ]
  const legend = figures.map(({ name }, at) => `(${at + 1}) ${name}`).join(', ')
  return `${table(times)}\n\n${table(traps)}\n  ${legend}\n`
}

export const sharingSection = (figures: readonly LibraryFigures[]): Section => ({
  title: 'Secret sharing',
  about:
    '32 bytes. "refused" is an error; "wrong" is a wrong secret, or shares that protect nothing, without a word.\n' +
    'Our wrapper tries every subset when it splits, and holds every share against its check key before it combines.',
  lines: figures.map(({ name, traps }, at) => {
    const outcomes = Object.values(traps)
    const caught = outcomes.filter((outcome) => outcome === 'refused').length
    const line = { name, value: caught, unit: `of ${outcomes.length} traps refused` }
    return at === 0 ? { ...line, target: { least: outcomes.length } } : line
  }),
})

export const serviceSection = ({ loads }: ServiceFigures): Section => ({
  title: 'Service under load',
  about:
    'Sixteen connections, one process, records on disk; beside bare Express routes that check the same signatures and write\n' +
    'the same to the same store, and do nothing else. A sign-in is two requests. By turns; medians of the rounds.',
  lines: loads.flatMap((load): Line[] => [
    {
      name: load.name,
      value: load.perSecond,
      unit: '/s',
      note: `p50 ${ms(load.p50Ms)}, p99 ${ms(load.p99Ms)}`,
    },
    {
      name: 'of the bare route',
      of: load.name,
      value: load.ofBare,
      unit: '×',
      target: { least: 0.6 },
      note: `bare ${Math.round(load.barePerSecond).toLocaleString('en-US')} /s, p99 ${ms(load.bareP99Ms)}`,
    },
  ]),
})

export const startSection = (start: StartFigures, load: ServiceFigures): Section => ({
  title: 'Start-up and memory of the embedded service',
  about: 'Built JavaScript, until it answers over HTTP. Jobs start after that, and nothing waits for them.',
  lines: [
    {
      name: 'first start, empty folder',
      value: start.firstMs / 1000,
      unit: 's',
      target: { most: 6 },
      note: `jobs run after ${(start.firstJobsMs / 1000).toFixed(2)} s`,
    },
    {
      name: 'later starts',
      value: start.laterMs / 1000,
      unit: 's',
      target: { most: 3 },
      note: `jobs run after ${(start.laterJobsMs / 1000).toFixed(2)} s`,
    },
    { name: 'memory once jobs run', value: start.memory, unit: 'MiB', target: { most: 450 } },
    {
      name: 'memory after load',
      value: load.memoryAfterLoad,
      unit: 'MiB',
      target: { most: 450 },
      ...(load.memoryPeak !== null && { note: `at its peak ${Math.round(load.memoryPeak)} MiB` }),
    },
  ],
})

export const sizeSection = ({ entry, onDemand }: SizeFigures): Section => ({
  title: 'SDK in browsers',
  about: 'Minified and gzipped, without the socket client.',
  lines: [
    {
      name: 'entry',
      value: entry / 1024,
      unit: 'KiB',
      target: { most: 45 },
      note: `and ${(onDemand / 1024).toFixed(1)} KiB on demand, where a browser lacks Ed25519 or X25519`,
    },
  ],
})
