import {
  announceInvitation,
  answerInvitation,
  type Json,
  makeInvitation,
  parseInvitationLink,
  publicHalf,
  type SignedType,
  signMessage,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, newPeople, newPerson, type Person } from '../support/actors.ts'
import { expectOutcome } from '../support/outcomes.ts'
import { DAY, type World, openWorld } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const signedBy = ({ identity }: Person, type: SignedType, body: Json) =>
  signMessage(type, body, identity.signing.seed)
const people = async () => (await newPeople(world, 2)) as [Person, Person]

const invite = async (owner: Person) => {
  const identity = publicHalf(owner.identity)
  const made = makeInvitation({ account: owner.account, identity, base: 'https://app.example/' })
  const { invitation, link } = made
  await expectOutcome(
    'createInvitation',
    world.call('createInvitation', {
      caller: owner.caller,
      body: await announceInvitation({ ...owner, invitation }),
    }),
    'ok',
  )
  return { invitation, parts: parseInvitationLink(link) }
}

const answerOf = async (contact: Person, owner: Person, { parts }: Awaited<ReturnType<typeof invite>>) => {
  const { account, identity } = contact
  const statement = (await world.call('readAccount', { caller: owner.caller })).identity
  const { message } = await answerInvitation({ ...parts, statement, account, identity })
  return { message }
}

test('an invitation is answered once, by whoever signs in as the one that answers', async () => {
  const [owner, contact] = await people()
  const third = await newPerson(world)
  const abroad = await newPerson(world, { app: world.otherApp })
  const made = await invite(owner)
  const params = { account: owner.account, invitation: made.invitation }
  const read = (caller: Person['caller'], more = {}) =>
    world.call('readInvitation', { caller, params: { ...params, ...more } })
  await expectOutcome('readInvitation', read(contact.caller), 'ok')
  await expectOutcome('readInvitation', read(contact.caller, { invitation: newId() }), 'not_found')
  await expectOutcome('readInvitation', read(contact.caller, { account: newId() }), 'not_found')
  await expectOutcome('readInvitation', read(abroad.caller), 'not_found')

  const body = await answerOf(contact, owner, made)
  const send = (person: Person, sent = body) =>
    world.call('answerInvitation', { caller: person.caller, body: sent })
  // Somebody else passes the contact's answer on as an own one.
  await expectOutcome('answerInvitation', send(third), 'signature_rejected')
  const said = JSON.parse(body.message.body) as Record<string, Json>
  const forOther = await signedBy(third, 'invitation-answer', said)
  await expectOutcome('answerInvitation', send(third, { message: forOther }), 'signature_rejected')
  const keys = await signedBy(contact, 'invitation-answer', {
    ...said,
    contactIdentity: publicHalf(third.identity),
  })
  await expectOutcome('answerInvitation', send(contact, { message: keys }), 'signature_rejected')
  const nowhere = await signedBy(contact, 'invitation-answer', { ...said, invitation: newId() })
  await expectOutcome('answerInvitation', send(contact, { message: nowhere }), 'not_found')
  const nobody = await signedBy(contact, 'invitation-answer', { ...said, owner: newId() })
  await expectOutcome('answerInvitation', send(contact, { message: nobody }), 'not_found')
  const foreign = await answerOf(abroad, owner, made)
  await expectOutcome('answerInvitation', send(abroad, foreign), 'not_found')

  await expectOutcome('answerInvitation', send(contact), 'ok')
  await expectOutcome(
    'answerInvitation',
    send(third, await answerOf(third, owner, made)),
    'invitation_rejected',
  )
  const { invitations } = await world.call('readAccount', { caller: owner.caller })
  expect(invitations.map(({ answer }) => answer?.contact)).toEqual([contact.account])
  await expectOutcome('readInvitation', read(third.caller), 'not_found')
  await expectOutcome('readInvitation', read(contact.caller), 'ok')
})

test('an invitation ends after fourteen days, and at most 32 wait at once', async () => {
  const [owner, contact] = await people()
  const made = await invite(owner)
  const body = await answerOf(contact, owner, made)
  for (let count = 1; count < 32; count += 1) await invite(owner)
  const next = await announceInvitation({ ...owner, invitation: newId() })
  const more = world.call('createInvitation', { caller: owner.caller, body: next })
  await expectOutcome('createInvitation', more, 'limit_reached')
  world.advance(14 * DAY)
  const late = world.call('answerInvitation', { caller: contact.caller, body })
  await expectOutcome('answerInvitation', late, 'invitation_rejected')
  await invite(owner)
})
