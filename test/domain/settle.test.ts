import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settle } from '../../src/domain/settle.ts'
import {
  accepted,
  COOLING,
  DELAY,
  HOUR,
  logTypesOf,
  nextOf,
  noticesOf,
  proposed,
  protectedOwner,
  relayed,
  T0,
} from '../support/circles.ts'
import {
  answered,
  approvedBy,
  at,
  COLLECTING,
  complete,
  CONTEST,
  DAY,
  opened,
  pull,
  request,
  RULES,
  STOLEN_RULE,
  veto,
  WAITING,
} from '../support/requests.ts'

const owner = protectedOwner()
const collecting = relayed(opened(owner))
const waiting = relayed(approvedBy(collecting, [1, 2, 3]))
const contested = relayed(nextOf(veto(relayed(opened(protectedOwner(STOLEN_RULE))))))

describe('time alone', () => {
  it.each([
    ['an account without requests', owner],
    ['a request that collects', collecting],
    ['a request that waits, reminders aside', waiting],
    ['a contested request', contested],
  ])('leaves %s as it is before its instant: the very same account', (_, account) => {
    expect(settle(account, T0, RULES)).toEqual({ account, notBefore: null })
    expect(settle(account, T0, RULES).account).toBe(account)
  })

  it.each([
    ['expires a request that collects', collecting, T0 + COLLECTING, 'expired'],
    ['marks a request that has waited', waiting, T0 + WAITING, 'releasable'],
    ['ends a contest', contested, T0 + CONTEST, 'vetoed'],
  ])('%s at its instant, which becomes a condition of the write', (_, account, instant, state) => {
    expect(request(at(account, instant - 1)).state).toBe(request(account).state)
    const { account: next, notBefore } = settle(account, instant, RULES)
    expect(request(next).state).toBe(state)
    expect(notBefore).toBe(instant)
    const late = settle(account, instant + DAY, RULES)
    expect(late.notBefore).toBe(instant)
    expect(late.account).toEqual(next)
  })

  it('expires a release that nobody completes, as long after it as requests collect, and no sooner', () => {
    const now = T0 + WAITING
    const released = relayed(nextOf(pull(at(approvedBy(opened(protectedOwner()), [1, 2, 3]), now), now)))
    const end = now + COLLECTING
    expect(at(released, end - 1)).toBe(released)
    expect(complete(released, end - 1).kind).toBe('changed')
    const over = at(released, end + 5)
    expect(request(over)).toMatchObject({ state: 'expired', endedAt: end })
    expect(pull(over, end + 5)).toMatchObject({ code: 'recovery_ended' })
    expect(complete(over, end + 5)).toMatchObject({ code: 'recovery_ended' })
    const changing = accepted(proposed(released, {}, now), now)
    expect(at(changing, end - 1).circle.active?.epoch).toBe(1)
    expect(at(changing, end).circle.active?.epoch).toBe(2)
  })

  it('expires what may be released and is never fetched, as long after its wait as requests collect, and no sooner', () => {
    const end = T0 + WAITING + COLLECTING
    const releasable = relayed(at(waiting, T0 + WAITING))
    expect(at(releasable, end - 1)).toBe(releasable)
    expect(pull(releasable, end - 1).kind).toBe('changed')
    const over = at(releasable, end + 5)
    expect(request(over)).toMatchObject({ state: 'expired', endedAt: end })
    expect(noticesOf(over)).toContain('recovery-ended owner')
    expect(pull(over, end + 5)).toMatchObject({ code: 'recovery_ended' })
    expect(at(relayed(waiting), end)).toMatchObject({ recoveries: [{ state: 'expired', endedAt: end }] })
    const changing = accepted(proposed(releasable, {}, T0 + WAITING), T0 + WAITING)
    expect(at(changing, end - 1).circle.active?.epoch).toBe(1)
    expect(at(changing, end).circle.active?.epoch).toBe(2)
  })

  it('gives no less time to fetch than the wait took', () => {
    const short = approvedBy(opened(protectedOwner({ policy: { collectingSeconds: 3600 } })), [1, 2, 3])
    const end = T0 + 2 * WAITING
    expect(request(at(short, end - 1)).state).toBe('releasable')
    expect(request(at(short, end)).state).toBe('expired')
  })

  it('counts that time from the end of the longer wait after an alarm', () => {
    const end = T0 + 2 * WAITING + COLLECTING
    const alarmed = answered(waiting, 4, 'alarm', { now: T0 + HOUR })
    expect(request(at(alarmed, end - 1)).state).toBe('releasable')
    expect(request(at(alarmed, end)).state).toBe('expired')
  })

  it('forgets what ended two weeks later, in silence', () => {
    const vetoed = nextOf(veto(waiting))
    expect(at(vetoed, T0 + 14 * DAY - 1)).toBe(vetoed)
    expect(at(vetoed, T0 + 14 * DAY)).toEqual({ ...vetoed, recoveries: [] })
  })

  it('applies everything due in the order of its instants', () => {
    const two = opened(opened(owner, 'a', T0), 'b', T0 + HOUR)
    const next = at(relayed(two), T0 + COLLECTING + HOUR)
    expect(next.outbox.entries.map((entry) => entry.at)).toEqual([T0 + COLLECTING, T0 + COLLECTING + HOUR])
  })

  it('counts each veto of several contests from its own end', () => {
    const first = nextOf(veto(opened(opened(protectedOwner(STOLEN_RULE), 'a'), 'b')))
    const both = nextOf(veto(first, 'identity', T0 + HOUR, 'b'))
    const ended = at(both, T0 + 2 * CONTEST)
    expect(ended.backOff.account).toEqual({ vetoes: 2, until: T0 + CONTEST + HOUR + 2 * HOUR })
  })
})

describe('reminders', () => {
  const reminders = (account: typeof waiting, now: number): readonly string[] =>
    noticesOf(at(account, now)).filter((notice) => notice.endsWith('owner'))

  it('come at half-time, a day and an hour before the end, to the owner', () => {
    expect(request(waiting).reminded).toEqual(['quorum'])
    expect(reminders(waiting, T0 + WAITING / 2 - 1)).toEqual([])
    expect(reminders(waiting, T0 + WAITING / 2)).toEqual(['recovery-half-time owner'])
    const seen = at(waiting, T0 + WAITING - HOUR)
    expect(noticesOf(seen)).toEqual([
      'recovery-half-time owner',
      'recovery-day-left owner',
      'recovery-hour-left owner',
    ])
    expect(request(seen)).toMatchObject({ state: 'waiting', reminded: ['quorum', 'half', 'day', 'hour'] })
    expect(noticesOf(at(relayed(seen), T0 + WAITING))[0]).toBe('recovery-releasable owner')
  })

  it('come again when an alarm makes the waiting longer', () => {
    const late = T0 + WAITING - HOUR
    const alarmed = relayed(answered(at(waiting, late), 5, 'alarm', { now: late }))
    expect(request(alarmed).reminded).toEqual(['quorum'])
    expect(reminders(alarmed, T0 + 2 * WAITING - 1)).toEqual([
      'recovery-half-time owner',
      'recovery-day-left owner',
      'recovery-hour-left owner',
    ])
  })
})

describe('a change of the circle', () => {
  const changing = relayed(accepted(proposed(owner)))
  const cooled = T0 + COOLING

  it('takes effect by time alone, and its instant is a condition too', () => {
    const { account, notBefore } = settle(changing, cooled, RULES)
    expect(account.circle.active?.epoch).toBe(2)
    expect(notBefore).toBe(cooled)
  })

  it('is not held up by a request that expired before', () => {
    const request_ = relayed(opened(changing))
    const now = T0 + COLLECTING
    const { account, notBefore } = settle(request_, now, RULES)
    expect(request(account).state).toBe('expired')
    expect(account.circle.active?.epoch).toBe(2)
    expect(notBefore).toBe(now)
  })

  it('is delayed once by a request that nobody approved, and ends it then', () => {
    const delayed = at(relayed(opened(changing)), cooled)
    expect(delayed.circle.pending).toMatchObject({ delayed: true, coolsAt: cooled + DELAY })
    const ended = at(relayed(delayed), cooled + DELAY)
    expect(request(ended).state).toBe('superseded')
    expect(logTypesOf(ended)).toEqual(['recovery-ended', 'epoch-activated'])
  })

  it('waits for a request with an approval', () => {
    const held = at(answered(opened(changing), 1), T0 + COLLECTING - 1)
    expect(held.circle.active?.epoch).toBe(1)
    expect(at(held, T0 + COLLECTING).circle.active?.epoch).toBe(2)
  })
})

it('comes to the same however often somebody looks (seed printed on failure)', () => {
  const start = opened(
    nextOf(veto(approvedBy(opened(protectedOwner(STOLEN_RULE), 'a'), [1, 2, 3], {}), 'identity', T0 + 5)),
    'b',
    T0 + 7,
  )
  const account = approvedBy(start, [3, 4, 5], { name: 'b', now: T0 + HOUR })
  const end = T0 + 30 * DAY
  fc.assert(
    fc.property(fc.array(fc.integer({ min: T0 + HOUR, max: end }), { maxLength: 8 }), (instants) => {
      const looked = [...instants].sort((a, b) => a - b).reduce(at, account)
      expect(at(looked, end)).toEqual(at(account, end))
      const done = at(account, end)
      expect(at(done, end)).toBe(done)
    }),
    { numRuns: 300 },
  )
})
