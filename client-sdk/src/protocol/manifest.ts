/**
 * Building and reading an epoch of a circle. PROTOCOL.md, "Protect".
 */
import { packBackup } from './backup.ts'
import { toBase64url, utf8 } from './bytes.ts'
import { checkKeyOf } from './check-key.ts'
import type { ContactEntry, Core, ManifestBody, Policy, Verification } from './circle.ts'
import { refuseCore } from './circle-rules.ts'
import { blobHash, coreHash, entryHash } from './core-hash.ts'
import { canonicalize } from './encoding.ts'
import { HoldfastError } from './errors.ts'
import { identityFromSeed, publicHalf } from './identity.ts'
import { deriveKeys, releaseCommitment } from './key-schedule.ts'
import { sealPayload } from './payload.ts'
import { platformRandomness, type Randomness } from './randomness.ts'
import type { PublicIdentity, Signed } from './schema.ts'
import { bytesOf32, sealedFactorContext, sealedShareContext } from './seal-context.ts'
import { SUITE } from './sealing.ts'
import { Secret } from './secret.ts'
import type { Share } from './shares.ts'
import { signMessage } from './signing.ts'

/** A contact as its owner knows it. */
export interface CircleContact {
  readonly account: string
  readonly identity: PublicIdentity
  readonly verified: Verification
}

/** All that an epoch is made of. */
export interface EpochPlan {
  readonly app: string
  readonly account: string
  /** The 32 bytes that are backed up; the owner's keys follow from them. */
  readonly identitySeed: Secret
  /** 16 bytes base64url; stays the same over all epochs of a circle. */
  readonly circle: string
  /** Exceeds every epoch this owner ever signed. */
  readonly epoch: number
  /** H(core) of the last active epoch; null for the first. */
  readonly previous: string | null
  readonly policy: Policy
  readonly vetoKey: string | null
  /** The service's release key. */
  readonly serviceKey: string
  /** In slot order: the first gets slot 1. */
  readonly contacts: readonly CircleContact[]
  /** The app's own bytes, up to 64 KiB. */
  readonly application: Uint8Array
  readonly randomness?: Randomness
}

/** `manifest`, `payload`, `shares` and `factor` are the body of `proposeEpoch`; ciphertexts base64url. */
export interface BuiltEpoch {
  readonly manifest: Signed
  readonly core: Core
  readonly coreHash: string
  readonly payload: string
  readonly shares: readonly { readonly contact: string; readonly sealed: string }[]
  readonly factor: string
  readonly entries: readonly ContactEntry[]
}

const refuseContacts = (plan: EpochPlan, owner: PublicIdentity): void => {
  const accounts = new Set(plan.contacts.map((contact) => contact.account))
  const keys = new Set(plan.contacts.map((contact) => contact.identity.signing))
  // One key under two accounts would hold two shares while it looks like two people.
  if (accounts.size < plan.contacts.length || keys.size < plan.contacts.length)
    throw new HoldfastError('contact_duplicate')
  if (accounts.has(plan.account) || keys.has(owner.signing)) throw new HoldfastError('contact_is_owner')
}

// Before anything is split: the rules look at numbers and equality only, so that stand-ins do for what is not made yet.
const refuseRules = ({ policy, contacts }: EpochPlan): void => {
  const slots = contacts.map(({ verified }, index) => {
    const place = index + 1
    return { slot: place, x: place, checkKey: `key ${place}`, entry: `entry ${place}`, verified }
  })
  const refusal = refuseCore({ policy, slots })
  if (refusal !== null) throw new HoldfastError(refusal)
}

/**
 * Makes one epoch: steps 1–7. Throws `payload_too_large`, `key_rejected` for a contact's or the service's key, or what
 * {@link refuseCore} refuses, without override.
 */
export const buildEpoch = async (plan: EpochPlan): Promise<BuiltEpoch> => {
  const { bytes, seal, split } = plan.randomness ?? platformRandomness
  const identity = await identityFromSeed(plan.identitySeed)
  const owner = publicHalf(identity)
  refuseContacts(plan, owner)
  refuseRules(plan)

  const entries = plan.contacts.map(({ account, identity: keys }, index): ContactEntry => {
    return { account, identity: keys, slot: index + 1, salt: toBase64url(bytes(32)) }
  })
  const backup = packBackup({ identitySeed: plan.identitySeed, application: plan.application, entries })
  // Steps 1 and 2: S split, each share committed to by its check key.
  const secret = Secret.of(bytes(32))
  const releaseFactor = Secret.of(bytes(32))
  const counts = { threshold: plan.policy.threshold, shares: entries.length }
  const shares = await split(secret, counts)
  const core = await coreOf(plan, owner, entries, shares, releaseFactor)

  // Steps 4 and 5.
  const hash = coreHash(core)
  const hashBytes = bytesOf32(hash)
  const { encryptionKey, commitment } = deriveKeys({ coreHash: hashBytes, secret, releaseFactor })
  const keys = { key: encryptionKey, coreHash: hashBytes, commitment, nonce: bytes(24) }
  const payload = sealPayload(backup, keys)
  // Step 6: each share to its contact, R to the service.
  const sealedShares = await Promise.all(
    entries.map((entry, index) => {
      const share = toBase64url((shares[index] as Share).bytes)
      const plaintext = utf8(canonicalize({ entry, share }))
      return seal(entry.identity.sealing, plaintext, sealedShareContext(hash, entry.slot))
    }),
  )
  const factor = await seal(plan.serviceKey, releaseFactor.expose(), sealedFactorContext(hash))
  backup.fill(0)
  for (const share of shares) share.bytes.fill(0)
  for (const spent of [secret, releaseFactor, encryptionKey]) spent.erase()

  const body: ManifestBody = {
    core,
    commitment: toBase64url(commitment),
    payloadHash: blobHash(payload),
    shareHashes: sealedShares.map(blobHash),
    factorHash: blobHash(factor),
  }
  return {
    manifest: await signMessage('manifest', body, identity.signing.seed),
    core,
    coreHash: hash,
    payload: toBase64url(payload),
    shares: sealedShares.map((sealed, index) => ({
      contact: (entries[index] as ContactEntry).account,
      sealed: toBase64url(sealed),
    })),
    factor: toBase64url(factor),
    entries,
  }
}

// Step 3.
const coreOf = async (
  plan: EpochPlan,
  owner: PublicIdentity,
  entries: readonly ContactEntry[],
  shares: readonly Share[],
  releaseFactor: Secret,
): Promise<Core> => {
  const { app, account, circle, epoch, previous, policy, vetoKey, serviceKey } = plan
  const slots = entries.map(async (entry, index) => {
    const share = shares[index] as Share
    const { publicKey, seed } = await checkKeyOf(share, { circle, epoch, slot: entry.slot })
    seed.erase()
    const { verified } = plan.contacts[index] as CircleContact
    return {
      slot: entry.slot,
      x: share.x,
      checkKey: toBase64url(publicKey),
      verified,
      entry: entryHash(entry),
    }
  })
  return {
    version: 1,
    suite: SUITE,
    app,
    account,
    circle,
    epoch,
    previous,
    owner,
    vetoKey,
    policy,
    serviceKey,
    releaseCommitment: toBase64url(releaseCommitment(releaseFactor)),
    pinKey: null,
    slots: await Promise.all(slots),
  }
}
