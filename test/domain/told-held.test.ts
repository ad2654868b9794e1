/** What an owner is told by itself, and what waits for the hour's end. */
import type { EventName } from '@holdfast/client/protocol'
import { expect, it } from 'vitest'
import type { Account, Recovery } from '../../src/domain/account.ts'
import { reachOf, type ToldItem, withReach } from '../../src/domain/reach.ts'
import { owedNow } from '../../src/domain/told.ts'
import { MOST_ALIKE, MOST_HELD, withItem } from '../../src/domain/told-held.ts'
import { accountOf, newId, recoveryOf } from '../support/store.ts'

const HOUR = 3_600_000
const T0 = 1_700_000_000_000 - (1_700_000_000_000 % HOUR)

const waiting = recoveryOf({ state: 'waiting', quorumAt: T0 })
const other = recoveryOf({ state: 'waiting', quorumAt: T0 })
const ended = recoveryOf({ state: 'superseded', endedAt: T0 })
const reachable = withReach(accountOf({ recoveries: [ended, other, waiting] }), {
  stated: {
    sequence: 1,
    sealed: 'c2VhbGVk',
    digests: true,
    ways: [{ way: '1.0', channel: 'mail', gone: false }],
  },
})
const item = (event: EventName, recovery: Recovery | null): ToldItem => ({
  notice: newId(),
  event,
  at: T0,
  owner: reachable.id,
  recovery: recovery?.recovery ?? null,
})
const said = (account: Account, event: EventName, recovery: Recovery | null, times: number): Account =>
  Array.from({ length: times }, () => item(event, recovery)).reduce(
    (next, one) => withItem(next, one, T0 + 1),
    account,
  )
const atOnce = (account: Account): readonly EventName[] =>
  owedNow(account).flatMap(({ items }) => items.map(({ event }) => event))
const held = (account: Account) => reachOf(account).told.filter(({ id }) => id.endsWith('.held'))

it.each(['recovery-quorum', 'recovery-alarmed', 'recovery-hour-left', 'recovery-released'] as const)(
  '%s of one request never makes another’s wait; only its own is told four times in an hour at most',
  (event) => {
    const noisy = said(reachable, event, other, MOST_ALIKE + 3)
    expect(atOnce(noisy)).toHaveLength(MOST_ALIKE)
    expect(held(noisy)).toMatchObject([{ states: [{ state: 'queued', at: T0 + HOUR }], more: false }])
    expect(held(noisy)[0]?.items).toHaveLength(3)
    const both = said(noisy, event, waiting, 1)
    expect(owedNow(both).at(-1)?.items).toMatchObject([{ event, recovery: waiting.recovery }])
  },
)

it.each(['recovery-opened', 'recovery-ended', 'recovery-answered', 'session-differed'] as const)(
  'what a single contact can say over and over waits with the rest: %s',
  (event) => {
    const first = said(reachable, event, other, MOST_ALIKE - 1)
    const last = said(first, event, waiting, 2)
    expect(atOnce(last)).toHaveLength(MOST_ALIKE)
    expect(held(last)[0]?.items).toMatchObject([{ event, recovery: waiting.recovery }])
  },
)

it('a few more in the next hour, and all of one event do not make another event wait', () => {
  const noisy = said(reachable, 'recovery-opened', ended, 9)
  expect(atOnce(said(noisy, 'recovery-ended', ended, 1)).at(-1)).toBe('recovery-ended')
  const later = withItem(noisy, item('recovery-opened', waiting), T0 + HOUR)
  expect(owedNow(later).at(-1)?.items).toMatchObject([{ recovery: waiting.recovery }])
})

it('of more than fit into one, what is about an open request stays, and it says that there was more', () => {
  const noisy = said(
    said(reachable, 'recovery-answered', waiting, MOST_ALIKE + 1),
    'recovery-ended',
    ended,
    50,
  )
  const [one, ...none] = held(noisy)
  expect(none).toEqual([])
  expect(one).toMatchObject({ more: true })
  expect(one?.items).toHaveLength(MOST_HELD)
  expect(one?.items[0]).toMatchObject({ event: 'recovery-answered', recovery: waiting.recovery })
})
