import { describe, expect, it } from 'vitest'
import { requestDeletion } from '../../src/domain/circle-consent.ts'
import { restarted } from '../../src/domain/restart.ts'
import {
  accepted,
  COOLING,
  HOUR,
  logTypesOf,
  nextOf,
  noticesOf,
  proposed,
  protectedOwner,
  relayed,
  signedText,
  T0,
} from '../support/circles.ts'
import {
  answered,
  approvedBy,
  at,
  opened,
  pull,
  request,
  STOLEN_RULE,
  veto,
  WAITING,
} from '../support/requests.ts'

const RESTORED = T0 + WAITING + HOUR
const collecting = opened(protectedOwner())
const waiting = relayed(approvedBy(collecting, [1, 2, 3]))
const releasable = relayed(at(waiting, RESTORED))
const released = relayed(nextOf(pull(releasable, RESTORED)))

describe('after a restore', () => {
  it('is nothing where records never were restored, nor for what came after', () => {
    expect(restarted(waiting, null)).toBe(waiting)
    expect(restarted(waiting, T0)).toBe(waiting)
    expect(restarted(collecting, RESTORED)).toBe(collecting)
    const vetoed = nextOf(veto(waiting))
    expect(restarted(vetoed, RESTORED)).toBe(vetoed)
  })

  it.each([
    ['waiting', waiting],
    ['releasable', releasable],
    ['released', released],
  ] as const)('a %s request waits anew, once, and everybody is told', (_, account) => {
    const next = restarted(account, RESTORED)
    expect(request(next)).toMatchObject({ state: 'waiting', releasedAt: null, reminded: ['quorum'] })
    expect(restarted(next, RESTORED)).toBe(next)
    expect(logTypesOf(next)).toEqual(['recovery-restarted'])
    expect(noticesOf(next)).toEqual([
      'recovery-restarted owner',
      ...[1, 2, 3, 4, 5].map((slot) => `recovery-restarted contact ${slot}`),
    ])
    const end = RESTORED + WAITING
    expect(pull(at(next, end - 1), end - 1)).toMatchObject({ code: 'not_releasable' })
    expect(pull(at(next, end), end)).toMatchObject({ kind: 'changed', notBefore: end })
    expect(request(at(next, RESTORED + WAITING / 2)).reminded).toContain('half')
  })

  it('an alarm counts from then on too, and a second restore starts it once more', () => {
    const next = answered(restarted(waiting, RESTORED), 4, 'alarm', { now: RESTORED })
    const end = RESTORED + 2 * WAITING
    expect(pull(at(next, end - 1), end - 1)).toMatchObject({ code: 'not_releasable' })
    const again = restarted(next, end)
    expect(pull(at(again, end + 2 * WAITING - 1), end + 2 * WAITING - 1).kind).toBe('refused')
  })

  it('a contested request has its whole wait before it if contacts beat the veto', () => {
    const contested = nextOf(veto(relayed(approvedBy(opened(protectedOwner(STOLEN_RULE)), [1, 2, 3]))))
    const next = restarted(contested, T0 + HOUR)
    expect(request(next)).toMatchObject({ state: 'contested', restoredAt: T0 + HOUR })
    expect(noticesOf(next)).toContain('recovery-restarted owner')
    expect(restarted(next, T0 + HOUR)).toBe(next)
  })

  it.each([
    ['an epoch', relayed(accepted(proposed(protectedOwner())))],
    [
      'a deletion',
      (() => {
        const account = protectedOwner()
        const { circle, epoch, coreHash } = account.circle.active!
        const body = { account: account.id, circle, epoch, coreHash }
        return relayed(nextOf(requestDeletion(account, { body, message: signedText(body) }, T0)))
      })(),
    ],
  ] as const)(
    '%s that was pending, and may have been withdrawn since, cools anew, in sight of everybody',
    (_, account) => {
      const next = restarted(account, RESTORED)
      expect((next.circle.pending ?? next.circle.deletion)?.coolsAt).toBe(RESTORED + COOLING)
      expect(restarted(next, RESTORED)).toBe(next)
      expect(logTypesOf(next)).toEqual(['change-delayed'])
      expect(noticesOf(next)).toEqual([
        'change-delayed owner',
        ...[1, 2, 3, 4, 5].map((slot) => `change-delayed contact ${slot}`),
      ])
      expect(at(next, RESTORED + COOLING - 1).circle.active?.epoch).toBe(1)
    },
  )
})
