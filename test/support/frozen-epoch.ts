import {
  buildEpoch,
  checkKeyOf,
  coreHash,
  deriveKeys,
  entryHash,
  fromBase64url,
  hkdfExtract,
  lengthPrefixed,
  concat,
  publicHalf,
  Secret,
  sealedFactorContext,
  sealedShareContext,
  toBase64url,
  toHex,
  type Json,
  type Share,
} from '@holdfast/client/protocol'
import { APP, personOf, policyOf, type Cast } from './cast.ts'
import { chanceOf } from './chance.ts'

export const bytesOf = (text: string): Uint8Array => fromBase64url(text) ?? new Uint8Array(0)

/** The cast of all frozen vectors: 2 of 3, on fixed chance; every draw is kept. */
export const frozenEpoch = async (): Promise<{
  readonly cast: Cast
  readonly vector: Json
  readonly releaseFactor: Uint8Array
}> => {
  const name = 'vector'
  const owner = await personOf(`${name}/owner`)
  const service = await personOf(`${name}/service`)
  const contacts = await Promise.all([1, 2, 3].map((slot) => personOf(`${name}/contact ${slot}`)))
  const chance = chanceOf(`${name}/epoch`)
  const drawn: Uint8Array[] = []
  let secret = new Uint8Array(0)
  let shares: readonly Share[] = []
  const built = await buildEpoch({
    app: APP,
    account: owner.account,
    identitySeed: owner.seed,
    circle: toBase64url(chanceOf(`${name}/circle`).bytes(16)),
    epoch: 1,
    previous: null,
    policy: policyOf(2, 3),
    vetoKey: publicHalf((await personOf(`${name}/veto`)).identity).signing,
    serviceKey: publicHalf(service.identity).sealing,
    contacts: contacts.map(({ account, identity }) => {
      return { account, identity: publicHalf(identity), verified: 'link' as const }
    }),
    application: new TextEncoder().encode('the app’s own bytes'),
    randomness: {
      bytes(length) {
        const bytes = chance.bytes(length)
        drawn.push(Uint8Array.from(bytes))
        return bytes
      },
      async split(whole, counts) {
        secret = Uint8Array.from(whole.expose())
        const made = await chance.split(whole, counts)
        shares = made.map(({ x, bytes }) => ({ x, bytes: Uint8Array.from(bytes) }))
        return made
      },
      seal: chance.seal,
    },
  })
  const { core } = built
  // Draws: three salts, S, R, the payload's nonce.
  const releaseFactor = drawn[4] ?? new Uint8Array(0)
  const hash = bytesOf(built.coreHash)
  const keys = deriveKeys({
    coreHash: hash,
    secret: Secret.of(secret),
    releaseFactor: Secret.of(releaseFactor),
  })
  const ikm = concat(...[secret, releaseFactor, new Uint8Array(0)].map(lengthPrefixed))
  const slots = await Promise.all(
    built.entries.map(async (entry, index) => {
      const share = shares[index] as Share
      const checkKey = await checkKeyOf(share, { circle: core.circle, epoch: core.epoch, slot: entry.slot })
      return {
        slot: entry.slot,
        contactSeed: toBase64url(contacts[index]?.seed.expose() ?? new Uint8Array(0)),
        entry,
        entryHash: entryHash(entry),
        share: toBase64url(share.bytes),
        checkKeySeed: toBase64url(checkKey.seed.expose()),
        checkKey: toBase64url(checkKey.publicKey),
        info: toHex(sealedShareContext(built.coreHash, entry.slot).info),
        sealed: built.shares[index]?.sealed ?? '',
      }
    }),
  )
  const vector = {
    ownerSeed: toBase64url(owner.seed.expose()),
    serviceReleaseSecret: toBase64url(service.identity.sealing.secret.expose()),
    application: toBase64url(new TextEncoder().encode('the app’s own bytes')),
    secret: toBase64url(secret),
    releaseFactor: toBase64url(releaseFactor),
    slots,
    core,
    coreHash: coreHash(core),
    prk: toBase64url(hkdfExtract(ikm, hash)),
    encryptionKey: toBase64url(keys.encryptionKey.expose()),
    keyCommitment: toBase64url(keys.commitment),
    payload: built.payload,
    factorInfo: toHex(sealedFactorContext(built.coreHash).info),
    factor: built.factor,
    manifest: built.manifest,
  } as unknown as Json
  return { cast: { owner, service, contacts, built, name }, vector, releaseFactor }
}
