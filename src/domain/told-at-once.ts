/**
 * What a contact is told outside of digests, and how much of it.
 *
 * [Note: Warnings are counted by themselves] Whoever has tickets can open and end any number of requests beside the one that
 * contacts are to be warned of. None of that uses up what an alarm needs; nor do a thief's changes of the circle, for each
 * event is counted apart.
 */
import type { Digest, ToldItem, Window } from './reach.ts'
import { TELLING_RULES } from './telling-rules.ts'

/** Tellings outside of digests in one digest period, over all owners, warnings apart; further ones wait for the digest. */
export const MOST_URGENT = 8
/** The same about one owner: a lively circle must not use up what another owner needs at once. */
export const MOST_URGENT_OF_ONE = 3
/** Warnings outside of digests in one hour, over all owners; further ones wait for the digest. */
export const MOST_WARNINGS = 32
/** The same of one event about one owner: there are four, hence 12 in all about one that is hostile. */
export const MOST_WARNINGS_ALIKE = 3
/** Whatever the digest period is: who was warned of one theft has to hear soon of the next. */
const WARNINGS_MS = 3_600_000

/** A notice for a contact, on its way from the owner's document into the contact's. */
export interface Handed extends Omit<ToldItem, 'isStranger'> {
  /** Whether the contact holds a share of that owner by its own will. Strangers are never urgent. */
  readonly isHolder: boolean
}

interface Bounds {
  readonly all: number
  readonly alike: number
  /** What they are alike in. */
  readonly about: (one: Handed) => string
}
const URGENT: Bounds = { all: MOST_URGENT, alike: MOST_URGENT_OF_ONE, about: ({ owner }) => owner }
const WARNINGS: Bounds = {
  all: MOST_WARNINGS,
  alike: MOST_WARNINGS_ALIKE,
  about: ({ owner, event }) => `${owner} ${event}`,
}

const windowAt = (last: Window | undefined, lengthMs: number, now: number): Window =>
  last !== undefined && now < last.since + lengthMs ? last : { since: now, count: 0 }

/** Those that may go out at once, in their order, and the window with them counted. */
const withinBounds = (
  wanted: readonly Handed[],
  window: Window,
  { all, alike, about }: Bounds,
): { readonly chosen: readonly Handed[]; readonly counted: Window } => {
  const counts = new Map((window.alike ?? []).map((one) => [one.about, one.count]))
  const chosen: Handed[] = []
  for (const one of wanted) {
    const count = counts.get(about(one)) ?? 0
    if (window.count + chosen.length >= all || count >= alike) continue
    counts.set(about(one), count + 1)
    chosen.push(one)
  }
  const counted = [...counts].map(([its, count]) => ({ about: its, count }))
  return { chosen, counted: { since: window.since, count: window.count + chosen.length, alike: counted } }
}

/**
 * Those of the handed that go out at once, in their order, and the digest's windows with them counted. `each`: the person wants
 * no digests.
 */
export const chosenAtOnce = (
  handed: readonly Handed[],
  { urgent, warnings }: Pick<Digest, 'urgent' | 'warnings'>,
  { each, periodMs, now }: { readonly each: boolean; readonly periodMs: number; readonly now: number },
): { readonly atOnce: readonly Handed[] } & Required<Pick<Digest, 'urgent' | 'warnings'>> => {
  const known = handed.filter(({ isHolder }) => isHolder)
  const isWarning = ({ event }: Handed): boolean => TELLING_RULES[event].contact === 'warning'
  const isUrgent = (one: Handed): boolean =>
    !isWarning(one) && (each || TELLING_RULES[one.event].contact === 'urgent')
  const helping = withinBounds(known.filter(isUrgent), windowAt(urgent, periodMs, now), URGENT)
  const warning = withinBounds(known.filter(isWarning), windowAt(warnings, WARNINGS_MS, now), WARNINGS)
  const chosen = new Set([...helping.chosen, ...warning.chosen])
  return {
    atOnce: handed.filter((one) => chosen.has(one)),
    urgent: helping.counted,
    warnings: warning.counted,
  }
}
