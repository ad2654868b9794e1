import { describe, expect, test } from 'vitest'
import {
  canonicalize,
  checkOffer,
  coreHash as hashOfCore,
  countersign,
  manifestBody,
  NO_PINS,
  openShare,
  parseBody,
  pinActive,
  pinOf,
  pinPending,
  publicHalf,
  readChangeCancel,
  readCountersign,
  readDeletion,
  readSlotDecline,
  sealedShareContext,
  sealTo,
  signAcceptance,
  signActivation,
  signChangeCancel,
  signDeletion,
  signMessage,
  signSlotDecline,
  toBase64url,
  utf8,
  verifyAcceptance,
  verifyActivation,
  type ActivationBody,
} from '@holdfast/client/protocol'
import { castOf, codeOf, contactAt, offered, offerOf, personOf, type Cast } from '../support/cast.ts'

const acceptanceAt = async (cast: Cast, slot: number) => {
  const { account, identity } = contactAt(cast, slot)
  const { pin, checkKey } = await offered(cast, slot)
  const signed = await signAcceptance({ pin, checkKey, account, identity })
  const { owner, circle, epoch, coreHash } = pin
  return {
    ...signed,
    owner,
    circle,
    epoch,
    coreHash,
    slot,
    checkKey: pin.checkKey,
    contact: account,
    contactSigning: publicHalf(identity).signing,
  }
}

const recordOf = async (cast: Cast, slots: readonly number[]): Promise<ActivationBody> => {
  const proofs = await Promise.all(
    slots.map(async (slot) => ({ slot, signature: (await acceptanceAt(cast, slot)).proof })),
  )
  const { account, circle, epoch } = cast.built.core
  return { account, circle, epoch, coreHash: cast.built.coreHash, activatedAt: 5, proofs }
}

describe('an offer', () => {
  test('opens for its contact, and pins what the core says', async () => {
    const cast = await castOf()
    const { core, pin, entry, share } = await offered(cast, 2)
    expect(core).toEqual(cast.built.core)
    expect(pin).toEqual(pinOf(core, cast.built.coreHash, 2))
    expect(entry).toEqual(cast.built.entries[1])
    expect(share.x).toBe(pin.x)
  })

  test('does not open for another contact, in another slot, or with another share', async () => {
    const cast = await castOf()
    const offer = offerOf(cast, 1)
    const other = contactAt(cast, 2)
    for (const change of [
      { account: other.account, identity: other.identity },
      { account: other.account },
      { identity: other.identity },
      { slot: 2 },
      { slot: 9 },
      { slot: 2, sealed: cast.built.shares[1]?.sealed ?? '' },
      { sealed: cast.built.shares[1]?.sealed ?? '' },
      { sealed: '' },
      { sealed: '!' },
      { owner: other.account },
      { coreHash: toBase64url(new Uint8Array(32)) },
    ])
      expect(await codeOf(() => checkOffer({ ...offer, ...change }))).toBe('share_rejected')
  })

  test('sealed anew by somebody else is not the one that the owner signed', async () => {
    const cast = await castOf()
    const { identity } = contactAt(cast, 1)
    const { entry, share } = await offered(cast, 1)
    const plaintext = utf8(canonicalize({ entry, share: toBase64url(share.bytes) }))
    const context = sealedShareContext(cast.built.coreHash, 1)
    const sealed = toBase64url(await sealTo(publicHalf(identity).sealing, plaintext, context))
    expect(await codeOf(() => checkOffer({ ...offerOf(cast, 1), sealed }))).toBe('share_rejected')
  })

  test('of an owner whose key this contact does not know', async () => {
    const cast = await castOf()
    const thief = await castOf({ name: 'thief', account: cast.owner.account })
    const { manifest } = thief.built
    expect(await codeOf(() => checkOffer({ ...offerOf(cast, 1), manifest }))).toBe('signature_rejected')
  })

  test('older than the pins, or of a chain that begins anew', async () => {
    const first = await castOf()
    const second = await castOf({ epoch: 2, previous: first.built.coreHash })
    const fourth = await castOf({ epoch: 4, previous: second.built.coreHash })
    const restart = await castOf({ epoch: 5, previous: null })
    const pin = async (cast: Cast) => (await offered(cast, 1)).pin
    const pins = { active: await pin(second), pending: await pin(fourth) }
    const tried = async (cast: Cast) => codeOf(() => checkOffer({ ...offerOf(cast, 1), pins }))
    expect(await tried(first)).toBe('stale_circle')
    expect(await tried(await castOf({ epoch: 3, previous: second.built.coreHash }))).toBe('stale_circle')
    expect(await tried(restart)).toBe('stale_circle')
    expect(await tried(second)).toBe('accepted')
    expect(await tried(fourth)).toBe('accepted')
    expect(await tried(await castOf({ epoch: 6, previous: second.built.coreHash }))).toBe('accepted')
    // The same number, another core: only one epoch ever has a number.
    expect(await tried(await castOf({ epoch: 4, previous: second.built.coreHash, threshold: 3 }))).toBe(
      'stale_circle',
    )
  })

  test('that breaks the rules of every circle is not accepted, whoever signed it', async () => {
    const cast = await castOf()
    const body = parseBody(cast.built.manifest.body, manifestBody)
    const slots = body.core.slots.map((slot) => ({ ...slot, verified: 'none' as const }))
    const core = { ...body.core, slots }
    const manifest = await signMessage('manifest', { ...body, core }, cast.owner.identity.signing.seed)
    expect(
      await codeOf(() => checkOffer({ ...offerOf(cast, 1), manifest, coreHash: hashOfCore(core) })),
    ).toBe('share_rejected')
  })
})

describe('pins', () => {
  test('a pending epoch takes over when it is active, and only that one', async () => {
    const cast = await castOf()
    const { pin } = await offered(cast, 1)
    const record = await recordOf(cast, [1, 2, 3])
    const pending = pinPending(NO_PINS, pin)
    expect(pending).toEqual({ active: null, pending: pin })
    const active = pinActive(pending, record)
    expect(active).toEqual({ active: pin, pending: null })
    expect(pinActive(active, record)).toEqual(active)
    expect(pinPending(active, pin)).toEqual(active)
    expect(await codeOf(() => pinActive(NO_PINS, record))).toBe('stale_circle')
    expect(await codeOf(() => pinPending(active, { ...pin, coreHash: 'another' }))).toBe('stale_circle')
    const later = { ...pin, epoch: 2, coreHash: 'later' }
    expect(pinPending(active, later)).toEqual({ active: pin, pending: later })
  })

  test('a share that does not fit the pin does not open', async () => {
    const cast = await castOf()
    const { account, identity } = contactAt(cast, 1)
    const { pin } = await offered(cast, 1)
    const sealed = cast.built.shares[0]?.sealed ?? ''
    const zero = toBase64url(new Uint8Array(32))
    for (const change of [
      { epoch: 2 },
      { circle: zero },
      { coreHash: zero },
      { slot: 2 },
      { x: 1 },
      { checkKey: zero },
      { entry: zero },
    ])
      expect(await codeOf(() => openShare({ pin: { ...pin, ...change }, sealed, account, identity }))).toBe(
        'share_rejected',
      )
  })
})

describe('an acceptance', () => {
  test('is about one slot of one epoch of one circle', async () => {
    const cast = await castOf()
    const input = await acceptanceAt(cast, 1)
    expect((await verifyAcceptance(input)).slot).toBe(1)
    const zero = toBase64url(new Uint8Array(16))
    for (const change of [
      { owner: zero },
      { circle: zero },
      { epoch: 2 },
      { coreHash: zero },
      { slot: 2 },
      { contact: zero },
    ])
      expect(await codeOf(() => verifyAcceptance({ ...input, ...change }))).toBe('acceptance_rejected')
  })

  test('needs the contact’s key and the share’s', async () => {
    const cast = await castOf()
    const input = await acceptanceAt(cast, 1)
    const other = await acceptanceAt(cast, 2)
    for (const change of [
      { contactSigning: other.contactSigning },
      { proof: other.proof },
      { checkKey: other.checkKey },
      { proof: input.message.signature },
    ])
      expect(await codeOf(() => verifyAcceptance({ ...input, ...change }))).toBe('signature_rejected')
  })
})

describe('an activation', () => {
  test('shows as many acceptances as the policy asks', async () => {
    const cast = await castOf({ contacts: 4, threshold: 2 })
    const { seed } = cast.service.identity.signing
    const service = publicHalf(cast.service.identity).signing
    const { core } = cast.built
    const tried = async (body: ActivationBody) =>
      codeOf(async () => verifyActivation({ record: await signActivation(body, seed), core, service }))
    const record = await recordOf(cast, [1, 3, 4])
    type Proof = ActivationBody['proofs'][number]
    const [one, two, three] = record.proofs as [Proof, Proof, Proof]
    expect(await tried(record)).toBe('accepted')
    expect(await tried({ ...record, proofs: [one, two] })).toBe('activation_rejected')
    expect(await tried({ ...record, proofs: [one, two, two] })).toBe('activation_rejected')
    expect(await tried({ ...record, proofs: [one, two, three, three] })).toBe('activation_rejected')
    expect(await tried({ ...record, proofs: [one, two, { ...three, slot: 2 }] })).toBe('activation_rejected')
    expect(await tried({ ...record, proofs: [one, two, { ...three, slot: 9 }] })).toBe('activation_rejected')
    expect(await tried({ ...record, epoch: 2 })).toBe('activation_rejected')
    expect(await tried({ ...record, account: toBase64url(new Uint8Array(16)) })).toBe('activation_rejected')
    expect(await tried({ ...record, circle: toBase64url(new Uint8Array(16)) })).toBe('activation_rejected')
    expect(await tried({ ...record, coreHash: toBase64url(new Uint8Array(32)) })).toBe('activation_rejected')
  })

  test('is signed by the service that this device knows', async () => {
    const cast = await castOf()
    const record = await signActivation(await recordOf(cast, [1, 2, 3]), cast.owner.identity.signing.seed)
    const service = publicHalf(cast.service.identity).signing
    expect(await codeOf(() => verifyActivation({ record, core: cast.built.core, service }))).toBe(
      'signature_rejected',
    )
  })
})

test('decline, countersignature, cancellation and deletion come back as they were signed, under their own key only', async () => {
  const cast = await castOf()
  const { account, identity } = contactAt(cast, 1)
  const veto = await personOf('veto key')
  const { coreHash } = cast.built
  const { circle, epoch } = cast.built.core
  const owner = cast.owner.account
  const key = publicHalf(identity).signing
  const ownerKey = publicHalf(cast.owner.identity).signing
  const vetoKey = publicHalf(veto.identity).signing
  const decline = await signSlotDecline({ owner, coreHash, slot: 1, account, identity })
  expect(await readSlotDecline(decline.message, key)).toEqual({ owner, coreHash, slot: 1, contact: account })
  expect(await codeOf(() => readSlotDecline(decline.message, ownerKey))).toBe('signature_rejected')
  const consent = await countersign({ owner, activeCoreHash: coreHash, slot: 1, coreHash, account, identity })
  expect((await readCountersign(consent.message, key)).contact).toBe(account)
  expect(await codeOf(() => readCountersign(consent.message, ownerKey))).toBe('signature_rejected')
  // One type is never taken for another, though both bodies might fit.
  expect(await codeOf(() => readSlotDecline(consent.message, key))).toBe('signature_rejected')
  const cancel = await signChangeCancel({ account: owner, coreHash, seed: veto.identity.signing.seed })
  expect(await readChangeCancel(cancel.message, vetoKey)).toEqual({ account: owner, coreHash })
  expect(await codeOf(() => readChangeCancel(cancel.message, ownerKey))).toBe('signature_rejected')
  const deletion = await signDeletion({
    account: owner,
    circle,
    epoch,
    coreHash,
    identity: cast.owner.identity,
  })
  expect((await readDeletion(deletion.message, ownerKey)).epoch).toBe(1)
  expect(await codeOf(() => readDeletion(deletion.message, vetoKey))).toBe('signature_rejected')
})
