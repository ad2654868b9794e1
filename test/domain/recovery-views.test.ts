import {
  contactRecoveryView as contactSchema,
  ownerRecoveryView as ownerSchema,
  requesterView as requesterSchema,
} from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import { emptyAccount } from '../../src/domain/accounts.ts'
import { contactRecoveryView, ownerRecoveryView, requesterView } from '../../src/domain/present-recovery.ts'
import { answerSession, revealSession, startSession } from '../../src/domain/recovery-sessions.ts'
import { cancelRecovery } from '../../src/domain/recovery-veto.ts'
import {
  contact,
  hash32,
  HOUR,
  idOf,
  nextOf,
  OWNER,
  protectedOwner,
  relayed,
  signedText,
  T0,
} from '../support/circles.ts'
import {
  answered,
  approvedBy,
  at,
  COLLECTING,
  compared,
  complete,
  CONTEST,
  opened,
  pull,
  request,
  RULES,
  STOLEN_RULE,
  veto,
  WAITING,
} from '../support/requests.ts'

const SIGNATURE = 'A'.repeat(86)
const owner = protectedOwner(STOLEN_RULE)
const fresh = relayed(opened(owner))
const END = T0 + WAITING
const seen = (account: Account, now = T0, name = 'a') => {
  const view = requesterView(account, request(account, name), now)
  expect(requesterSchema.parse(view)).toEqual(view)
  return view
}
/** All that the requester could learn something from: its view, what it is told, and what a pull says. */
const learned = (account: Account, now: number) => ({
  view: seen(account, now),
  told: account.outbox.notices
    .filter(({ audience }) => audience.role === 'requester')
    .map(({ event }) => event),
  pull: (({ kind, ...rest }) => ('code' in rest ? rest : kind))(pull(account, now)),
})

describe('the requester', () => {
  it('sees how many answered, and from the t-th on the earliest time', () => {
    expect(seen(fresh)).toMatchObject({ state: 'collecting', answers: 0, earliestAt: null })
    const two = answered(approvedBy(fresh, [1]), 2, 'alarm')
    expect(seen(two)).toMatchObject({ state: 'collecting', answers: 2, earliestAt: null })
    const three = answered(two, 3, 'approve', { now: T0 + HOUR })
    expect(seen(three, T0 + HOUR)).toMatchObject({ state: 'waiting', answers: 3, earliestAt: END + HOUR })
    expect(seen(three, END + HOUR - 1).state).toBe('waiting')
    expect(seen(three, END + HOUR).state).toBe('delayed')
  })

  it.each([
    ['two approvals', [1, 2]],
    ['the last', [1, 2, 3]],
    ['more than enough', [1, 2, 3, 4, 5]],
  ])('cannot tell alarms from approvals among %s', (_, slots) => {
    const open = slots.reduce((next, slot) => compared(next, slot), fresh)
    // Every way of answering: bit i of `pattern` makes slot i raise the alarm.
    const ways = Array.from({ length: 2 ** slots.length }, (__, pattern) =>
      slots.reduce(
        (next, slot, bit) => answered(next, slot, (pattern >> bit) % 2 === 1 ? 'alarm' : 'approve'),
        open,
      ),
    )
    const instants = [T0, T0 + HOUR, END - 1]
    for (const now of instants) {
      const [first, ...others] = ways.map((account) => learned(at(account, now), now))
      for (const other of others) expect(other).toEqual(first)
    }
    // From the earliest time on, one alarm looks like all alarms: "this takes longer".
    const [, one, ...more] = ways.map((account) => learned(at(account, END), END))
    for (const other of more) expect(other).toEqual(one)
  })

  it('cannot tell them by a second request either', () => {
    const both = [1, 2].reduce((next, slot) => compared(compared(next, slot), slot, 'b'), opened(fresh, 'b'))
    const ways = (['approve', 'alarm'] as const).flatMap((first) =>
      (['approve', 'alarm'] as const).map((second) =>
        answered(answered(both, 1, first), 1, second, { name: 'b' }),
      ),
    )
    const views = ways.map((account) => [learned(account, T0), seen(account, T0, 'b')])
    for (const view of views) expect(view).toEqual(views[0])
  })

  it('sees no decline before it was counted', () => {
    expect(learned(answered(fresh, 1, 'decline'), T0)).toEqual(learned(fresh, T0))
  })

  it('sees a contested request as if it waited, and all bad ends alike', () => {
    const three = approvedBy(fresh, [1, 2, 3])
    const contested = nextOf(veto(three))
    expect(learned(contested, T0 + HOUR)).toEqual(learned(three, T0 + HOUR))
    const endings = [
      at(contested, T0 + CONTEST),
      [4, 5, 1].reduce((next, slot) => answered(next, slot, 'decline'), fresh),
      at(fresh, T0 + COLLECTING),
      nextOf(cancelRecovery(fresh, { body: { account: OWNER, recovery: idOf('a') } }, T0, RULES)),
    ]
    const states = endings.map((account) => request(account).state)
    expect(states).toEqual(['vetoed', 'declined', 'expired', 'cancelled'])
    for (const account of endings) expect(seen(account, T0 + CONTEST).state).toBe('ended')
  })

  it('sees release and completion', () => {
    const released = nextOf(pull(at(approvedBy(fresh, [1, 2, 3]), END), END))
    expect(seen(released, END).state).toBe('released')
    const completed = nextOf(complete(released, END))
    expect(seen(completed, END)).toMatchObject({ state: 'completed', sessions: [] })
  })

  it('sees an unknown account as one whose contacts have not answered', () => {
    const decoy = opened(emptyAccount('demo', OWNER))
    const fields = (view: object): readonly string[] => Object.keys(view)
    const view = seen(decoy)
    expect(fields(view)).toEqual(fields(seen(fresh)))
    expect(view).toEqual({
      ...seen(fresh),
      coreHash: hash32('decoy'),
      expiresAt: view.expiresAt,
    })
  })

  it('sees the bare values of a comparison, as far as it has come', () => {
    const key = { recovery: idOf('a'), slot: 2, attempt: 1 }
    const commitment = hash32('commitment')
    const said = <B extends object>(body: B) => ({
      body,
      message: { body: signedText({ ...body } as never).body, signature: SIGNATURE },
      contact: contact(2),
    })
    const started = nextOf(startSession(fresh, said({ ...key, mode: 'codes' as const, commitment }), T0))
    const bare = {
      slot: 2,
      checkKey: owner.circle.active?.slots[1]?.checkKey,
      attempt: 1,
      mode: 'codes',
      step: 'started',
      commitment,
      requesterNonce: null,
      contactNonce: null,
    }
    expect(seen(started).sessions).toEqual([bare])
    const answer = { ...key, commitment, nonce: hash32('mine') }
    const responded = nextOf(answerSession(started, said(answer), T0))
    const withMine = { ...bare, step: 'answered', requesterNonce: hash32('mine') }
    expect(seen(responded).sessions).toEqual([withMine])
    const revealed = nextOf(revealSession(responded, said({ ...key, nonce: hash32('theirs') }), T0))
    expect(seen(revealed).sessions).toEqual([
      { ...withMine, step: 'revealed', contactNonce: hash32('theirs') },
    ])
    expect(seen(compared(fresh, 1)).sessions).toMatchObject([{ mode: 'digits', commitment: null }])
  })
})

describe('the owner', () => {
  it('sees every answer that counts, with alarms as alarms', () => {
    const account = answered(answered(approvedBy(fresh, [1, 2]), 3, 'alarm'), 4, 'decline')
    const view = ownerRecoveryView(request(account))
    expect(ownerSchema.parse(view)).toEqual(view)
    expect(view).toMatchObject({ state: 'collecting', alarmed: true, quorumAt: null, releasableAt: null })
    expect(view.answers.map(({ slot, decision }) => `${slot} ${decision}`)).toEqual([
      '1 approve',
      '2 approve',
      '3 alarm',
      '4 decline',
    ])
    const displaced = approvedBy(opened(account, 'b'), [1], { name: 'b' })
    expect(ownerRecoveryView(request(displaced)).answers.map(({ slot }) => slot)).toEqual([2, 3, 4])
  })

  it('sees when it may be released, or until when it is contested', () => {
    const three = approvedBy(fresh, [1, 2, 3])
    expect(ownerRecoveryView(request(three))).toMatchObject({ quorumAt: T0, releasableAt: END })
    expect(ownerRecoveryView(request(answered(three, 4, 'alarm'))).releasableAt).toBe(END + WAITING)
    const contested = nextOf(veto(three))
    expect(ownerRecoveryView(request(contested)).contestedUntil).toBe(T0 + CONTEST)
    expect(ownerRecoveryView(request(at(contested, T0 + CONTEST))).endedAt).toBe(T0 + CONTEST)
  })
})

describe('a contact', () => {
  const view = (account: Account, who: string) => {
    const shown = contactRecoveryView(account, request(account), who, T0)
    if (shown !== null) expect(contactSchema.parse(shown)).toEqual(shown)
    return shown
  }

  it('sees its own slot and answer, and no other', () => {
    const account = answered(compared(fresh, 2), 1, 'decline')
    expect(view(account, contact(1))).toMatchObject({
      owner: OWNER,
      slot: 1,
      session: null,
      answer: { decision: 'decline', stolen: false, sequence: 1, live: true, at: T0 },
    })
    const other = view(account, contact(2))
    expect(other).toMatchObject({ slot: 2, answer: null, session: { step: 'matched', slot: 2 } })
    expect(JSON.stringify(other)).not.toContain(contact(1))
  })

  it('sees that its approval was displaced', () => {
    const moved = approvedBy(opened(approvedBy(fresh, [1]), 'b'), [1], { name: 'b' })
    expect(view(moved, contact(1))?.answer).toMatchObject({ decision: 'approve', live: false })
  })

  it('is shown nothing of requests that are over, or of others’', () => {
    expect(view(fresh, contact(9))).toBeNull()
    expect(view(at(fresh, T0 + COLLECTING), contact(1))).toBeNull()
    const decoy = opened(emptyAccount('demo', OWNER))
    expect(view(decoy, contact(1))).toBeNull()
  })
})
