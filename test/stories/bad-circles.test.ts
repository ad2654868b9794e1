/** Circles that cannot be: each mistake has its code, from the SDK and from a service that was asked without it. */
import { randomBytes } from 'node:crypto'
import { account, owner, type ErrorCode } from '@holdfast/client'
import {
  type Core,
  type EpochPlan,
  Secret,
  buildEpoch,
  identityFromSeed,
  publicHalf,
  toBase64url,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  DAY,
  type ProtectChanges,
  type StoryCircle,
  meet,
  openCircle,
  ownersView,
  protect,
} from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { expectUnchanged } from '../support/story-unchanged.ts'
import { openStage, type Stage, type StoryPerson } from '../support/story-stage.ts'

let stage: Stage
let circle: StoryCircle
beforeAll(async () => {
  stage = await openStage()
  circle = await openCircle(stage)
})
afterAll(() => stage.close())

const expectRefused = (call: () => Promise<unknown>, code: ErrorCode): Promise<void> =>
  expectUnchanged(stage, circle.owner, call, code)

const protecting = (changes: ProtectChanges) => () => protect(circle, changes)

describe('the SDK refuses', () => {
  const WRONG: readonly (readonly [string, ProtectChanges, ErrorCode])[] = [
    ['a threshold of 1', { threshold: 1 }, 'threshold_out_of_range'],
    ['a threshold of 0', { threshold: 0 }, 'threshold_out_of_range'],
    ['t > n', { threshold: 4 }, 'threshold_out_of_range'],
    ['half a contact', { threshold: 2.5 }, 'threshold_out_of_range'],
    ['nobody at all', { contacts: [] }, 'threshold_out_of_range'],
    ['a payload over 64 KiB', { payload: new Uint8Array(64 * 1024 + 1) }, 'payload_too_large'],
    ['a waiting period beyond all bounds', { waitingSeconds: 61 * DAY }, 'policy_out_of_bounds'],
    ['a waiting period of none', { waitingSeconds: 0 }, 'policy_out_of_bounds'],
    ['fewer acceptances than safe', { acceptances: 2 }, 'policy_out_of_bounds'],
    ['a stolen-phone quorum of no more than t', { stolenQuorum: 2 }, 'policy_out_of_bounds'],
    ['a veto key that is no key', { vetoKey: 'A'.repeat(43) }, 'key_rejected'],
  ]
  it.each(WRONG)('%s', async (_, changes, code) => {
    await expectRefused(protecting(changes), code)
  })

  it('a contact twice, the owner, and somebody whom nobody met', async () => {
    const [first, second] = circle.contacts.map((friend) => friend.account) as [string, string]
    await expectRefused(protecting({ contacts: [first, second, first] }), 'contact_duplicate')
    await owner.addUnverified(circle.owner.client, circle.owner.account)
    await expectRefused(protecting({ contacts: [first, second, circle.owner.account] }), 'contact_is_owner')
    const stranger = await stage.person()
    await expectRefused(protecting({ contacts: [first, second, stranger.account] }), 'contact_unknown')
  })

  it('thirty-three contacts', async () => {
    const { storage } = circle.owner
    const kept = (await storage.get('contacts')) ?? '[]'
    const crowd = await Promise.all(
      Array.from({ length: 33 }, async () => ({
        account: toBase64url(randomBytes(16)),
        identity: publicHalf(await identityFromSeed(Secret.random(32))),
        verified: 'link',
      })),
    )
    await storage.set('contacts', JSON.stringify(crowd))
    const contacts = crowd.map((friend) => friend.account)
    await expectRefused(protecting({ contacts }), 'too_many_contacts')
    await storage.set('contacts', kept)
  })

  it('t or more unverified contacts; of fewer it warns, with the reason', async () => {
    const [holder, ...friends] = (await stage.people(4)) as [StoryPerson, ...StoryPerson[]]
    const loose = { owner: holder, contacts: friends }
    for (const friend of friends) await owner.addUnverified(holder.client, friend.account)
    expect(await codeOf(protect(loose))).toBe('contacts_unverified')
    await meet(holder, friends[0] as StoryPerson)
    expect(await codeOf(protect(loose))).toBe('contacts_unverified')
    expect((await ownersView(holder)).circle).toMatchObject({ pending: null })
    await meet(holder, friends[1] as StoryPerson)
    expect((await protect(loose)).warnings).toMatchObject([
      { code: 'unverified', slots: [3], text: expect.stringContaining('Not verified') as string },
    ])
  })

  it('nothing for t = n, t = 2 of many, or few who can refuse: it warns', async () => {
    const [holder, ...friends] = (await stage.people(6)) as [StoryPerson, ...StoryPerson[]]
    for (const friend of friends) await meet(holder, friend)
    const warned = async (count: number, threshold: number) => {
      const { warnings } = await protect({ owner: holder, contacts: friends.slice(0, count) }, { threshold })
      return warnings.map(({ code }) => code)
    }
    expect(await warned(3, 3)).toEqual(['all-needed'])
    expect(await warned(5, 2)).toEqual(['few-needed'])
    expect(await warned(5, 4)).toEqual(['few-can-refuse'])
    expect(await warned(5, 3)).toEqual([])
  })
})

describe('the service refuses, whatever client asks', () => {
  /** A proposal by an altered client: in order but for `changes`. */
  const propose = async (changes: Partial<EpochPlan>): Promise<unknown> => {
    const { client } = circle.owner
    const self = await account.readSelf(client)
    const view = await ownersView(circle.owner)
    const { core } = JSON.parse(view.circle.active?.manifest.body ?? '{}') as { core: Core }
    const known = await owner.contacts(client)
    const ours = circle.contacts.map((friend) => friend.account)
    const built = await buildEpoch({
      app: client.app,
      account: self.account,
      identitySeed: self.seed,
      circle: core.circle,
      epoch: view.circle.highestEpoch + 1,
      previous: view.circle.lastCoreHash,
      policy: core.policy,
      vetoKey: null,
      serviceKey: core.serviceKey,
      contacts: known.filter((friend) => ours.includes(friend.account)),
      application: new Uint8Array(0),
      ...changes,
    })
    const { manifest, payload, shares, factor } = built
    return client.call('proposeEpoch', { body: { manifest, payload, shares: [...shares], factor } })
  }

  it('an epoch that was used before', () => expectRefused(() => propose({ epoch: 1 }), 'epoch_rejected'))

  it('a chain that does not follow the active circle', async () => {
    await expectRefused(() => propose({ previous: null }), 'chain_broken')
    const other = toBase64url(randomBytes(32))
    await expectRefused(() => propose({ previous: other }), 'chain_broken')
  })

  it('a circle that another key signed', () =>
    expectRefused(() => propose({ identitySeed: Secret.random(32) }), 'signature_rejected'))

  it('a release factor that was sealed to somebody else', async () => {
    const { sealing } = publicHalf(await identityFromSeed(Secret.random(32)))
    await expectRefused(() => propose({ serviceKey: sealing }), 'commitment_rejected')
  })

  it('contacts who have no account in this app', async () => {
    const foreign = await stage.person({ app: stage.otherApp })
    const known = await owner.contacts(circle.owner.client)
    const identity = publicHalf((await account.readSelf(foreign.client)).keys)
    const contacts = [...known.slice(0, 2), { account: foreign.account, identity, verified: 'link' as const }]
    await expectRefused(() => propose({ contacts }), 'contact_unknown')
  })

  it('periods out of its bounds', async () => {
    const policy = { threshold: 2, acceptances: 3, stolenQuorum: null, collectingSeconds: DAY }
    const short = { ...policy, waitingSeconds: 1, coolingSeconds: 61 * DAY }
    await expectRefused(() => propose({ policy: short }), 'policy_out_of_bounds')
  })
})
