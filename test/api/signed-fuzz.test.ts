/**
 * Odd content under valid signatures: everything that somebody with keys, a token and a place in somebody's recovery can send.
 * What is only spoiled never gets past the signature; this does.
 */
import { randomInt } from 'node:crypto'
import {
  OPERATIONS,
  OPERATION_NAMES,
  type OperationName,
  type Secret,
  type SignedType,
  canonicalize,
  publicHalf,
  signText,
} from '@holdfast/client/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId } from '../support/actors.ts'
import { wrongWith } from './documented.ts'
import { ATTEMPTS } from './matrix/attempts.ts'
import { newBystanders } from './matrix/people.ts'
import { openPlace, outcomeOf, type Place } from './matrix/place.ts'
import { type Role, type Who, whoIs } from './matrix/roles.ts'
import { openScene, type Scene, type State } from './matrix/scenes.ts'
import { bend, type Json, oddValue, spoil } from './spoil.ts'

const full = process.env['HOLDFAST_FULL'] === '1'
const RUNS = full ? 12_000 : 600
// FUZZ_SEED=<n> npx vitest run test/api/signed-fuzz.test.ts
const SEED = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))

type Signer = (who: Who) => Secret
const byIdentity: Signer = ({ identity }) => identity.signing.seed
const byDevice: Signer = ({ deviceSeed }) => deviceSeed
const byRequester: Signer = ({ request }) => request.keys.signing.seed

interface Signable {
  readonly role: Role
  /** Signed parts of the body: where, of which type, under which key. */
  readonly parts: Readonly<Record<string, readonly [SignedType, Signer]>>
}
const message = (role: Role, type: SignedType, signer: Signer): Signable => ({
  role,
  parts: { message: [type, signer] },
})

/** Who comes furthest with each operation that takes something signed. */
const SIGNED: { readonly [N in OperationName]?: Signable } = {
  createAccount: {
    role: 'otherOwner',
    parts: { identity: ['identity', byIdentity], device: ['device', byIdentity] },
  },
  createSession: message('owner', 'sign-in', byDevice),
  revokeDevice: message('owner', 'device-revocation', byIdentity),
  createInvitation: message('owner', 'invitation', byIdentity),
  answerInvitation: message('contact', 'invitation-answer', byIdentity),
  proposeEpoch: { role: 'owner', parts: { manifest: ['manifest', byIdentity] } },
  cancelChange: message('owner', 'change-cancel', byIdentity),
  deleteCircle: message('owner', 'deletion', byIdentity),
  acceptShare: message('contact', 'acceptance', byIdentity),
  declineShare: message('offeredContact', 'slot-decline', byIdentity),
  countersignChange: message('contact', 'countersign', byIdentity),
  openRecovery: message('requester', 'recovery', byRequester),
  answerSession: message('requester', 'session-answer', byRequester),
  cancelRecovery: message('requester', 'cancel', byRequester),
  pullRelease: message('requester', 'release', byRequester),
  completeRecovery: { role: 'requester', parts: { completion: ['completion', byRequester] } },
  startSession: message('contact', 'session-start', byIdentity),
  revealSession: message('contact', 'session-reveal', byIdentity),
  concludeSession: message('contact', 'session-outcome', byIdentity),
  decide: message('contact', 'decision', byIdentity),
  veto: message('owner', 'veto', byIdentity),
}
const NAMES = OPERATION_NAMES.filter((name) => SIGNED[name] !== undefined)

const STATES: readonly State[] = full
  ? ['pending', 'changing', 'deleting', 'collecting', 'waiting', 'contested', 'releasable', 'released']
  : ['changing', 'collecting', 'released']

let place: Place
const scenes: { readonly scene: Scene; readonly people: ReadonlyMap<Role, Who> }[] = []
beforeAll(async () => {
  place = await openPlace()
  const bystanders = await newBystanders(place)
  for (const scene of await Promise.all(STATES.map((state) => openScene(place, state)))) {
    const people = new Map<Role, Who>()
    for (const role of ['owner', 'contact', 'offeredContact', 'otherOwner', 'requester'] as const)
      people.set(role, await whoIs(place, scene, bystanders, role))
    scenes.push({ scene, people })
  }
}, 180_000)
afterAll(() => place.close())

/** Texts of the same or nearly the same content that no client would write. */
const UNUSUAL: readonly ((json: Json, canonical: string) => string)[] = [
  (json) => JSON.stringify(json, null, 1),
  (_, canonical) => `\uFEFF${canonical}`,
  (_, canonical) => canonical.replace('{', '{"__proto__":{"owner":1},'),
  (_, canonical) => canonical.replace(/^\{("[^"]+":)/, '{$1null,$1'),
  (_, canonical) =>
    canonical.replace(/"([a-z])/, (_all, letter: string) => `"\\u00${letter.charCodeAt(0).toString(16)}`),
  (_, canonical) => `${'['.repeat(5000)}${canonical}`,
  (_, canonical) => canonical.slice(0, -1),
]

const anyMessage = fc.record({
  name: fc.constantFrom(...NAMES),
  scene: fc.nat(STATES.length - 1),
  part: fc.nat(1),
  path: fc.array(fc.nat(12), { minLength: 1, maxLength: 4 }),
  how: fc.oneof(
    { weight: 6, arbitrary: fc.record({ pick: fc.nat(99) }) },
    { weight: 2, arbitrary: fc.record({ value: oddValue }) },
    { weight: 1, arbitrary: fc.record({ unusual: fc.nat(UNUSUAL.length - 1) }) },
    { weight: 1, arbitrary: fc.record({ outer: oddValue }) },
  ),
})
type AnyMessage = typeof anyMessage extends fc.Arbitrary<infer T> ? T : never

const canonicalOr = (json: Json): string => {
  try {
    return canonicalize(json as Parameters<typeof canonicalize>[0])
  } catch {
    return JSON.stringify(json)
  }
}

/** Ids, keys and hashes that somebody else's message would name. */
const knownIn = ({
  owner,
  contacts,
  removed,
  request,
  other,
  circle,
  pending,
  replaced,
}: Scene): string[] => [
  ...[owner, removed, ...contacts].map(({ account }) => account),
  ...[request.recovery, other.recovery, circle?.core.circle ?? '', newId()],
  ...[request.coreHash, pending?.coreHash ?? '', request.requestHash, other.requestHash],
  ...[owner, replaced, ...contacts].map(({ identity }) => publicHalf(identity).signing),
]

const textOf = (json: Json, { path, how }: AnyMessage, scene: Scene): string => {
  if ('pick' in how) return canonicalOr(bend(json, path, how.pick, knownIn(scene)))
  if ('value' in how) return canonicalOr(spoil(json, path, how.value))
  return 'unusual' in how
    ? (UNUSUAL[how.unusual] ?? expect.fail('no form'))(json, canonicalOr(json))
    : canonicalOr(json)
}

const bodyOf = async (said: AnyMessage) => {
  const { name, scene: at, part, path, how } = said
  const { scene, people } = scenes[at] ?? expect.fail('no scene')
  const { role, parts } = SIGNED[name] ?? expect.fail(name)
  const who = people.get(role) ?? expect.fail(role)
  const sent = (await ATTEMPTS[name](place, scene, who)).body as { [key: string]: Json }
  const chosen = Object.entries(parts)[part % Object.keys(parts).length]
  const [key, [type, signer]] = chosen ?? expect.fail('no part')
  const envelope = sent[key] as { body: string }
  const text = textOf(JSON.parse(envelope.body) as Json, said, scene)
  const signature = await signText(type, text, signer(who))
  const byOwner = await signText(type, text, scene.owner.identity.signing.seed)
  const signed =
    name === 'completeRecovery'
      ? { body: text, signatures: { request: signature, identity: byOwner, next: null } }
      : { body: text, signature }
  const body: Json = { ...sent, [key]: signed }
  return { who, body: 'outer' in how ? spoil(body, path, how.outer) : body }
}

it(`odd content under valid signatures gets only documented answers, and never 5xx: ${RUNS}`, async () => {
  console.info(`signed fuzz seed ${SEED}`)
  const answered = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(anyMessage, async (said) => {
      const { who, body } = await bodyOf(said)
      const token = await who.token(OPERATIONS[said.name].caller)
      const seen = await place.send(said.name, { body: body as never }, token)
      const outcome = outcomeOf(seen)
      answered.set(outcome, (answered.get(outcome) ?? 0) + 1)
      expect(wrongWith(said.name, seen), `${said.name} ${JSON.stringify(body)}`).toBeNull()
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  )
  console.info(`${RUNS} cases`, Object.fromEntries([...answered].toSorted()))
  // Otherwise nothing would have come past the form and the signature.
  const deep = [...answered.keys()].filter(
    (code) => !['malformed', 'signature_rejected', 'session_expired'].includes(code),
  )
  expect(deep.length).toBeGreaterThan(full ? 15 : 8)
  expect(place.service.lines.filter((line) => line.includes('answer_undocumented'))).toEqual([])
}, 900_000)

it('leaves the service well, and nobody else’s account changed', async () => {
  expect((await fetch(`${place.service.url}/healthz`)).status).toBe(200)
  const { otherOwner } = await newBystanders(place)
  expect(await place.call('readAccount', { caller: otherOwner.caller })).toMatchObject({ recoveries: [] })
})
