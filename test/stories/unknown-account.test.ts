/** How long an answer takes says nothing about which accounts there are. test/api/enumeration.test.ts shows equal bytes. */
import { randomBytes } from 'node:crypto'
import { requester } from '@holdfast/client'
import {
  Secret,
  answerChallenge,
  buildRequest,
  keyHash,
  makeRequester,
  publicHalf,
  signVeto,
  toBase64url,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StoryRequester, ask, pullOnly } from '../support/story-call.ts'
import { DAY, openCircle, type StoryCircle } from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { openStage, type Stage } from '../support/story-stage.ts'

const PAIRS = 120
const WARM_UP = 20
/** Of |t|: more than this would come up by chance once in 150,000 times. */
const LIMIT = 4.5
/** Largest and smallest differences, which are other people's doing, left out on each side. */
const TRIMMED = 0.1

let stage: Stage
let circle: StoryCircle
let serviceKey: string
beforeAll(async () => {
  stage = await openStage({ env: { HOLDFAST_BACK_OFF_SECONDS: '0' } })
  circle = await openCircle(stage)
  serviceKey = stage.service().service.deps.keys.signing.publicKey
})
afterAll(() => stage.close())

const someId = (): string => toBase64url(randomBytes(16))

const post = async (path: string, body: unknown): Promise<number> => {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
  const startedAt = performance.now()
  const answer = await fetch(`${stage.url}${path}`, init)
  await answer.arrayBuffer()
  return performance.now() - startedAt
}

/** Student's t of paired differences, trimmed. */
const tOf = (differences: readonly number[]): number => {
  const cut = Math.floor(differences.length * TRIMMED)
  const kept = differences.toSorted((a, b) => a - b).slice(cut, differences.length - cut)
  const mean = kept.reduce((sum, one) => sum + one, 0) / kept.length
  const variance = kept.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (kept.length - 1)
  return mean / Math.sqrt(variance / kept.length)
}

/** One request about an account: prepared before, then sent and timed. */
type Prepare = (account: string) => Promise<() => Promise<number>>

const compare = async (prepare: Prepare): Promise<{ t: number; medianMs: number }> => {
  const differences: number[] = []
  const times: number[] = []
  // One id, asked about as often as the account: requests that ended are kept with either.
  const nobody = someId()
  for (let pair = 0; pair < WARM_UP + PAIRS; pair += 1) {
    const [known, unknown] = [await prepare(circle.owner.account), await prepare(nobody)]
    const isKnownFirst = pair % 2 === 0
    const first = await (isKnownFirst ? known : unknown)()
    const second = await (isKnownFirst ? unknown : known)()
    if (pair < WARM_UP) continue
    differences.push(isKnownFirst ? first - second : second - first)
    times.push(first, second)
  }
  return { t: tOf(differences), medianMs: times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0 }
}

describe('known and unknown accounts take the same time', () => {
  const CASES: Readonly<Record<string, Prepare>> = {
    'a challenge': async (account) => () => post('/v1/challenges', { account }),
    'a sign-in with a foreign key': async (account) => {
      const client = stage.client()
      const { challenge } = await client.call('createChallenge', { body: { account } })
      const message = await answerChallenge({
        ...{ service: serviceKey, account, recovery: null, challenge },
        seed: Secret.random(32),
      })
      return () => post('/v1/sessions', { message })
    },
    'a veto by a stranger': async (account) => {
      const body = await signVeto({
        ...{ account, recovery: someId(), by: 'identity' as const },
        seed: Secret.random(32),
      })
      return () => post('/v1/vetoes', body)
    },
    'a request for recovery': async (account) => {
      const { recovery, requester: keys } = await makeRequester()
      const wish = { purpose: 'recover' as const, account, keys: keyHash(publicHalf(keys)) }
      const ticket = await stage.ticket(wish, { sub: someId() })
      const { app } = stage.client()
      const { request } = await buildRequest({
        ...{ app, account, recovery, requester: keys, cause: 'lost' as const, nextIdentity: null },
        ticket,
      })
      return () => post('/v1/recoveries', { ticket, message: request })
    },
  }
  it.each(Object.keys(CASES))('%s', async (name) => {
    const prepare = CASES[name] ?? expect.fail(name)
    // A busy machine may disturb one run; it does not disturb two in the same direction.
    const runs = [await compare(prepare)]
    if (Math.abs(runs[0]?.t ?? 0) >= LIMIT) runs.push(await compare(prepare))
    console.log(
      `${name}: |t| ${runs.map(({ t }) => Math.abs(t).toFixed(2)).join(', then ')} < ${LIMIT}`,
      runs,
    )
    expect(Math.min(...runs.map(({ t }) => Math.abs(t)))).toBeLessThan(LIMIT)
  })
})

it('a request for an account that is not there lives and ends like one for an account that is', async () => {
  const life = async (account: string) => {
    const seen: string[] = []
    const phones: StoryRequester[] = []
    for (let count = 0; count < 4; count += 1) phones.push(await ask(stage, account))
    const look = async () => {
      for (const { client } of phones) {
        const { state, answers, earliestAt, sessions, expiresAt, openedAt } = await requester.status(client)
        seen.push(JSON.stringify([state, answers, earliestAt, sessions, expiresAt - openedAt]))
      }
    }
    await look()
    seen.push(await codeOf(pullOnly(phones[3] ?? expect.fail())))
    const [evicted, cancelled] = phones.splice(0, 2)
    await requester.cancel(cancelled?.client ?? expect.fail())
    stage.advance(15 * DAY)
    await look()
    // What ended two weeks ago is forgotten with either.
    for (const phone of [evicted, cancelled])
      seen.push(await codeOf(requester.status(phone?.client ?? expect.fail())))
    return seen
  }
  const known = await life(circle.owner.account)
  expect(await life(someId())).toEqual(known)
  expect(known.map((text) => text.slice(0, 14))).toContain('["collecting",')
})
