/**
 * The primitives that each operation cannot do without, called one after the other with inputs of the same sizes and nothing
 * around them: what a hand-written program for this one purpose could reach. Keys are new every time here too.
 */
import { randomBytes } from '@holdfast/client/protocol'
import { combine, split } from 'shamir-secret-sharing'
import { hkdfExpandWith, keyPairOf, platform, suiteOver } from './parts.ts'
import type { Size } from './people.ts'

/** Lengths of the texts and ciphertexts of one circle, as it is really made. */
export interface Lengths {
  readonly core: number
  readonly manifest: number
  readonly entry: number
  /** Plaintext of a share as the owner seals it, and as a contact hands it over. */
  readonly share: number
  readonly handed: number
  /** Padded. */
  readonly payload: number
  readonly request: number
  /** Any of the short signed texts. */
  readonly statement: number
}

const suite = suiteOver(platform)
const INFO = new Uint8Array(96)
const AAD = new Uint8Array(0)
const PAYLOAD_AAD = new Uint8Array(96)
const SALT = new Uint8Array(32)

const { hmac, sha256 } = platform
const hkdf = (ikm: Uint8Array): Uint8Array => hkdfExpandWith(hmac, hmac(SALT, ikm), INFO, 32)

const seal = async (publicKey: Uint8Array, length: number): Promise<Uint8Array> => {
  const recipient = await suite.DeserializePublicKey(publicKey)
  const { encapsulatedSecret, ciphertext } = await suite.Seal(recipient, new Uint8Array(length), {
    info: INFO,
    aad: AAD,
  })
  const sealed = new Uint8Array(32 + ciphertext.length)
  sealed.set(encapsulatedSecret)
  sealed.set(ciphertext, 32)
  return sealed
}

type SealingHandle = Awaited<ReturnType<typeof platform.sealingKey>>
const open = (handle: SealingHandle, sealed: Uint8Array): Promise<Uint8Array> =>
  suite.Open(keyPairOf(handle), sealed.subarray(0, 32), sealed.subarray(32), { info: INFO, aad: AAD })

/** Verifies under a key that was never seen before. */
const verify = async ({ key, text, signature }: SignedText): Promise<void> => {
  if (!platform.isTorsionFree(key)) throw new Error('not torsion-free')
  await verifyUnder(key, text, signature)
}

const verifyUnder = async (key: Uint8Array, text: Uint8Array, signature: Uint8Array): Promise<void> => {
  if (!(await (await platform.verifyingKey(key)).verify(text, signature))) throw new Error('not signed')
}

interface SignedText {
  readonly key: Uint8Array
  readonly text: Uint8Array
  readonly signature: Uint8Array
}

const signedText = async (length: number, seed = randomBytes(32)): Promise<SignedText> => {
  const handle = await platform.signingKey(seed)
  const text = randomBytes(length)
  return { key: handle.publicKey, text, signature: await handle.sign(text) }
}

const publicKey = async (secret: Uint8Array): Promise<Uint8Array> =>
  (await platform.sealingKey(secret)).publicKey

const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)))

/** Keys of an identity from its seed. */
const identity = async (seed: Uint8Array) => ({
  signing: await platform.signingKey(hkdf(seed)),
  sealing: await platform.sealingKey(hkdf(seed)),
})

/**
 * n + 1 signing keys, 1 sealing key, 1 split, n + 1 seals, 1 AEAD, 1 signature, hashes. Trying every subset at set-up is left
 * out: it is ours to do, but no primitive.
 */
export const protectFloor = ({ threshold, contacts: n }: Size, lengths: Lengths) => ({
  prepare: async () => ({
    seed: randomBytes(32),
    key: randomBytes(32),
    recipients: await times(n + 1, async () => publicKey(randomBytes(32))),
  }),
  async run({ seed, key, recipients }: { seed: Uint8Array; key: Uint8Array; recipients: Uint8Array[] }) {
    const { signing } = await identity(seed)
    const shares = await split(key, n, threshold)
    for (const share of shares) {
      await platform.signingKey(hkdf(share))
      sha256(new Uint8Array(lengths.entry))
    }
    sha256(new Uint8Array(lengths.core))
    sha256(key)
    hmac(SALT, key)
    hmac(SALT, key)
    hmac(SALT, key)
    const payload = platform.xchachaSeal(key, randomBytes(24), PAYLOAD_AAD, new Uint8Array(lengths.payload))
    sha256(payload)
    for (const [index, recipient] of recipients.entries())
      sha256(await seal(recipient, index < n ? lengths.share : 32))
    await signing.sign(new Uint8Array(lengths.manifest))
  },
})

/** 1 verification, 1 open, 2 signing keys, 1 sealing key, 2 signatures, hashes. */
export const acceptFloor = (lengths: Lengths) => ({
  async prepare() {
    const sealing = randomBytes(32)
    return {
      manifest: await signedText(lengths.manifest),
      sealed: await seal(await publicKey(sealing), lengths.share),
      sealing,
      signing: randomBytes(32),
      share: randomBytes(33),
    }
  },
  async run(input: {
    manifest: SignedText
    sealed: Uint8Array
    sealing: Uint8Array
    signing: Uint8Array
    share: Uint8Array
  }) {
    await verify(input.manifest)
    sha256(new Uint8Array(lengths.core))
    sha256(input.sealed)
    await open(await platform.sealingKey(input.sealing), input.sealed)
    sha256(new Uint8Array(lengths.entry))
    const checkKey = await platform.signingKey(hkdf(input.share))
    await (await platform.signingKey(input.signing)).sign(new Uint8Array(lengths.statement))
    await checkKey.sign(new Uint8Array(lengths.statement))
  },
})

/** 1 verification, 1 open, 1 seal, 2 signing keys, 1 sealing key, 2 signatures, hashes. */
export const approveFloor = (lengths: Lengths) => ({
  async prepare() {
    const sealing = randomBytes(32)
    return {
      request: await signedText(lengths.request),
      sealed: await seal(await publicKey(sealing), lengths.share),
      sealing,
      signing: randomBytes(32),
      share: randomBytes(33),
      requester: await publicKey(randomBytes(32)),
    }
  },
  async run(input: {
    request: SignedText
    sealed: Uint8Array
    sealing: Uint8Array
    signing: Uint8Array
    share: Uint8Array
    requester: Uint8Array
  }) {
    await verify(input.request)
    sha256(input.request.text)
    await open(await platform.sealingKey(input.sealing), input.sealed)
    sha256(new Uint8Array(lengths.entry))
    const checkKey = await platform.signingKey(hkdf(input.share))
    sha256(await seal(input.requester, lengths.handed))
    await (await platform.signingKey(input.signing)).sign(new Uint8Array(lengths.statement))
    await checkKey.sign(new Uint8Array(lengths.statement))
  },
})

/**
 * t + 1 verifications, t + 1 opens, t + 3 signing keys, 2 sealing keys, 1 combination, 1 AEAD, 3 signatures, hashes. That a
 * check key is sound follows from its share: only the owner's key needs that look.
 */
export const recoverFloor = ({ threshold: t, contacts: n }: Size, lengths: Lengths) => ({
  async prepare() {
    const sealing = randomBytes(32)
    const requester = await publicKey(sealing)
    const [key, nonce] = [randomBytes(32), randomBytes(24)]
    const shares = (await split(key, n, t)).slice(0, t)
    return {
      manifest: await signedText(lengths.manifest),
      sealing,
      factor: await seal(requester, 32),
      approvals: await times(t, async (index) => {
        const proof = await signedText(lengths.statement, hkdf(shares[index] as Uint8Array))
        return { sealed: await seal(requester, lengths.handed), share: shares[index] as Uint8Array, proof }
      }),
      key,
      nonce,
      payload: platform.xchachaSeal(key, nonce, PAYLOAD_AAD, new Uint8Array(lengths.payload)),
      seeds: { signing: randomBytes(32), identity: randomBytes(32), device: randomBytes(32) },
    }
  },
  async run(input: {
    manifest: SignedText
    sealing: Uint8Array
    factor: Uint8Array
    approvals: { sealed: Uint8Array; share: Uint8Array; proof: SignedText }[]
    key: Uint8Array
    nonce: Uint8Array
    payload: Uint8Array
    seeds: { signing: Uint8Array; identity: Uint8Array; device: Uint8Array }
  }) {
    const { key, nonce, payload, seeds } = input
    sha256(new Uint8Array(lengths.core))
    await verify(input.manifest)
    sha256(payload)
    const sealing = await platform.sealingKey(input.sealing)
    await open(sealing, input.factor)
    sha256(key)
    for (const { sealed, share, proof } of input.approvals) {
      sha256(sealed)
      await open(sealing, sealed)
      await platform.signingKey(hkdf(share))
      await verifyUnder(proof.key, proof.text, proof.signature)
    }
    await combine(input.approvals.map(({ share }) => share))
    hmac(SALT, key)
    hmac(SALT, key)
    hmac(SALT, key)
    platform.xchachaOpen(key, nonce, PAYLOAD_AAD, payload)
    const { signing } = await identity(seeds.identity)
    await platform.signingKey(seeds.device)
    await signing.sign(new Uint8Array(lengths.statement))
    await signing.sign(new Uint8Array(lengths.statement))
    await (await platform.signingKey(seeds.signing)).sign(new Uint8Array(lengths.statement))
  },
})
