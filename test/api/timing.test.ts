/**
 * Whoever has no session learns from no answer which accounts there are: neither from its bytes nor from its time. Generated from
 * the operation table: a new operation that anybody may call has no pair, and this fails.
 */
import { randomBytes } from 'node:crypto'
import {
  OPERATIONS,
  OPERATION_NAMES,
  Secret,
  answerChallenge,
  buildRequest,
  identityFromSeed,
  keyHash,
  makeRequester,
  publicHalf,
  signChangeCancel,
  signVeto,
  stateDevice,
  stateIdentity,
  toBase64url,
  type OperationName,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCircle, type StoryCircle } from '../support/story-circle.ts'
import { openStage, type Stage } from '../support/story-stage.ts'
import { newApp } from '../support/test-app.ts'
import { pairedT, welchT } from './t-values.ts'

const full = process.env['HOLDFAST_FULL'] === '1'
const PAIRS = full ? 600 : 100
const WARM_UP = 20
/** Of |t|: more than this would come up by chance once in 150,000 times. */
const LIMIT = 4.5

let stage: Stage
let circle: StoryCircle
beforeAll(async () => {
  stage = await openStage({ env: { HOLDFAST_BACK_OFF_SECONDS: '0' } })
  circle = await openCircle(stage)
})
afterAll(() => stage.close())

const someId = (): string => toBase64url(randomBytes(16))
const noApp = newApp('letters', Date.now)

/** What is sent about an account. Made before the clock starts. */
type Question = (account: string) => Promise<unknown>

const answerTo = async (account: string, recovery: string | null): Promise<unknown> => {
  const { challenge } = await stage.client().call('createChallenge', { body: { account } })
  const service = stage.service().service.deps.keys.signing.publicKey
  const message = await answerChallenge({ service, account, recovery, challenge, seed: Secret.random(32) })
  return { message }
}

const requestFor = async (account: string, backend: 'app' | 'nobody'): Promise<unknown> => {
  const { recovery, requester } = await makeRequester()
  const { app } = stage.client()
  const keys = keyHash(publicHalf(requester))
  const wish = { purpose: 'recover' as const, account, keys }
  const ticket =
    backend === 'app'
      ? await stage.ticket(wish, { sub: someId() })
      : await noApp.ticket('recover', account, publicHalf(requester))
  const { request } = await buildRequest({
    ...{ app, account, recovery, requester, ticket },
    ...{ cause: 'lost', nextIdentity: null },
  })
  return { ticket, message: request }
}

const registrationOf = async (account: string): Promise<unknown> => {
  const identity = await identityFromSeed(Secret.random(32))
  const deviceSeed = Secret.random(32)
  const { statement } = await stateDevice({ account, deviceSeed, identity, registeredAt: Date.now() })
  return {
    ticket: await noApp.ticket('register', account, publicHalf(identity)),
    identity: await stateIdentity({ app: noApp.app, account, identity, statedAt: Date.now() }),
    device: statement,
  }
}

const vetoBy = (by: 'identity' | 'veto-key'): Question => {
  return (account) => signVeto({ account, recovery: someId(), by, seed: Secret.random(32) })
}

/** Null where nobody is named. */
const QUESTIONS: { readonly [N in OperationName]?: Readonly<Record<string, Question>> | null } = {
  readService: null,
  createAccount: { 'to register, without an app’s ticket': registrationOf },
  createChallenge: { 'for a challenge': async (account) => ({ account }) },
  createSession: {
    'to sign in, with a foreign key': (account) => answerTo(account, null),
    'to sign in as a requester who is none': (account) => answerTo(account, someId()),
  },
  cancelChange: {
    'to withdraw a change, as a stranger': (account) =>
      signChangeCancel({ account, coreHash: 'A'.repeat(43), seed: Secret.random(32) }),
  },
  openRecovery: {
    'for a recovery': (account) => requestFor(account, 'app'),
    'for a recovery, without an app’s ticket': (account) => requestFor(account, 'nobody'),
  },
  veto: {
    'to stop a request, as a stranger': vetoBy('identity'),
    'to stop a request, with a veto key of nobody': vetoBy('veto-key'),
  },
}

const ANYBODY = OPERATION_NAMES.filter((name) => OPERATIONS[name].caller === 'none')

interface Answered {
  readonly ms: number
  /** Status, headers but the date, and the text with every id, key and instant replaced by its kind. */
  readonly look: string
}

const ask = async (name: OperationName, body: unknown): Promise<Answered> => {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const startedAt = performance.now()
  const answer = await fetch(`${stage.url}${OPERATIONS[name].path}`, init)
  const text = await answer.text()
  const ms = performance.now() - startedAt
  const shape = text
    .replaceAll(/"[\w-]{16,}(?:\.[\w-]+)*"/g, (match) => `"<${match.length - 2}>"`)
    .replaceAll(/\d{13}/g, '<instant>')
  const headers = [...answer.headers].filter(([header]) => header !== 'date')
  return { ms, look: JSON.stringify([answer.status, headers, shape]) }
}

const compare = async (name: OperationName, question: Question) => {
  const times = { known: [] as number[], unknown: [] as number[] }
  const looks = new Set<string>()
  // One id, asked about as often as the account: requests that ended are kept with either.
  const nobody = someId()
  for (let pair = 0; pair < WARM_UP + PAIRS; pair += 1) {
    const bodies = { known: await question(circle.owner.account), unknown: await question(nobody) }
    const order = pair % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)
    for (const which of order) {
      const { ms, look } = await ask(name, bodies[which])
      looks.add(look)
      if (pair >= WARM_UP) times[which].push(ms)
    }
  }
  return {
    looks: [...looks],
    welch: welchT(times.known, times.unknown),
    paired: pairedT(times.known, times.unknown),
  }
}

it('every operation that anybody may call has a pair, or names nobody', () => {
  expect(Object.keys(QUESTIONS).toSorted()).toEqual([...ANYBODY].toSorted())
})

describe('known and unknown accounts take the same time', () => {
  const cases = ANYBODY.flatMap((name) =>
    Object.entries(QUESTIONS[name] ?? {}).map(([what, question]) => ({ name, what, question })),
  )
  it.each(cases)('when asked $what', { timeout: 300_000 }, async ({ name, what, question }) => {
    // A busy machine may disturb one run; it does not disturb two in the same direction.
    const runs = [await compare(name, question)]
    const worst = ({ welch, paired }: (typeof runs)[number]) => Math.max(Math.abs(welch), Math.abs(paired))
    if (worst(runs[0] ?? expect.fail()) >= LIMIT) runs.push(await compare(name, question))
    for (const { welch, paired } of runs)
      console.info(
        `${name}, ${what}: |t| ${Math.abs(welch).toFixed(2)} (Welch), ${Math.abs(paired).toFixed(2)} (paired)`,
      )
    for (const { looks } of runs) expect(looks).toHaveLength(1)
    expect(Math.min(...runs.map(worst))).toBeLessThan(LIMIT)
  })
})
