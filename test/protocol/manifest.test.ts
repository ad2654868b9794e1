import { describe, expect, test } from 'vitest'
import {
  buildEpoch,
  entryHash,
  fromBase64url,
  manifestBody,
  matchingParts,
  MAX_APPLICATION_BYTES,
  openFactor,
  paddedLength,
  parseBody,
  publicHalf,
  readManifest,
  sealedFactorContext,
  sealTo,
  Secret,
  signMessage,
  toBase64url,
  type CircleContact,
  type EpochPlan,
} from '@holdfast/client/protocol'
import { APP, castOf, codeOf, personOf, policyOf } from '../support/cast.ts'

const planOf = async (count: number, changes: Partial<EpochPlan> = {}): Promise<EpochPlan> => {
  const owner = await personOf('owner')
  const service = await personOf('service')
  const people = await Promise.all(Array.from({ length: count }, (_, i) => personOf(`contact ${i + 1}`)))
  return {
    app: APP,
    account: owner.account,
    identitySeed: owner.seed,
    circle: toBase64url(new Uint8Array(16)),
    epoch: 1,
    previous: null,
    policy: policyOf(2, count),
    vetoKey: null,
    serviceKey: publicHalf(service.identity).sealing,
    contacts: people.map(({ account, identity }) => {
      return { account, identity: publicHalf(identity), verified: 'in-person' as const }
    }),
    application: new Uint8Array(0),
    ...changes,
  }
}

describe('what may not be', () => {
  const refusals: readonly [
    name: string,
    count: number,
    change: (plan: EpochPlan) => Partial<EpochPlan>,
    code: string,
  ][] = [
    ['threshold 1', 3, () => ({ policy: policyOf(1, 3) }), 'threshold_out_of_range'],
    ['t > n', 3, () => ({ policy: policyOf(4, 3) }), 'threshold_out_of_range'],
    ['t = 2.5', 3, () => ({ policy: policyOf(2.5, 3) }), 'threshold_out_of_range'],
    ['n > 32', 33, () => ({}), 'too_many_contacts'],
    ['no contacts', 0, () => ({}), 'threshold_out_of_range'],
    [
      'a contact twice',
      3,
      ({ contacts }) => ({ contacts: [...contacts, contacts[0] as CircleContact] }),
      'contact_duplicate',
    ],
    [
      'one key under two accounts',
      3,
      ({ contacts }) => ({
        contacts: [
          ...contacts,
          { ...(contacts[0] as CircleContact), account: toBase64url(new Uint8Array(16)) },
        ],
      }),
      'contact_duplicate',
    ],
    [
      'the owner’s account',
      3,
      ({ contacts, account }) => ({
        contacts: [{ ...(contacts[0] as CircleContact), account }, ...contacts.slice(1)],
      }),
      'contact_is_owner',
    ],
    [
      't unverified',
      3,
      ({ contacts }) => ({
        contacts: contacts.map((contact, i) => ({ ...contact, verified: i < 2 ? 'none' : 'link' })),
      }),
      'contacts_unverified',
    ],
    [
      'stolen quorum at t = n',
      3,
      () => ({ policy: policyOf(3, 3, { stolenQuorum: 3 }) }),
      'policy_out_of_bounds',
    ],
    [
      'stolen quorum not above t',
      4,
      () => ({ policy: policyOf(3, 4, { stolenQuorum: 3 }) }),
      'policy_out_of_bounds',
    ],
    [
      'too few acceptances',
      5,
      () => ({ policy: policyOf(3, 5, { acceptances: 3 }) }),
      'policy_out_of_bounds',
    ],
    [
      'more acceptances than contacts',
      3,
      () => ({ policy: policyOf(2, 3, { acceptances: 4 }) }),
      'policy_out_of_bounds',
    ],
    [
      '64 KiB and one byte',
      3,
      () => ({ application: new Uint8Array(MAX_APPLICATION_BYTES + 1) }),
      'payload_too_large',
    ],
    ['a low-order service key', 3, () => ({ serviceKey: toBase64url(new Uint8Array(32)) }), 'key_rejected'],
    [
      'a contact’s sealing key of low order',
      3,
      ({ contacts }) => {
        const first = contacts[0] as CircleContact
        const identity = { ...first.identity, sealing: toBase64url(new Uint8Array(32)) }
        return { contacts: [{ ...first, identity }, ...contacts.slice(1)] }
      },
      'key_rejected',
    ],
    ['half an identity seed', 3, () => ({ identitySeed: Secret.of(new Uint8Array(16)) }), 'malformed'],
  ]
  for (const [name, count, change, code] of refusals) {
    test(`${name}: ${code}`, async () => {
      const plan = await planOf(count)
      expect(await codeOf(() => buildEpoch({ ...plan, ...change(plan) }))).toBe(code)
    })
  }

  test('the owner’s key under another account: contact_is_owner', async () => {
    const plan = await planOf(3)
    const owner = await personOf('owner')
    const twin = {
      account: toBase64url(new Uint8Array(16)),
      identity: publicHalf(owner.identity),
      verified: 'link' as const,
    }
    expect(await codeOf(() => buildEpoch({ ...plan, contacts: [twin, ...plan.contacts] }))).toBe(
      'contact_is_owner',
    )
  })
})

describe('what an epoch shows', () => {
  test('a core follows the plan, and no contact’s account or key stands in the manifest', async () => {
    const { built, contacts } = await castOf({
      contacts: 4,
      threshold: 3,
      vetoKey: toBase64url(new Uint8Array(32)),
    })
    const { core } = parseBody(built.manifest.body, manifestBody)
    expect(core).toEqual(built.core)
    expect(core.slots.map(({ slot }) => slot)).toEqual([1, 2, 3, 4])
    expect(core.slots.map(({ entry }) => entry)).toEqual(built.entries.map(entryHash))
    for (const { account, identity } of contacts) {
      const { signing, sealing } = publicHalf(identity)
      for (const hidden of [account, signing, sealing]) expect(built.manifest.body).not.toContain(hidden)
    }
  })

  test('two epochs of the same plan share no ciphertext, salt, check key or commitment', async () => {
    const plan = await planOf(3)
    const [one, other] = await Promise.all([buildEpoch(plan), buildEpoch(plan)])
    expect(one.factor).not.toBe(other.factor)
    expect(one.payload).not.toBe(other.payload)
    expect(one.core.releaseCommitment).not.toBe(other.core.releaseCommitment)
    for (const [i, slot] of one.core.slots.entries()) {
      expect(slot.checkKey).not.toBe(other.core.slots[i]?.checkKey)
      expect(slot.entry).not.toBe(other.core.slots[i]?.entry)
    }
  })

  test('the length of the payload tells a bucket, not the content’s length', async () => {
    const plan = await planOf(3)
    const lengths = await Promise.all(
      [0, 1, 100].map(
        async (size) => (await buildEpoch({ ...plan, application: new Uint8Array(size) })).payload.length,
      ),
    )
    expect(new Set(lengths).size).toBe(1)
    expect(paddedLength(4 + 73_000)).toBeLessThan(100_000)
  })
})

describe('reading a manifest', () => {
  test('under another identity, or with a core that names other keys', async () => {
    const { built, owner } = await castOf()
    const thief = await personOf('thief')
    expect(await codeOf(() => readManifest(built.manifest, publicHalf(thief.identity)))).toBe(
      'signature_rejected',
    )
    const body = parseBody(built.manifest.body, manifestBody)
    const signed = await signMessage('manifest', body, thief.identity.signing.seed)
    expect(await codeOf(() => readManifest(signed, publicHalf(thief.identity)))).toBe('signature_rejected')
    const mixed = { signing: publicHalf(owner.identity).signing, sealing: publicHalf(thief.identity).sealing }
    expect(await codeOf(() => readManifest(built.manifest, mixed))).toBe('signature_rejected')
  })

  test('shares and hashes of different number', async () => {
    const { built, owner } = await castOf()
    const body = parseBody(built.manifest.body, manifestBody)
    const short = { ...body, shareHashes: body.shareHashes.slice(1) }
    const signed = await signMessage('manifest', short, owner.identity.signing.seed)
    expect(await codeOf(() => readManifest(signed, publicHalf(owner.identity)))).toBe('malformed')
  })

  test('every part must be the one that is named', async () => {
    const { built, owner } = await castOf()
    const manifest = await readManifest(built.manifest, publicHalf(owner.identity))
    expect(matchingParts(manifest, built).shares.map(({ contact }) => contact)).toEqual(
      built.entries.map((entry) => entry.account),
    )
    const other = await castOf({ name: 'other' })
    for (const parts of [
      { ...built, payload: other.built.payload },
      { ...built, factor: other.built.factor },
      { ...built, shares: built.shares.slice(1) },
      { ...built, shares: built.shares.toReversed() },
      { ...built, payload: `${built.payload}=` },
    ])
      expect(await codeOf(() => matchingParts(manifest, parts))).toBe('commitment_rejected')
  })

  test('another factor, rightly sealed for this core', async () => {
    const { built, service } = await castOf()
    const context = sealedFactorContext(built.coreHash)
    const key = publicHalf(service.identity).sealing
    const release = service.identity.sealing.secret
    for (const length of [31, 32, 33]) {
      const factor = await sealTo(key, new Uint8Array(length).fill(5), context)
      expect(await codeOf(() => openFactor({ core: built.core, factor, release }))).toBe(
        'commitment_rejected',
      )
    }
  })

  test('the release factor must be the one that the core commits to, sealed for this core', async () => {
    const { built, service } = await castOf()
    const other = await castOf({ name: 'cast', epoch: 2, previous: built.coreHash })
    const release = service.identity.sealing.secret
    const bytes = (text: string) => fromBase64url(text) ?? new Uint8Array(0)
    expect((await openFactor({ core: built.core, factor: bytes(built.factor), release })).length).toBe(32)
    for (const input of [
      { core: built.core, factor: bytes(other.built.factor), release },
      { core: other.built.core, factor: bytes(built.factor), release },
      { core: built.core, factor: bytes(built.factor), release: Secret.of(new Uint8Array(32).fill(3)) },
      { core: built.core, factor: new Uint8Array(0), release },
      {
        core: { ...built.core, releaseCommitment: toBase64url(new Uint8Array(32)) },
        factor: bytes(built.factor),
        release,
      },
    ])
      expect(await codeOf(() => openFactor(input))).toBe('commitment_rejected')
  })
})
