/** What is worth being told still, and to whom. */
import type { EventName } from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { isPointless } from '../../src/domain/telling.ts'
import { TELLING_RULES } from '../../src/domain/telling-rules.ts'
import { accountOf, newId, recoveryOf } from '../support/store.ts'

const T0 = 1_700_000_000_000

describe('what is not told any more', () => {
  const recovery = recoveryOf({ state: 'waiting' })
  const owner = accountOf({ recoveries: [recovery] })
  const item = (event: EventName, at = T0) => ({
    notice: newId(),
    event,
    at,
    owner: owner.id,
    recovery: recovery.recovery,
  })
  const inState = (state: typeof recovery.state): Account =>
    accountOf({ recoveries: [{ ...recovery, state }] })

  it('reminders of a request that no longer waits, or that a later one overtook', () => {
    const half = item('recovery-half-time')
    expect(isPointless(owner, half, 'owner', [half])).toBe(false)
    expect(isPointless(inState('vetoed'), half, 'owner', [half])).toBe(true)
    expect(isPointless(inState('releasable'), half, 'owner', [half])).toBe(true)
    expect(isPointless(owner, half, 'owner', [half, item('recovery-day-left', T0 + 1)])).toBe(true)
    expect(isPointless(owner, half, 'owner', [half, item('recovery-hour-left')])).toBe(true)
    expect(
      isPointless(owner, half, 'owner', [half, { ...item('recovery-day-left', T0 + 1), recovery: newId() }]),
    ).toBe(false)
    expect(isPointless(null, half, 'owner', [half])).toBe(true)
  })

  it('never to an owner that somebody asked, vetoed, raised the alarm or changed something', () => {
    for (const state of ['waiting', 'vetoed', 'completed'] as const)
      for (const event of [
        'recovery-opened',
        'recovery-alarmed',
        'recovery-ended',
        'recovery-released',
        'session-differed',
      ] as const)
        expect(isPointless(inState(state), item(event), 'owner', [])).toBe(false)
    expect(isPointless(null, { ...item('epoch-activated'), recovery: null }, 'contact', [])).toBe(false)
    expect(isPointless(inState('vetoed'), item('recovery-opened'), 'contact', [])).toBe(true)
  })

  it('the table names what security needs, and nothing of what two people tell each other', () => {
    const owners = Object.entries(TELLING_RULES)
      .filter(([, rule]) => rule.owner === 'never')
      .map(([event]) => event)
    expect(owners).toEqual([
      'share-offered',
      'session-started',
      'session-answered',
      'session-revealed',
      'session-matched',
    ])
  })
})
