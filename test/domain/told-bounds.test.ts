/** What gives way where an account was told too much to keep all of it. */
import { expect, it } from 'vitest'
import type { Told } from '../../src/domain/reach.ts'
import { bounded, isOwed, KEPT_ITEMS, MOST_OWED } from '../../src/domain/told-bounds.ts'
import { accountOf, newId } from '../support/store.ts'

const T0 = 1_700_000_000_000

const telling = (id: string, role: Told['role'], state: 'queued' | 'sent', items: Told['items']): Told => ({
  id,
  role,
  items,
  more: false,
  queuedAt: T0,
  states: [{ way: '1.0', channel: 'mail', state, reason: null, tries: 1, at: T0 }],
})

const CHANGE: Told['items'][number] = {
  notice: newId(),
  event: 'change-proposed',
  at: T0,
  owner: newId(),
  recovery: null,
}

it('what others’ circles have to say, before what the owner is owed', () => {
  const others = Array.from({ length: MOST_OWED + 3 }, (_, index) =>
    telling(`c${index}`, 'contact', 'queued', []),
  )
  const kept = bounded(accountOf(), [telling('own', 'owner', 'queued', [CHANGE]), ...others]).filter(isOwed)
  expect(kept).toHaveLength(MOST_OWED)
  expect(kept[0]?.id).toBe('own')
  expect(kept[1]?.id).toBe('c4')
})

it('of what is over, the oldest, the sooner the more each names', () => {
  const owner = newId()
  const items = Array.from({ length: 32 }, (_, index): Told['items'][number] => ({
    notice: `${owner}.7.${index}`,
    event: 'recovery-opened',
    at: T0,
    owner,
    recovery: null,
  }))
  const over = Array.from({ length: 10 }, (_, index) => telling(String(index), 'owner', 'sent', items))
  expect(bounded(accountOf(), over)).toEqual(over.slice(-KEPT_ITEMS / items.length))
})
