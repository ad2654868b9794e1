import {
  announceInvitation,
  answerChallenge,
  publicHalf,
  revokeDevice,
  Secret,
  signMessage,
  stateDevice,
  stateIdentity,
  toBase64url,
  verifyLog,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KEPT_ENTRIES } from '../../src/domain/journal.ts'
import { newId, newPeople, newPerson, type Person, registration } from '../support/actors.ts'
import { expectOutcome } from '../support/outcomes.ts'
import { ask } from '../support/recoveries.ts'
import { type World, openWorld } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const people = async () => (await newPeople(world, 2)) as [Person, Person]
/** A point of order 8: it fits more messages than its owner's. */
const SMALL_ORDER = 'JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU'

test('an account is registered once, and its owner reads it', async () => {
  const { account, body, device } = await registration(world)
  await expectOutcome('createAccount', world.call('createAccount', { body }), 'ok')
  const stored = await world.deps.records.load(account)
  expect(stored?.account.devices.map((one) => one.device)).toEqual([device])
  expect(stored?.account.app).toBe('letters')
  // A ticket for other keys, and so for another person, opens nothing under the same id.
  const other = await registration(world, { account })
  await expectOutcome('createAccount', world.call('createAccount', { body: other.body }), 'account_exists')
  const foreign = await registration(world, { account, app: world.otherApp })
  await expectOutcome('createAccount', world.call('createAccount', { body: foreign.body }), 'account_exists')
})

test('a ticket registers the one account and the keys it was made for', async () => {
  const { account, app, identity, body } = await registration(world)
  const keys = publicHalf(identity)
  const tickets = {
    'for recovery': await app.ticket('recover', account, keys),
    'for another account': await app.ticket('register', newId(), keys),
    'for other keys': await app.ticket('register', account, publicHalf((await registration(world)).identity)),
    'of another app': await world.otherApp.ticket('register', account, keys),
    'of another app in this one’s name': await world.otherApp.ticket('register', account, keys, {
      iss: 'letters',
    }),
    expired: await app.ticket('register', account, keys, { exp: Math.floor(world.now() / 1000) - 60 }),
    'for another service': await app.ticket('register', account, keys, { aud: 'somebody' }),
    'no ticket at all': 'e30.e30.e30',
  }
  for (const ticket of Object.values(tickets))
    await expectOutcome(
      'createAccount',
      world.call('createAccount', { body: { ...body, ticket } }),
      'ticket_rejected',
    )
  expect(await world.deps.records.load(account)).toBe(null)
})

test('statements that do not belong together register nobody', async () => {
  const { account, identity, body } = await registration(world)
  const other = await registration(world)
  const device = other.body.device
  await expectOutcome(
    'createAccount',
    world.call('createAccount', { body: { ...body, device } }),
    'signature_rejected',
  )
  const text = { ...body.identity, body: `${body.identity.body} ` }
  await expectOutcome(
    'createAccount',
    world.call('createAccount', { body: { ...body, identity: text } }),
    'malformed',
  )
  const strange = await stateDevice({
    account: newId(),
    deviceSeed: Secret.random(32),
    identity,
    registeredAt: 1,
  })
  const elsewhere = { ...body, device: strange.statement }
  await expectOutcome('createAccount', world.call('createAccount', { body: elsewhere }), 'malformed')
  const weak = await signMessage(
    'device',
    { account, device: SMALL_ORDER, registeredAt: 1 },
    identity.signing.seed,
  )
  await expectOutcome(
    'createAccount',
    world.call('createAccount', { body: { ...body, device: weak } }),
    'key_rejected',
  )
  const stated = await stateIdentity({ app: 'parcels', account, identity, statedAt: 1 })
  const foreign = { ...body, identity: stated }
  await expectOutcome('createAccount', world.call('createAccount', { body: foreign }), 'ticket_rejected')
  expect(await world.deps.records.load(account)).toBe(null)
})

test('a challenge is the same for everyone, and is answered once, in time, to this service', async () => {
  const person = await newPerson(world)
  const unknown = await world.call('createChallenge', { body: { account: newId() } })
  const { account, deviceSeed: seed } = person
  const fresh = async () => (await world.call('createChallenge', { body: { account } })).challenge
  expect(unknown.challenge).toHaveLength((await fresh()).length)
  const service = world.deps.keys.signing.publicKey
  const answer = async (changes: Partial<Parameters<typeof answerChallenge>[0]> = {}) => ({
    message: await answerChallenge({
      service,
      account,
      recovery: null,
      challenge: await fresh(),
      seed,
      ...changes,
    }),
  })
  const body = await answer()
  const { token } = await expectOutcome('createSession', world.call('createSession', { body }), 'ok')
  expect(await world.deps.tokens.read(token, world.now())).toEqual(person.caller)
  await expectOutcome('createSession', world.call('createSession', { body }), 'challenge_rejected')

  const late = await answer()
  world.advance(60_000)
  await expectOutcome('createSession', world.call('createSession', { body: late }), 'challenge_rejected')
  const forOther = await answer({ challenge: unknown.challenge })
  await expectOutcome('createSession', world.call('createSession', { body: forOther }), 'challenge_rejected')
  const invented = await answer({ challenge: toBase64url(new Uint8Array(56)) })
  await expectOutcome('createSession', world.call('createSession', { body: invented }), 'challenge_rejected')

  const elsewhere = await answer({ service: publicHalf(person.identity).signing })
  await expectOutcome('createSession', world.call('createSession', { body: elsewhere }), 'signature_rejected')
  const stranger = await answer({ seed: Secret.random(32) })
  await expectOutcome('createSession', world.call('createSession', { body: stranger }), 'signature_rejected')
  // The identity key is no device: it signs in nobody.
  const byIdentity = await answer({ seed: person.identity.signing.seed })
  await expectOutcome(
    'createSession',
    world.call('createSession', { body: byIdentity }),
    'signature_rejected',
  )
  const request = await answer({ recovery: newId() })
  await expectOutcome('createSession', world.call('createSession', { body: request }), 'signature_rejected')
  const nobody = newId()
  const { challenge } = await world.call('createChallenge', { body: { account: nobody } })
  const unregistered = await answer({ account: nobody, challenge })
  await expectOutcome(
    'createSession',
    world.call('createSession', { body: unregistered }),
    'signature_rejected',
  )
  const garbled = { message: { ...(await answer()).message, body: '{"a":1 }' } }
  await expectOutcome('createSession', world.call('createSession', { body: garbled }), 'malformed')
})

test('ten answers to one challenge at once give one session', async () => {
  const { account, deviceSeed: seed } = await newPerson(world)
  const { challenge } = await world.call('createChallenge', { body: { account } })
  const service = world.deps.keys.signing.publicKey
  const message = await answerChallenge({ service, account, recovery: null, challenge, seed })
  const calls = Array.from({ length: 10 }, () => world.call('createSession', { body: { message } }))
  const done = await Promise.allSettled(calls)
  expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('a device is ended by the identity key, and its session with it', async () => {
  const [person, other] = await people()
  const { account, caller } = person
  if (caller.role !== 'device') throw new Error('not a device')
  const { device } = caller
  const by = async (identity: Person['identity'], named = device, of = account) => ({
    message: await revokeDevice({ account: of, device: named, identity }),
  })
  const call = async (body: Awaited<ReturnType<typeof by>>) => world.call('revokeDevice', { caller, body })
  await expectOutcome('revokeDevice', call(await by(other.identity)), 'signature_rejected')
  await expectOutcome('revokeDevice', call(await by(person.identity, 'short')), 'malformed')
  const unknown = publicHalf(other.identity).signing
  await expectOutcome('revokeDevice', call(await by(person.identity, unknown)), 'not_found')
  await expectOutcome('revokeDevice', call(await by(person.identity, device, other.account)), 'not_found')
  await expectOutcome('revokeDevice', call(await by(person.identity)), 'ok')
  await expectOutcome('readAccount', world.call('readAccount', { caller }), 'session_expired')
})

test('an identity is shown to people of the same app, and to nobody else', async () => {
  const [one, other] = await people()
  const abroad = await newPerson(world, { app: world.otherApp })
  const read = (account: string) => world.call('readIdentity', { caller: one.caller, params: { account } })
  const shown = await expectOutcome('readIdentity', read(other.account), 'ok')
  expect(JSON.parse(shown.statement.body).identity).toEqual(publicHalf(other.identity))
  await expectOutcome('readIdentity', read(abroad.account), 'not_found')
  await expectOutcome('readIdentity', read(newId()), 'not_found')
  // Somebody asked for the recovery of an account that does not exist: it still does not.
  const ghost = newId()
  await ask(world, ghost)
  await expectOutcome('readIdentity', read(ghost), 'not_found')
})

test('the log is whole at every moment: before its entries leave the outbox, in between and after', async () => {
  const person = await newPerson(world)
  const { caller, account } = person
  const read = (after?: string) =>
    world.call('readLog', { caller, query: after === undefined ? {} : { after } })
  const before = await expectOutcome('readLog', read(), 'ok')
  expect(before.entries.map(({ type }) => type)).toEqual(['account-registered', 'device-registered'])
  await world.work()
  expect(await read()).toEqual(before)
  const outboxOf = async () => (await world.deps.records.load(account))?.account.outbox.entries.length
  const invite = async () =>
    world.call('createInvitation', {
      caller,
      body: await announceInvitation({ ...person, invitation: newId() }),
    })
  for (let sequence = 3; sequence <= KEPT_ENTRIES; sequence += 1) await invite()
  await world.work()
  expect(await world.deps.records.readLog(account, 0, 100), 'few stay where they are').toEqual([])
  await invite()
  const full = await read()
  expect(await outboxOf()).toBe(KEPT_ENTRIES + 1)
  await world.work()
  expect(await outboxOf(), 'many leave together').toBe(0)
  expect(await read()).toEqual(full)
  await invite()
  const after = await read()
  expect(after.entries).toHaveLength(KEPT_ENTRIES + 2)
  expect(after.entries.at(-1)?.type).toBe('invitation-created')
  expect(verifyLog(after.entries, null)).toEqual({ sequence: after.sequence, hash: after.hash })
  expect((await read('9')).entries.map(({ sequence }) => sequence)).toEqual([10])
  expect((await read('10')).entries).toEqual([])
  expect(await outboxOf()).toBe(1)
})

test('the service shows its keys, its clock and its bounds', async () => {
  const view = await expectOutcome('readService', world.call('readService'), 'ok')
  expect(view).toEqual({
    signing: world.deps.keys.signing.publicKey,
    release: world.deps.keys.release.publicKey,
    now: world.now(),
    bounds: {
      waitingSeconds: { min: 3600, max: 60 * 86_400 },
      coolingSeconds: { min: 3600, max: 60 * 86_400 },
      collectingSeconds: { min: 3600, max: 90 * 86_400 },
    },
    development: false,
  })
})
