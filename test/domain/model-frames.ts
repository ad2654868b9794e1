/**
 * What each command may change, and nothing else: held against the whole account after every step.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Account, Recovery } from '../../src/domain/account.ts'

type Field = keyof Recovery

interface Frame {
  /** Parts of the account beside its requests, its log and its outbox, as dotted paths. */
  readonly account: readonly string[]
  /** Of the request that the command is about. */
  readonly target: readonly Field[]
  /** Of every other request. */
  readonly others: readonly Field[]
}

const STATE: readonly Field[] = ['state', 'endedAt', 'contestedUntil']
const QUORUM: readonly Field[] = [...STATE, 'answers', 'quorumAt', 'reminded']
const RESUMED: readonly Field[] = ['overriddenAt', 'reminded']
const CHANGES = ['circle.pending', 'circle.deletion']
const ENDS = ['backOff']

/** A change of the circle may end requests, and with a contested one counts its veto. */
const circle = (...account: readonly string[]): Frame => ({
  account: [...account, ...ENDS],
  target: [],
  others: STATE,
})
const ACTIVATION = [...CHANGES, 'circle.active', 'circle.lastCoreHash', 'circle.coolsBy']

export const FRAMES = {
  open: { account: ['tickets', ...ENDS], target: [], others: STATE },
  compare: { account: [], target: ['sessions'], others: [] },
  approve: {
    account: [...ENDS, ...CHANGES],
    target: [...QUORUM, 'answeredAt', ...RESUMED],
    others: QUORUM,
  },
  decline: { account: ENDS, target: QUORUM, others: [] },
  alarm: { account: ENDS, target: [...QUORUM, 'answeredAt', 'alarmed'], others: [] },
  veto: { account: [...ENDS, ...CHANGES], target: [...STATE, ...RESUMED], others: [] },
  'veto-key': { account: ENDS, target: STATE, others: [] },
  cancel: { account: ENDS, target: STATE, others: [] },
  release: { account: [], target: ['state', 'releasedAt'], others: [] },
  complete: {
    account: [...ENDS, 'identity', 'replaced', 'devices', ...CHANGES, 'circle.active', 'circle.coolsBy'],
    target: STATE,
    others: STATE,
  },
  propose: circle('circle.pending', 'circle.highestEpoch'),
  accept: circle(...ACTIVATION),
  delete: circle('circle.deletion'),
  withdraw: circle(...CHANGES),
  restore: {
    account: CHANGES,
    target: [],
    others: ['state', 'restoredAt', 'releasedAt', 'quorumAt', 'reminded'],
  },
  pass: { account: [...ENDS, ...ACTIVATION], target: [], others: [...STATE, 'reminded'] },
} as const satisfies Record<string, Frame>

export type Framed = keyof typeof FRAMES

const changedKeys = (before: object, after: object): readonly string[] => {
  const from = before as Readonly<Record<string, unknown>>
  const to = after as Readonly<Record<string, unknown>>
  const keys = new Set([...Object.keys(from), ...Object.keys(to)])
  return [...keys].filter((key) => from[key] !== to[key] && !isDeepStrictEqual(from[key], to[key]))
}

const ALWAYS = new Set(['log', 'outbox', 'recoveries', 'circle'])

/** What changed beyond the frame; empty if all is well. Also: a request whose state changed without its owner being told. */
export const outsideFrame = (
  before: Account,
  after: Account,
  command: Framed,
  target: string | null,
): readonly string[] => {
  const frame: Frame = FRAMES[command]
  const account = changedKeys(before, after).filter((key) => !ALWAYS.has(key))
  const inCircle = changedKeys(before.circle, after.circle).map((key) => `circle.${key}`)
  const found = [...account, ...inCircle].filter((path) => !frame.account.includes(path))
  for (const recovery of before.recoveries) {
    const next = after.recoveries.find((one) => one.recovery === recovery.recovery)
    const isTold = after.outbox.notices.some(
      (notice) => notice.audience.role === 'owner' && notice.recovery === recovery.recovery,
    )
    // Ended requests may be forgotten, also in the moment in which a long absence lets them end; nothing else may vanish.
    if (next === undefined && recovery.endedAt === null && !isTold) found.push('vanished')
    if (next === undefined || next === recovery) continue
    const allowed: readonly string[] = recovery.recovery === target ? frame.target : frame.others
    const keys = changedKeys(recovery, next)
    found.push(...keys.filter((key) => !allowed.includes(key)).map((key) => `recovery.${key}`))
    if (keys.includes('state') && !isTold) found.push('owner not told')
  }
  return found
}
