/**
 * What the rounds of a suite come to, each figure beside its target.
 */
import type { Line, Section } from '../bench/report.ts'
import { FAULTS, type Judgement } from './judge.ts'
import type { Late } from './play.ts'
import type { Outcome } from './rounds.ts'

const NAMES = {
  early: 'released early, or known before its time',
  'after a veto': 'released after an acknowledged veto',
  lost: 'acknowledged and lost',
  twice: 'done twice',
  'not ended': 'without an end',
  late: 'late by more than one sweep and 5 s',
  broken: 'logs that do not verify',
  told: 'not told as it must be',
} as const satisfies Record<(typeof FAULTS)[number], string>

const judgementsIn = (outcomes: readonly Outcome[]): readonly Judgement[] =>
  outcomes.flatMap(({ judgements }) => judgements)

/** `more`: what this suite alone has to show. */
export const figuresOf = (outcomes: readonly Outcome[], more: readonly Line[] = []): readonly Line[] => {
  const judgements = judgementsIn(outcomes)
  const late = judgements.flatMap(({ late: one }) => one ?? [])
  const sorted = (which: keyof Late): readonly number[] =>
    late.map((one) => one[which]).toSorted((a, b) => a - b)
  const middle = sorted('ms')[Math.floor(late.length / 2)] ?? '-'
  const recoveries = judgements.filter(({ isRecovery }) => isRecovery).length
  const ended = judgements.filter(
    ({ isRecovery, findings }) => isRecovery && findings.every(({ fault }) => fault !== 'not ended'),
  ).length
  return [
    { name: 'recoveries', value: recoveries, unit: '', note: `${outcomes.length} rounds` },
    ...more,
    ...FAULTS.map((fault): Line => {
      const value = judgements.filter(({ findings }) => findings.some((one) => one.fault === fault)).length
      return { name: NAMES[fault], value, unit: '', target: { most: 0 } }
    }),
    {
      name: 'ended',
      value: recoveries === 0 ? null : (ended / recoveries) * 100,
      unit: '%',
      target: { least: 99.9 },
    },
    {
      name: 'latest, without the time in which nobody could work',
      value: sorted('ms').at(-1) ?? null,
      unit: 'ms',
      note: `median ${middle} of ${late.length}`,
    },
    { name: 'latest, with that time', value: sorted('withOutagesMs').at(-1) ?? null, unit: 'ms' },
    {
      name: 'rounds that could not be played',
      value: outcomes.filter(({ error }) => error !== null).length,
      unit: '',
      target: { most: 0 },
    },
  ]
}

export const sectionOf = (title: string, about: string, lines: readonly Line[]): Section => ({
  title,
  about,
  lines,
})

/** One line for each round that is not as it must be, with all that was found. */
export const troubleIn = ({ name, judgements, error }: Outcome): string | null => {
  const said = judgements.flatMap(({ findings }) => findings.map(({ fault, what }) => `${fault}: ${what}`))
  if (error !== null) said.push(`could not be played: ${error}`)
  return said.length === 0 ? null : `${name}\n    ${said.join('\n    ')}`
}
