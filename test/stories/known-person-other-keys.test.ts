/**
 * A service that works with whoever sends links, and puts other keys under the name of somebody one knows. Who was verified
 * stays; other keys take their place only where the person says so.
 */
import { account, contact, owner } from '@holdfast/client'
import {
  type IdentityKeys,
  Secret,
  answerInvitation,
  identityFromSeed,
  makeInvitation,
  parseInvitationLink,
  publicHalf,
  safetyNumber,
  stateIdentity,
} from '@holdfast/client/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { meet, protect } from '../support/story-circle.ts'
import { codeOf, refusalOf } from '../support/story-refusal.ts'
import { type Relay, openRelay } from '../support/story-relay.ts'
import { type Stage, type StoryPerson, openStage } from '../support/story-stage.ts'

const BASE = 'https://app.example/meet'

let stage: Stage
let relay: Relay
let forger: IdentityKeys
let holder: StoryPerson
let friend: StoryPerson

beforeAll(async () => {
  stage = await openStage()
  relay = await openRelay(stage.url)
  forger = await identityFromSeed(Secret.random(32))
})
beforeEach(async () => {
  ;[holder, friend] = await Promise.all([
    stage.person({ url: relay.url }),
    stage.person({ url: relay.url }),
  ] as const)
})
afterEach(() => relay.behave())
afterAll(async () => {
  await relay.close()
  await stage.close()
})

const forgedStatement = (of: StoryPerson) =>
  stateIdentity({ app: stage.app.app, account: of.account, identity: forger, statedAt: stage.now() })

const compared = async (self: StoryPerson, other: StoryPerson) => ({
  account: other.account,
  scanned: (await account.safetyNumberWith(self.client, other.account)).digits,
})

/** What both screens show when the other has the forger’s keys. */
const comparedAnew = async (self: StoryPerson, other: StoryPerson) => {
  const { keys } = await account.readSelf(self.client)
  const mine = { account: self.account, identity: publicHalf(keys) }
  const theirs = { account: other.account, identity: publicHalf(forger) }
  return { account: other.account, scanned: safetyNumber(mine, theirs) }
}

it.each(['link', 'in-person'] as const)('a link in the name of an owner known by %s', async (how) => {
  await meet(holder, friend)
  if (how === 'in-person') await contact.verifyOwnerInPerson(friend.client, await compared(friend, holder))
  const known = await contact.owners(friend.client)
  expect(known).toMatchObject([{ account: holder.account, verified: how }])

  const { link } = makeInvitation({ account: holder.account, identity: publicHalf(forger), base: BASE })
  const statement = await forgedStatement(holder)
  relay.change('readInvitation', { instead: () => ({ account: holder.account, statement }) })
  let answers = 0
  relay.change('answerInvitation', {
    instead: () => {
      answers += 1
      return { revision: 1 }
    },
  })
  const refusal = await refusalOf(contact.acceptInvitation(friend.client, link))
  expect(refusal).toMatchObject({ code: 'identity_changed', advice: 'stop' })
  expect(refusal.cause).toEqual({ account: holder.account })
  expect(await contact.owners(friend.client)).toEqual(known)
  expect(answers).toBe(0)
  // Said to be the new one, it is; and no further verified than the link.
  await contact.acceptInvitation(friend.client, link, { replace: true })
  expect(await contact.owners(friend.client)).toMatchObject([
    { account: holder.account, identity: publicHalf(forger), verified: 'link' },
  ])
})

it('an answer in the name of a known contact: told once, also before protecting; the known keys stay', async () => {
  await meet(holder, friend)
  const other = await stage.person()
  await meet(holder, other)
  const known = await owner.contacts(holder.client)
  const answerFor = async (link: string): Promise<void> => {
    const parts = parseInvitationLink(link)
    const { statement } = await holder.client.call('readIdentity', { params: { account: holder.account } })
    const { message } = await answerInvitation({
      ...parts,
      statement,
      account: friend.account,
      identity: forger,
    })
    const answer = { contact: friend.account, message }
    relay.change('readAccount', {
      answer: (view) => ({
        ...view,
        invitations: view.invitations.map((one) =>
          one.invitation === parts.invitation ? { ...one, answer } : one,
        ),
      }),
    })
  }
  const circle = { owner: holder, contacts: [friend, other] }
  for (const call of [() => owner.contacts(holder.client), () => protect(circle)]) {
    await answerFor((await owner.invite(holder.client, { base: BASE })).link)
    expect(await codeOf(call())).toBe('identity_changed')
    expect(await owner.contacts(holder.client)).toEqual(known)
  }
  // A link that is for another may not replace this one either.
  const foreign = { base: BASE, replaces: other.account }
  await answerFor((await owner.invite(holder.client, foreign)).link)
  expect(await codeOf(owner.contacts(holder.client))).toBe('identity_changed')
  await answerFor((await owner.invite(holder.client, { base: BASE, replaces: friend.account })).link)
  expect(await owner.contacts(holder.client)).toContainEqual({
    ...{ account: friend.account, identity: publicHalf(forger), verified: 'link' },
  })
})

it('who meets in person needs no more: what was compared takes the place of what was known', async () => {
  await meet(holder, friend)
  for (const one of [holder, friend]) {
    const statement = await forgedStatement(one)
    relay.change('readIdentity', { instead: () => ({ account: one.account, statement }) })
    const scan = one === friend ? await comparedAnew(holder, friend) : await comparedAnew(friend, holder)
    const met =
      one === friend
        ? await owner.verifyInPerson(holder.client, scan)
        : await contact.verifyOwnerInPerson(friend.client, scan)
    expect(met).toMatchObject({ identity: publicHalf(forger), verified: 'in-person' })
  }
})
