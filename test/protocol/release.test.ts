import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  blobHash,
  buildEpoch,
  combineShares,
  coreHash as hashOfCore,
  deriveKeys,
  fromBase64url,
  handFactor,
  manifestBody,
  openFactor,
  openRelease,
  packBackup,
  parseBody,
  publicHalf,
  readRequest,
  sealPayload,
  Secret,
  signMessage,
  toBase64url,
  utf8,
  type ManifestBody,
} from '@holdfast/client/protocol'
import {
  approved,
  APP,
  castOf,
  codeOf,
  compared,
  offered,
  personOf,
  policyOf,
  recovered,
  releasedTo,
  requestOf,
} from '../support/cast.ts'
import { chanceOf } from '../support/chance.ts'
import { handOver, replaced } from '../support/lies.ts'

describe('a recovery that goes well', () => {
  test('gives back the seed, the app’s bytes and the contacts, byte for byte, for random circles', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 6 }).chain((contacts) =>
          fc.record({
            contacts: fc.constant(contacts),
            threshold: fc.integer({ min: 2, max: contacts }),
            application: fc.uint8Array({ maxLength: 3000 }),
            order: fc.shuffledSubarray(
              Array.from({ length: contacts }, (_, i) => i + 1),
              { minLength: contacts },
            ),
          }),
        ),
        async ({ contacts, threshold, application, order }) => {
          const cast = await castOf({ contacts, threshold, application })
          const back = await recovered(cast, order.slice(0, threshold))
          expect(back.identitySeed.expose()).toEqual(cast.owner.seed.expose())
          expect(back.application).toEqual(application)
          expect(back.entries).toEqual(cast.built.entries)
          expect(publicHalf(back.identity)).toEqual(publicHalf(cast.owner.identity))
          expect(back.liars).toEqual([])
        },
      ),
      { numRuns: 15 },
    )
  })

  test('with the platform’s own randomness, at 64 KiB and 5 of 9', async () => {
    const owner = await personOf('owner')
    const service = await personOf('service')
    const contacts = await Promise.all(Array.from({ length: 9 }, (_, i) => personOf(`contact ${i + 1}`)))
    const application = chanceOf('application').bytes(64 * 1024)
    const built = await buildEpoch({
      app: APP,
      account: owner.account,
      identitySeed: owner.seed,
      circle: toBase64url(chanceOf('circle').bytes(16)),
      epoch: 1,
      previous: null,
      policy: policyOf(5, 9),
      vetoKey: null,
      serviceKey: publicHalf(service.identity).sealing,
      contacts: contacts.map(({ account, identity }) => {
        return { account, identity: publicHalf(identity), verified: 'link' as const }
      }),
      application,
    })
    const back = await recovered({ owner, service, contacts, built, name: 'platform' }, [1, 3, 5, 7, 9])
    expect(back.application).toEqual(application)
    expect(back.identitySeed.expose()).toEqual(owner.seed.expose())
  })

  test('more than the threshold: one false share among them is named and does not stop the others', async () => {
    const cast = await castOf({ contacts: 5, threshold: 3 })
    const asked = await requestOf(cast)
    const input = await releasedTo(cast, asked, [1, 2, 3, 4])
    const { share } = await offered(cast, 2)
    const lie = Uint8Array.from(share.bytes)
    lie[0] = (lie[0] as number) ^ 1
    const approvals = replaced(input.release, await handOver(cast, asked, 2, lie))
    const back = await openRelease({ ...input, release: { ...input.release, approvals } })
    expect(back.liars).toEqual([2])
    expect(back.identitySeed.expose()).toEqual(cast.owner.seed.expose())
  })

  test('the newest of a slot’s answers counts, whatever the order', async () => {
    const cast = await castOf()
    const asked = await requestOf(cast)
    const input = await releasedTo(cast, asked, [1, 2])
    const stale = { ...(await handOver(cast, asked, 1, new Uint8Array(33).fill(9))), sequence: 0 }
    for (const approvals of [
      [stale, ...input.release.approvals],
      [...input.release.approvals, stale],
    ])
      expect((await openRelease({ ...input, release: { ...input.release, approvals } })).liars).toEqual([])
  })
})

describe('only what was compared by voice counts', () => {
  test('fewer confirmed than the threshold', async () => {
    const cast = await castOf()
    const input = await releasedTo(cast, await requestOf(cast), [1, 2])
    expect(await codeOf(() => openRelease({ ...input, confirmed: input.confirmed.slice(1) }))).toBe(
      'codes_unconfirmed',
    )
    const twice = [input.confirmed[0], input.confirmed[0]].filter((one) => one !== undefined)
    expect(await codeOf(() => openRelease({ ...input, confirmed: twice }))).toBe('codes_unconfirmed')
  })

  test.each(['requestHash', 'coreHash', 'checkKey'] as const)('a comparison of another %s', async (field) => {
    const cast = await castOf()
    const input = await releasedTo(cast, await requestOf(cast), [1, 2])
    const other = toBase64url(chanceOf('another').bytes(32))
    const confirmed = input.confirmed.map((one, i) => (i === 0 ? { ...one, [field]: other } : one))
    expect(await codeOf(() => openRelease({ ...input, confirmed }))).toBe('codes_unconfirmed')
  })

  test('a comparison of a slot that the core does not have', async () => {
    const cast = await castOf()
    const input = await releasedTo(cast, await requestOf(cast), [1, 2])
    const confirmed = input.confirmed.map((one, i) => (i === 0 ? { ...one, slot: 4 } : one))
    expect(await codeOf(() => openRelease({ ...input, confirmed }))).toBe('codes_unconfirmed')
  })

  test('a share of a slot that was not confirmed does not count', async () => {
    const cast = await castOf()
    const input = await releasedTo(cast, await requestOf(cast), [1, 2, 3])
    const release = { ...input.release, approvals: input.release.approvals.slice(1) }
    expect(
      await codeOf(() => openRelease({ ...input, release, confirmed: input.confirmed.slice(0, 2) })),
    ).toBe('too_few_shares')
  })

  test('a false core, consistent in itself, of a circle that the service made up', async () => {
    const cast = await castOf()
    const asked = await requestOf(cast)
    const input = await releasedTo(cast, asked, [1, 2])
    const fake = await releasedTo(
      await castOf({ name: 'made up', account: cast.owner.account }),
      asked,
      [1, 2],
    )
    expect(await codeOf(() => openRelease({ ...input, release: fake.release }))).toBe('codes_unconfirmed')
  })

  test('the same core under another key’s signature', async () => {
    const cast = await castOf()
    const input = await releasedTo(cast, await requestOf(cast), [1, 2])
    const thief = await personOf('thief')
    const body = parseBody(input.release.manifest.body, manifestBody)
    const manifest = await signMessage('manifest', body, thief.identity.signing.seed)
    expect(await codeOf(() => openRelease({ ...input, release: { ...input.release, manifest } }))).toBe(
      'signature_rejected',
    )
  })
})

describe('a backup that is not what it promises', () => {
  test('a payload that is not the one that the owner named, though it opens', async () => {
    const cast = await castOf()
    const input = await releasedTo(cast, await requestOf(cast), [1, 2])
    const body = parseBody(input.release.manifest.body, manifestBody)
    const named = { ...body, payloadHash: body.factorHash }
    const manifest = await signMessage('manifest', named, cast.owner.identity.signing.seed)
    expect(await codeOf(() => openRelease({ ...input, release: { ...input.release, manifest } }))).toBe(
      'backup_damaged',
    )
  })

  test('two keys for one ciphertext: what does not fit kc is not opened', async () => {
    // The owner's own keys sign here: a payload under another key than S and R give, with the kc of that other key.
    const cast = await castOf()
    const input = await releasedTo(cast, await requestOf(cast), [1, 2])
    const body = parseBody(input.release.manifest.body, manifestBody)
    const coreHash = fromBase64url(hashOfCore(body.core)) ?? new Uint8Array(0)
    const other = Secret.of(chanceOf('other').bytes(32))
    const keys = deriveKeys({ coreHash, secret: other, releaseFactor: other })
    const payload = sealPayload(utf8('other'), {
      key: keys.encryptionKey,
      coreHash,
      commitment: keys.commitment,
      nonce: chanceOf('nonce').bytes(24),
    })
    const changed: ManifestBody = {
      ...body,
      commitment: toBase64url(keys.commitment),
      payloadHash: blobHash(payload),
    }
    const manifest = await signMessage('manifest', changed, cast.owner.identity.signing.seed)
    const release = { ...input.release, manifest, payload: toBase64url(payload) }
    expect(await codeOf(() => openRelease({ ...input, release }))).toBe('backup_damaged')
  })

  test('a seed that does not give the owner’s keys', async () => {
    const cast = await castOf()
    const input = await releasedTo(cast, await requestOf(cast), [1, 2])
    const { share: a } = await offered(cast, 1)
    const { share: b } = await offered(cast, 2)
    const body = parseBody(input.release.manifest.body, manifestBody)
    const xs = body.core.slots.map((slot) => slot.x)
    const secret = await combineShares([a, b], { threshold: 2, xs })
    const factor = fromBase64url(cast.built.factor) ?? new Uint8Array(0)
    const release = cast.service.identity.sealing.secret
    const releaseFactor = await openFactor({ core: body.core, factor, release })
    const coreHash = fromBase64url(hashOfCore(body.core)) ?? new Uint8Array(0)
    const { encryptionKey, commitment } = deriveKeys({ coreHash, secret, releaseFactor })
    const plaintext = packBackup({
      identitySeed: Secret.of(new Uint8Array(32).fill(1)),
      application: new Uint8Array(0),
      entries: [],
    })
    const nonce = chanceOf('nonce').bytes(24)
    const payload = sealPayload(plaintext, { key: encryptionKey, coreHash, commitment, nonce })
    const changed = { ...body, payloadHash: blobHash(payload) }
    const manifest = await signMessage('manifest', changed, cast.owner.identity.signing.seed)
    const view = { ...input.release, manifest, payload: toBase64url(payload) }
    expect(await codeOf(() => openRelease({ ...input, release: view }))).toBe('backup_damaged')
  })

  test('t contacts without the release factor have nothing', async () => {
    const cast = await castOf()
    const input = await releasedTo(cast, await requestOf(cast), [1, 2])
    const { requester, requestHash } = await readRequest((await requestOf(cast)).request)
    const coreHash = cast.built.coreHash
    const factor = await handFactor({ factor: Secret.random(32), requester, coreHash, requestHash })
    expect(await codeOf(() => openRelease({ ...input, release: { ...input.release, factor } }))).toBe(
      'backup_damaged',
    )
  })
})

test('approvals of two comparisons are not interchangeable between contacts', async () => {
  const cast = await castOf()
  const asked = await requestOf(cast)
  const { byContact } = await compared(cast, asked, 1)
  expect(await codeOf(() => approved(cast, asked, 2, byContact))).toBe('codes_unconfirmed')
})
