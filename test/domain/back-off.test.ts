/** A thief who holds the phone, and perhaps the number, vetoes requests of its own. */
import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { NO_BACK_OFF, withVeto } from '../../src/domain/back-off.ts'
import { openRecovery } from '../../src/domain/recovery-opening.ts'
import { cancelRecovery } from '../../src/domain/recovery-veto.ts'
import { HOUR, idOf, nextOf, protectedOwner, T0, VETO_KEY } from '../support/circles.ts'
import { at, CONTEST, DAY, opened, opening, RULES, stolen, STOLEN_RULE, veto } from '../support/requests.ts'

const owner = protectedOwner({ ...STOLEN_RULE, vetoKey: VETO_KEY })
const mayOpen = (account: Account, now: number, more: Parameters<typeof opening>[2] = stolen) =>
  openRecovery(account, opening(account, 'mine', more), now, RULES)
const cancelled = (account: Account, now: number): Account =>
  nextOf(cancelRecovery(account, { body: { account: account.id, recovery: idOf('a') } }, now, RULES))
const vetoedAndCancelled = (account: Account, now: number): Account =>
  cancelled(nextOf(veto(opened(account, 'a', now), 'identity', now)), now)

describe('back-off where contacts can beat a veto', () => {
  it.each([
    ['cancels', vetoedAndCancelled(owner, T0), T0],
    ['leaves to its end', at(nextOf(veto(opened(owner))), T0 + CONTEST), T0 + CONTEST],
  ] as const)('holds a request for theft for an hour, whatever the thief %s', (_, account, from) => {
    expect(mayOpen(account, from + HOUR - 1)).toMatchObject({ code: 'backing_off', retryAfterMs: 1 })
    expect(mayOpen(account, from + HOUR)).toMatchObject({ kind: 'changed', notBefore: from + HOUR })
    // One that is not for theft waits for the subject's four hours.
    expect(mayOpen(account, from + 4 * HOUR - 1, {})).toMatchObject({ code: 'backing_off' })
  })

  it('is not renewed by further vetoes for a day, however many', () => {
    let backOff = NO_BACK_OFF
    for (let hour = 0; hour < 24; hour += 1) backOff = withVeto(backOff, 's', T0 + hour * HOUR, RULES, false)
    expect(backOff.theft).toEqual({ ...NO_BACK_OFF.theft, until: T0 + HOUR })
    const next = withVeto(backOff, 's', T0 + DAY, RULES, false)
    expect(next.theft.until).toBe(T0 + DAY + HOUR)
    const account = { ...owner, backOff: next }
    expect(mayOpen(account, T0 + DAY + HOUR).kind).toBe('changed')
    expect(mayOpen(account, T0 + 20 * DAY, { opening: { subject: 's' } })).toMatchObject({
      code: 'backing_off',
    })
  })

  it('is no longer than the first step where that is shorter', () => {
    const { theft } = withVeto(NO_BACK_OFF, 's', T0, { backOffSeconds: 60 }, false)
    expect(theft.until).toBe(T0 + 60_000)
  })

  it('counts vetoes by the veto key in full, and those alone', () => {
    const before = vetoedAndCancelled(owner, T0 - DAY)
    const later = opened(before, 'b', T0, stolen)
    const account = nextOf(veto(later, 'veto-key', T0, 'b'))
    expect(mayOpen(account, T0 + 4 * HOUR - 1)).toMatchObject({ code: 'backing_off' })
    expect(mayOpen(account, T0 + 4 * HOUR).kind).toBe('changed')
  })

  it('holds back everything without the stolen-phone rule', () => {
    const account = nextOf(veto(opened(protectedOwner())))
    expect(mayOpen(account, T0 + 4 * HOUR - 1)).toMatchObject({ code: 'backing_off' })
  })
})
