import type { Json } from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import type { Account } from '../../src/domain/account.ts'
import type { Decision } from '../../src/domain/decision.ts'
import {
  answerSession,
  concludeSession,
  ONE_AT_A_TIME_MS,
  revealSession,
  startSession,
} from '../../src/domain/recovery-sessions.ts'
import {
  contact,
  hash32,
  idOf,
  logTypesOf,
  nextOf,
  noticesOf,
  protectedOwner,
  relayed,
  signedText,
  T0,
} from '../support/circles.ts'
import { answered, at, COLLECTING, opened, request, veto } from '../support/requests.ts'

interface Said {
  readonly slot?: number
  readonly attempt?: number
  readonly contact?: string
  readonly salt?: string
  readonly recovery?: string
  readonly now?: number
}

const said = ({ slot = 1, attempt = 1, recovery = idOf('a') }: Said) => ({ recovery, slot, attempt })
const says = <B extends object>(body: B, { slot = 1, contact: who = contact(slot) }: Said) => ({
  body,
  message: signedText({ ...body } as Json),
  contact: who,
})
const commitment = ({ salt = '' }: Said): string => hash32(`commitment${salt}`)

const start = (account: Account, about: Said = {}): Decision => {
  const body = { ...said(about), mode: 'codes' as const, commitment: commitment(about) }
  return startSession(account, says(body, about), about.now ?? T0)
}
const startDigits = (account: Account, about: Said = {}): Decision =>
  startSession(account, says({ ...said(about), mode: 'digits' as const }, about), T0)
const respond = (account: Account, about: Said = {}): Decision => {
  const body = { ...said(about), commitment: commitment(about), nonce: hash32('nonce') }
  return answerSession(account, says(body, about), about.now ?? T0)
}
const reveal = (account: Account, about: Said = {}): Decision =>
  revealSession(account, says({ ...said(about), nonce: hash32('theirs') }, about), T0)
const conclude = (account: Account, matched: boolean, about: Said = {}): Decision =>
  concludeSession(account, says({ ...said(about), matched }, about), T0)

const owner = relayed(opened(protectedOwner()))
const started = nextOf(start(owner))
const responded = nextOf(respond(started))
const revealed = nextOf(reveal(responded))
const session = (account: Account) => request(account).sessions[0]

describe('a comparison of codes', () => {
  it('goes from commitment to answer to reveal to outcome, each told to the other side', () => {
    expect(session(started)).toMatchObject({ slot: 1, attempt: 1, mode: 'codes', step: 'started' })
    expect(session(responded)?.step).toBe('answered')
    expect(session(revealed)?.step).toBe('revealed')
    const matched = nextOf(conclude(revealed, true))
    expect(session(matched)?.step).toBe('matched')
    expect(session(nextOf(conclude(revealed, false)))?.step).toBe('differed')
    expect(noticesOf(matched)).toEqual([
      'session-started requester',
      'session-answered contact 1',
      'session-revealed requester',
      'session-matched owner',
      'session-matched requester',
    ])
    expect(logTypesOf(matched)).toEqual(['session-matched'])
  })

  it('takes a repeat of each message as done', () => {
    const matched = nextOf(conclude(revealed, true))
    const repeats = [start(started), respond(responded), reveal(revealed), conclude(matched, true)]
    expect(repeats.map(({ kind }) => kind)).toEqual(Array(4).fill('unchanged'))
    // Also when it comes late.
    expect([start(revealed), respond(matched), reveal(matched)].map(({ kind }) => kind)).toEqual(
      Array(3).fill('unchanged'),
    )
  })

  it('in digits needs no answer and no reveal', () => {
    const digits = nextOf(startDigits(owner))
    expect(respond(digits)).toMatchObject({ code: 'session_conflict' })
    expect(reveal(digits)).toMatchObject({ code: 'session_conflict' })
    expect(session(nextOf(conclude(digits, true)))).toMatchObject({ mode: 'digits', step: 'matched' })
    expect(session(nextOf(conclude(digits, false)))?.step).toBe('differed')
  })

  it.each([
    ['an answer before the start', respond(owner)],
    ['an answer to another attempt', respond(started, { attempt: 2 })],
    ['an answer to another commitment', respond(started, { salt: 'x' })],
    ['a second, other answer', respond(revealed, { salt: 'x' })],
    ['a reveal before the answer', reveal(started)],
    ['a reveal without a session', reveal(owner)],
    ['a reveal of another attempt', reveal(responded, { attempt: 2 })],
    ['an outcome without a session', conclude(owner, true)],
    ['an outcome before the reveal', conclude(responded, true)],
    ['an outcome of another attempt', conclude(revealed, true, { attempt: 2 })],
    ['another outcome than was said', conclude(nextOf(conclude(revealed, true)), false)],
    ['a first attempt that is not the first', start(owner, { attempt: 2 })],
    ['a new start under the number of an answered one', start(responded, { salt: 'x' })],
    ['an attempt that was left out', start(responded, { attempt: 3 })],
  ])('refuses %s', (_, decision) => {
    expect(decision).toEqual({ kind: 'refused', code: 'session_conflict' })
  })

  it.each([
    ['a stranger', { contact: contact(9) }],
    ['a contact in another’s slot', { contact: contact(2) }],
    ['an unknown request', { recovery: idOf('unknown') }],
  ])('is not there for %s', (_, about) => {
    const notFound = { kind: 'refused', code: 'not_found' }
    expect(start(owner, about)).toEqual(notFound)
    expect(reveal(responded, about)).toEqual(notFound)
    expect(conclude(revealed, true, about)).toEqual(notFound)
  })

  it('is over with its request, and says so only to those whom it concerned', () => {
    const ended = nextOf(veto(revealed))
    const over = { kind: 'refused', code: 'recovery_ended' }
    for (const decision of [start(ended), respond(ended), reveal(ended), conclude(ended, true)])
      expect(decision).toEqual(over)
    expect(respond(owner, { recovery: idOf('unknown') })).toEqual(over)
    expect(start(ended, { contact: contact(9) })).toMatchObject({ code: 'not_found' })
    // The circle is gone: only an answer still shows who was part of it.
    const gone = nextOf(veto(answered(owner, 2, 'decline')))
    const circle = { ...gone.circle, active: null }
    expect(start({ ...gone, circle }, { slot: 2 })).toEqual(over)
    expect(start({ ...gone, circle }, { slot: 1 })).toMatchObject({ code: 'not_found' })
  })

  it('can be begun while the request waits, and after its collecting period', () => {
    let waiting = owner
    for (const slot of [2, 3, 4]) waiting = answered(waiting, slot)
    const later = at(waiting, T0 + COLLECTING + 1)
    expect(start(later, { now: T0 + COLLECTING + 1 }).kind).toBe('changed')
  })
})

describe('attempts', () => {
  const attempt = (account: Account, number: number): Account => {
    const about = { attempt: number, salt: `${number}` }
    return nextOf(respond(nextOf(start(account, about)), about))
  }

  it('are three per slot, counted once the requester has answered', () => {
    const third = attempt(attempt(attempt(owner, 1), 2), 3)
    expect(session(third)?.attempt).toBe(3)
    expect(start(third, { attempt: 3, salt: 'x' })).toEqual({ kind: 'refused', code: 'codes_exhausted' })
    expect(start(third, { slot: 2 }).kind).toBe('changed')
  })

  it('without an answer do not count', () => {
    const again = nextOf(start(started, { salt: 'x' }))
    expect(session(again)).toMatchObject({ attempt: 1, step: 'started' })
    expect(respond(again)).toMatchObject({ code: 'session_conflict' })
    expect(respond(again, { salt: 'x' }).kind).toBe('changed')
  })

  it.each(['matched', 'differed'])('follow one that %s', (step) => {
    const concluded = nextOf(conclude(revealed, step === 'matched'))
    const next = nextOf(start(concluded, { attempt: 2, salt: 'x' }))
    expect(request(next).sessions).toHaveLength(1)
    expect(session(next)).toMatchObject({ attempt: 2, step: 'started', answer: null, reveal: null })
  })
})

describe('one at a time', () => {
  const second = nextOf(start(responded, { slot: 2 }))

  it('keeps the requester from answering a second slot until the first has revealed', () => {
    expect(respond(second, { slot: 2 })).toEqual({ kind: 'refused', code: 'session_conflict' })
    expect(respond(nextOf(reveal(second)), { slot: 2 }).kind).toBe('changed')
  })

  it('ends by itself, so that a contact who never reveals strands nobody', () => {
    const until = T0 + ONE_AT_A_TIME_MS
    expect(respond(second, { slot: 2, now: until - 1 }).kind).toBe('refused')
    expect(respond(second, { slot: 2, now: until }).kind).toBe('changed')
  })

  it('is no matter of other requests', () => {
    const both = opened(responded, 'b')
    const about = { recovery: idOf('b') }
    expect(respond(nextOf(start(both, about)), about).kind).toBe('changed')
  })
})
