/**
 * The table of transitions against the code: every step that it has is taken here, every other is refused.
 */
import { describe, expect, it } from 'vitest'
import { type Account, END_STATES, OPEN_STATES, type RecoveryState } from '../../src/domain/account.ts'
import { cancelRecovery } from '../../src/domain/recovery-veto.ts'
import { restarted } from '../../src/domain/restart.ts'
import { COMMANDS, mayMove, moved, TRANSITIONS } from '../../src/domain/transitions.ts'
import { HOUR, idOf, nextOf, OWNER, protectedOwner, requestOn, T0, VETO_KEY } from '../support/circles.ts'
import {
  answered,
  approvedBy,
  at,
  complete,
  CONTEST,
  opened,
  pull,
  request,
  RULES,
  veto,
  WAITING,
} from '../support/requests.ts'

type Steps = Readonly<Record<string, readonly [before: Account, after: Account]>>

/** Collecting ends soon, so that a lost quorum can mean expiry. */
const policy = { collectingSeconds: 2 * 3600, stolenQuorum: 4 }
const collecting = opened(protectedOwner({ policy, vetoKey: VETO_KEY }))
const plain = opened(protectedOwner({ policy: { ...policy, stolenQuorum: null } }))
const three = approvedBy(collecting, [1, 2, 3], { theft: true })
const EXPIRED = T0 + 2 * HOUR
const END = T0 + WAITING
const waiting = three
const late = at(three, EXPIRED)
const releasable = at(three, END)
const fast = opened(protectedOwner({ policy: { waitingSeconds: 3600, stolenQuorum: 4 }, vetoKey: VETO_KEY }))
const contested = nextOf(veto(approvedBy(fast, [1, 2, 3], { theft: true })))
const released = nextOf(pull(releasable, END))
/** Releasable while its collecting period still runs. */
const early = at(approvedBy(fast, [1, 2, 3], { theft: true }), T0 + HOUR)
const stated = (account: Account, now: number): Account =>
  answered(account, 4, 'approve', { now, theft: true })
const declined = (account: Account, now: number, slots: readonly number[]): Account =>
  slots.reduce((next, slot) => answered(next, slot, 'decline', { now }), account)

const cancelled = (account: Account): Account =>
  nextOf(cancelRecovery(account, { body: { account: OWNER, recovery: idOf('a') } }, T0, RULES))
const other = (account: Account, now: number): Account => opened(account, 'b', now)
const displaced = (account: Account, now: number, slot = 1): Account =>
  approvedBy(other(account, now), [slot], { name: 'b', now })
/** Another request of the same circle, released before, is completed. */
const overtaken = (account: Account): Account => {
  const freed = requestOn(account, { recovery: idOf('b'), state: 'released', releasedAt: T0 })
  return nextOf(complete({ ...account, recoveries: [...account.recoveries, freed] }, END, 'b'))
}

const steps: Steps = {
  'collecting approve collecting': [collecting, answered(collecting, 1)],
  'collecting approve waiting': [approvedBy(collecting, [1, 2]), three],
  'collecting decline collecting': [collecting, answered(collecting, 1, 'decline')],
  'collecting decline declined': [declined(collecting, T0, [1, 2]), declined(collecting, T0, [1, 2, 3])],
  'collecting alarm collecting': [collecting, answered(collecting, 1, 'alarm')],
  'collecting displace collecting': [answered(collecting, 1), displaced(answered(collecting, 1), T0)],
  'collecting veto contested': [collecting, nextOf(veto(collecting))],
  'collecting veto vetoed': [plain, nextOf(veto(plain))],
  'collecting veto-key vetoed': [collecting, nextOf(veto(collecting, 'veto-key'))],
  'collecting cancel cancelled': [collecting, cancelled(collecting)],
  'collecting supersede superseded': [collecting, opened(opened(opened(collecting, 'b'), 'c'), 'd')],
  'collecting pass expired': [collecting, at(collecting, EXPIRED)],
  'waiting approve waiting': [waiting, answered(waiting, 4)],
  'waiting decline waiting': [waiting, answered(waiting, 4, 'decline')],
  'waiting decline collecting': [waiting, answered(waiting, 1, 'decline')],
  'waiting decline declined': [declined(waiting, T0, [4, 5]), declined(waiting, T0, [4, 5, 1])],
  'waiting decline expired': [late, answered(late, 1, 'decline', { now: EXPIRED })],
  'waiting alarm waiting': [waiting, answered(waiting, 4, 'alarm')],
  'waiting alarm collecting': [waiting, answered(waiting, 1, 'alarm')],
  'waiting alarm expired': [late, answered(late, 1, 'alarm', { now: EXPIRED })],
  'waiting displace waiting': [stated(waiting, T0), displaced(stated(waiting, T0), T0)],
  'waiting displace collecting': [waiting, displaced(waiting, T0)],
  'waiting displace expired': [late, displaced(late, EXPIRED)],
  'waiting veto waiting': [stated(waiting, T0), nextOf(veto(stated(waiting, T0)))],
  'waiting veto contested': [waiting, nextOf(veto(waiting))],
  'waiting veto vetoed': [approvedBy(plain, [1, 2, 3]), nextOf(veto(approvedBy(plain, [1, 2, 3])))],
  'waiting veto-key vetoed': [waiting, nextOf(veto(waiting, 'veto-key'))],
  'waiting cancel cancelled': [waiting, cancelled(waiting)],
  'waiting release released': [waiting, nextOf(pull(waiting, END))],
  'waiting restore waiting': [waiting, restarted(waiting, END - 1)],
  'waiting supersede superseded': [waiting, overtaken(waiting)],
  'waiting pass waiting': [waiting, at(waiting, T0 + WAITING / 2)],
  'waiting pass releasable': [waiting, releasable],
  'contested approve contested': [contested, answered(contested, 4)],
  'contested approve waiting': [nextOf(veto(waiting)), stated(nextOf(veto(waiting)), T0)],
  'contested decline contested': [contested, answered(contested, 1, 'decline')],
  'contested decline declined': [declined(contested, T0, [4, 5]), declined(contested, T0, [4, 5, 1])],
  'contested alarm contested': [contested, answered(contested, 1, 'alarm')],
  'contested displace contested': [contested, displaced(contested, T0)],
  'contested veto-key vetoed': [contested, nextOf(veto(contested, 'veto-key'))],
  'contested cancel cancelled': [contested, cancelled(contested)],
  'contested restore contested': [contested, restarted(contested, T0 + 1)],
  'contested supersede superseded': [
    nextOf(veto(collecting)),
    opened(opened(opened(nextOf(veto(collecting)), 'b'), 'c'), 'd'),
  ],
  'contested pass vetoed': [contested, at(contested, T0 + CONTEST)],
  'releasable approve releasable': [releasable, answered(releasable, 4, 'approve', { now: END })],
  'releasable decline releasable': [releasable, answered(releasable, 4, 'decline', { now: END })],
  'releasable decline collecting': [early, answered(early, 1, 'decline', { now: T0 + HOUR })],
  'releasable decline declined': [declined(releasable, END, [4, 5]), declined(releasable, END, [4, 5, 1])],
  'releasable decline expired': [releasable, answered(releasable, 1, 'decline', { now: END })],
  'releasable alarm releasable': [
    at(early, T0 + 2 * HOUR),
    answered(at(early, T0 + 2 * HOUR), 4, 'alarm', { now: T0 + 2 * HOUR }),
  ],
  'releasable alarm waiting': [early, answered(early, 4, 'alarm', { now: T0 + HOUR })],
  'releasable alarm collecting': [early, answered(early, 1, 'alarm', { now: T0 + HOUR })],
  'releasable alarm expired': [releasable, answered(releasable, 1, 'alarm', { now: END })],
  'releasable displace releasable': [stated(releasable, END), displaced(stated(releasable, END), END)],
  'releasable displace collecting': [early, displaced(early, T0 + HOUR)],
  'releasable displace expired': [releasable, displaced(releasable, END)],
  'releasable veto waiting': [
    stated(early, T0 + HOUR),
    nextOf(veto(stated(early, T0 + HOUR), 'identity', T0 + HOUR)),
  ],
  'releasable veto contested': [releasable, nextOf(veto(releasable, 'identity', END))],
  'releasable veto vetoed': [
    at(approvedBy(plain, [1, 2, 3]), END),
    nextOf(veto(at(approvedBy(plain, [1, 2, 3]), END), 'identity', END)),
  ],
  'releasable veto-key vetoed': [releasable, nextOf(veto(releasable, 'veto-key', END))],
  'releasable cancel cancelled': [releasable, cancelled(releasable)],
  'releasable release released': [releasable, released],
  'releasable pass expired': [releasable, at(releasable, END + WAITING)],
  'releasable restore waiting': [releasable, restarted(releasable, END + 1)],
  'releasable supersede superseded': [releasable, overtaken(releasable)],
  'released approve released': [released, stated(released, END)],
  'released displace released': [released, displaced(released, END)],
  'released cancel cancelled': [released, cancelled(released)],
  'released complete completed': [released, nextOf(complete(released, END))],
  'released pass expired': [released, at(released, END + 2 * HOUR)],
  'released restore waiting': [released, restarted(released, END + 1)],
  'released restore collecting': [displaced(released, END), restarted(displaced(released, END), END + 1)],
  'released supersede superseded': [released, overtaken(released)],
}

const table = Object.entries(TRANSITIONS).flatMap(([from, row]) =>
  Object.entries(row).flatMap(([command, states]) => states.map((to) => `${from} ${command} ${to}`)),
)

describe('the table of transitions', () => {
  it('has exactly the steps that are taken here', () => {
    expect(Object.keys(steps).toSorted()).toEqual(table.toSorted())
  })

  it.each(Object.entries(steps))('%s', (step, [before, after]) => {
    const [from, , to] = step.split(' ')
    expect(request(before).state).toBe(from)
    expect(request(after).state).toBe(to)
    expect(request(after)).not.toEqual(request(before))
  })

  it('lets nothing else happen', () => {
    const states: readonly RecoveryState[] = [...OPEN_STATES, ...END_STATES]
    for (const from of states)
      for (const command of COMMANDS)
        for (const to of states) {
          const isAllowed = table.includes(`${from} ${command} ${to}`)
          expect(mayMove(from, command, to)).toBe(isAllowed)
          const step = () => moved({ ...request(collecting), state: from }, command, to)
          if (isAllowed) expect(step().state).toBe(to)
          else expect(step).toThrow(RangeError)
        }
  })

  it('leads out of no ended state', () => {
    for (const state of END_STATES) expect(Object.keys(TRANSITIONS)).not.toContain(state)
  })
})
