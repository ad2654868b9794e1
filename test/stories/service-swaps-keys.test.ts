/** A service that shows other keys than people have, here as a relay in front of an honest one. Everyone it lies to notices. */
import { account, contact, owner, requester } from '@holdfast/client'
import {
  type IdentityKeys,
  type Json,
  type Signed,
  Secret,
  answerInvitation,
  identityFromSeed,
  parseInvitationLink,
  publicHalf,
  sealTo,
  sealedShareContext,
  signActivation,
  signMessage,
  stateIdentity,
  toBase64url,
} from '@holdfast/client/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DAY, HOUR, acceptOffers, contactAt, meet, openCircle, protect } from '../support/story-circle.ts'
import { approveAll, ask, pullOnly } from '../support/story-call.ts'
import { codeOf } from '../support/story-refusal.ts'
import { type Relay, openRelay } from '../support/story-relay.ts'
import { openStage, type Stage, type StoryPerson } from '../support/story-stage.ts'

let stage: Stage
let relay: Relay
let forger: IdentityKeys
beforeAll(async () => {
  stage = await openStage()
  relay = await openRelay(stage.url)
  forger = await identityFromSeed(Secret.random(32))
})
afterEach(() => relay.behave())
afterAll(async () => {
  await relay.close()
  await stage.close()
})

/** The service's own keys under somebody else's name. */
const forgedStatement = (of: string): Promise<Signed> =>
  stateIdentity({ app: stage.app.app, account: of, identity: forger, statedAt: stage.now() })

const throughRelay = (): Promise<StoryPerson> => stage.person({ url: relay.url })

describe('meeting', () => {
  it('the contact notices the owner’s keys swapped: the link names them', async () => {
    const [holder, friend] = [await stage.person(), await throughRelay()]
    const { link } = await owner.invite(holder.client, { base: 'https://app.example/' })
    relay.change('readInvitation', {
      answer: async (answer) => ({ ...answer, statement: await forgedStatement(holder.account) }),
    })
    expect(await codeOf(contact.acceptInvitation(friend.client, link))).toBe('invitation_rejected')
    expect(relay.changed.get('readInvitation')).toBe(1)
    expect(await contact.owners(friend.client)).toEqual([])
    relay.behave()
    await contact.acceptInvitation(friend.client, link)
  })

  it('the owner notices the contact’s keys swapped: the answer carries no MAC under the link’s secret', async () => {
    const [holder, friend] = [await throughRelay(), await stage.person()]
    const { link } = await owner.invite(holder.client, { base: 'https://app.example/' })
    await contact.acceptInvitation(friend.client, link)
    const { statement } = await friend.client.call('readIdentity', { params: { account: holder.account } })
    // It knows the invitation's id, and everything but the 32 bytes in the fragment.
    const guessed = { ...parseInvitationLink(link), secret: Secret.random(32) }
    const forged = await answerInvitation({
      ...guessed,
      statement,
      account: friend.account,
      identity: forger,
    })
    relay.change('readAccount', {
      answer: (view) => ({
        ...view,
        invitations: view.invitations.map((one) => ({
          ...one,
          answer: one.answer === null ? null : { ...one.answer, message: forged.message },
        })),
      }),
    })
    expect(await codeOf(owner.contacts(holder.client))).toBe('invitation_rejected')
    relay.behave()
    // What came with a false answer is spent; they meet by another link.
    expect(await owner.contacts(holder.client)).toEqual([])
    await meet(holder, friend)
    expect(await owner.contacts(holder.client)).toMatchObject([{ account: friend.account, verified: 'link' }])
  })

  it('without a link they are unverified, and the 60 digits differ', async () => {
    const [holder, friend] = [await throughRelay(), await stage.person()]
    const { digits } = await account.safetyNumberWith(friend.client, holder.account)
    relay.change('readIdentity', {
      answer: async (answer) => ({ ...answer, statement: await forgedStatement(friend.account) }),
    })
    expect(await owner.addUnverified(holder.client, friend.account)).toMatchObject({ verified: 'none' })
    const compared = { account: friend.account, scanned: digits }
    expect(await codeOf(owner.verifyInPerson(holder.client, compared))).toBe('codes_differ')
    relay.behave()
    expect(await owner.verifyInPerson(holder.client, compared)).toMatchObject({ verified: 'in-person' })
  })

  it('fewer than t slots may be filled so: the owner’s own client refuses the rest', async () => {
    const [holder, ...friends] = (await stage.people(4)) as [StoryPerson, ...StoryPerson[]]
    const circle = { owner: holder, contacts: friends }
    for (const { account: friend } of friends) await owner.addUnverified(holder.client, friend)
    expect(await codeOf(protect(circle))).toBe('contacts_unverified')
    await meet(holder, contactAt(circle, 1))
    expect(await codeOf(protect(circle))).toBe('contacts_unverified')
    await meet(holder, contactAt(circle, 2))
    const { warnings } = await protect(circle)
    expect(warnings).toContainEqual(expect.objectContaining({ code: 'unverified' }))
  })
})

describe('protecting and accepting', () => {
  it('another release key is noticed by whoever has seen the service before', async () => {
    const holder = await throughRelay()
    await holder.client.sessions.token('device')
    relay.change('readService', {
      answer: (view) => ({ ...view, release: publicHalf(forger).sealing }),
    })
    const later = stage.client({ url: relay.url, storage: holder.storage })
    expect(await codeOf(owner.status(later))).toBe('service_unknown')
    relay.change('readService', {
      answer: (view) => ({ ...view, signing: publicHalf(forger).signing }),
    })
    const evenLater = stage.client({ url: relay.url, storage: holder.storage })
    expect(await codeOf(owner.status(evenLater))).toBe('service_unknown')
  })

  it('a contact takes no share of a circle that its owner did not sign, nor one that was sealed anew', async () => {
    const [holder, friend, other] = [await stage.person(), await throughRelay(), await stage.person()]
    const circle = { owner: holder, contacts: [friend, other] }
    for (const one of circle.contacts) await meet(holder, one)
    await protect(circle, { threshold: 2 })
    const { offers } = await contact.shares(friend.client)
    const [offer] = offers
    if (offer === undefined) throw new Error('Nothing was offered.')
    const forged = await signMessage(
      'manifest',
      JSON.parse(offer.share.manifest.body) as Json,
      forger.signing.seed,
    )
    const signedByAnother = { ...offer, share: { ...offer.share, manifest: forged } }
    expect(await codeOf(contact.accept(friend.client, signedByAnother))).toBe('signature_rejected')

    const { keys } = await account.readSelf(friend.client)
    const context = sealedShareContext(offer.share.coreHash, 1)
    const sealed = toBase64url(await sealTo(publicHalf(keys).sealing, new Uint8Array(40), context))
    const sealedAnew = { ...offer, share: { ...offer.share, sealed } }
    expect(await codeOf(contact.accept(friend.client, sealedAnew))).toBe('share_rejected')
    await contact.accept(friend.client, offer)
  })

  it('an old circle shown again is refused, and a new one that nobody accepted is not believed', async () => {
    const holder = await stage.person()
    const friends = await Promise.all([throughRelay(), stage.person(), stage.person()])
    const circle = { owner: holder, contacts: friends }
    for (const one of friends) await meet(holder, one)
    await protect(circle, { acceptances: 3 })
    const friend = contactAt(circle, 1)
    const first = (await contact.shares(friend.client)).offers[0]
    for (const one of friends) await acceptOffers(one)
    await protect(circle)
    for (const one of friends) await acceptOffers(one)
    stage.advance(DAY + HOUR)
    await contact.shares(friend.client)
    const active = (await contact.owners(friend.client))[0]?.active
    expect(active?.epoch).toBe(2)
    if (first === undefined) throw new Error('Nothing was offered.')
    expect(await codeOf(contact.accept(friend.client, first))).toBe('stale_circle')

    await protect(circle)
    await acceptOffers(friend)
    // An activation that the service alone makes up: two of three have not accepted.
    const { signing } = stage.service().service.deps.keys
    relay.change('listShares', {
      answer: async (view) => ({
        ...view,
        shares: await Promise.all(
          view.shares.map(async (share) => {
            if (share.stage !== 'pending') return share
            const { core } = JSON.parse(share.manifest.body) as { core: { circle: string; epoch: number } }
            const { circle: id, epoch } = core
            const body = { account: holder.account, circle: id, epoch, coreHash: share.coreHash }
            const activation = await signActivation(
              { ...body, activatedAt: stage.now(), proofs: [] },
              signing.seed,
            )
            return { ...share, activation }
          }),
        ),
      }),
    })
    expect((await contact.shares(friend.client)).doubts).toEqual([
      { owner: holder.account, code: 'activation_rejected' },
    ])
    relay.behave()
    expect((await contact.shares(friend.client)).doubts).toEqual([])
    expect((await contact.owners(friend.client))[0]?.active).toEqual(active)
  })

  it('the owner notices a circle it never signed, and a log that was cut or rewritten', async () => {
    const circle = await openCircle(stage)
    const { storage } = circle.owner
    const holder = stage.client({ storage, url: relay.url })
    await owner.readLog(holder)
    await ask(stage, circle.owner.account)
    relay.change('readLog', { answer: (page) => ({ ...page, entries: page.entries.slice(1) }) })
    expect(await codeOf(owner.readLog(holder))).toBe('log_broken')
    relay.change('readLog', {
      answer: (page) => ({ ...page, entries: page.entries.map((entry) => ({ ...entry, at: entry.at + 1 })) }),
    })
    expect(await codeOf(owner.readLog(holder))).toBe('log_broken')
    relay.change('readLog', { answer: (page) => ({ ...page, entries: [], sequence: 1 }) })
    expect(await codeOf(owner.readLog(holder))).toBe('log_broken')
    const other = await openCircle(stage)
    const { active } = (await owner.status(other.owner.client)).circle
    relay.change('readAccount', {
      answer: (view) => ({ ...view, circle: { ...view.circle, active } }),
    })
    expect(await codeOf(owner.status(holder))).toBe('signature_rejected')
    relay.behave()
    expect((await owner.readLog(holder)).map(({ type }) => type)).toContain('recovery-opened')
  })
})

describe('release', () => {
  it('the requester notices any part of a release that is not the confirmed circle’s', async () => {
    const circle = await openCircle(stage, { waitingSeconds: HOUR })
    const other = await openCircle(stage, { waitingSeconds: HOUR })
    const phone = await ask(stage, circle.owner.account, { url: relay.url })
    const foreign = await ask(stage, other.owner.account)
    await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)])
    await approveAll(foreign, [contactAt(other, 1), contactAt(other, 2)])
    stage.advance(HOUR)
    const { manifest, payload, factor } = await pullOnly(foreign)
    for (const [part, code] of [
      [{ manifest }, 'codes_unconfirmed'],
      [{ payload }, 'backup_damaged'],
      [{ factor }, 'backup_damaged'],
    ] as const) {
      relay.change('pullRelease', { answer: (release) => ({ ...release, ...part }) })
      expect(await codeOf(requester.recover(phone.client))).toBe(code)
    }
    relay.behave()
    expect((await requester.recover(phone.client)).liars).toEqual([])
  })
})
