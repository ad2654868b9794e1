/**
 * What a device remembers between calls, as typed records over the app's storage. Each record is one key, replaced whole.
 */
import * as shape from './protocol/shape.ts'
import { fromBase64url } from './protocol/bytes.ts'
import { HoldfastError } from './protocol/errors.ts'
import { bytes32, epochNumber, id, publicIdentity, signed, slotNumber } from './protocol/schema.ts'
import { verification } from './protocol/circle.ts'
import { Secret } from './protocol/secret.ts'
import type { Storage } from './storage/storage.ts'

/** This device's account. `seed` is the identity seed, `deviceSeed` that of the device key; both secret, base64url. */
export const deviceRecord = shape.strictObject({
  account: id,
  seed: bytes32,
  deviceSeed: bytes32,
  /** False until the service has registered the account. */
  registered: shape.boolean(),
})

/** The service as first seen. */
export const serviceRecord = shape.strictObject({ signing: bytes32, release: bytes32 })

/** Secrets of links that were handed out. `replaces`: the known contact whose keys the answer may replace. */
export const invitationsRecord = shape.array(
  shape.strictObject({ invitation: id, secret: bytes32, replaces: shape.nullable(id) }),
)

/** People the owner can entrust a share to, with keys as far as verified. */
export const contactsRecord = shape.array(
  shape.strictObject({ account: id, identity: publicIdentity, verified: verification }),
)

const pin = shape.strictObject({
  owner: id,
  ownerIdentity: publicIdentity,
  circle: id,
  epoch: epochNumber,
  coreHash: bytes32,
  slot: slotNumber,
  x: shape.integer(1, 255),
  checkKey: bytes32,
  entry: bytes32,
})

/** Owners whose shares this device holds: the keys it knows them by, and the epochs it has seen. */
export const ownersRecord = shape.array(
  shape.strictObject({
    account: id,
    identity: publicIdentity,
    verified: verification,
    active: shape.nullable(pin),
    pending: shape.nullable(pin),
    /** The identity that this owner, believed by voice after a theft, said it would move to. */
    next: shape.nullable(publicIdentity),
  }),
)

/** Comparisons begun as a contact. `attempts` counts codes that could be seen here, and is never lowered. */
export const comparisonsRecord = shape.array(
  shape.strictObject({
    owner: id,
    recovery: id,
    slot: slotNumber,
    /** Hash of the transcript that is compared: this very request, core, slot and check key, and no other. */
    transcript: bytes32,
    mode: shape.oneOf(['codes', 'digits']),
    attempt: shape.integer(1, 3),
    attempts: shape.integer(0, 3),
    nonce: shape.nullable(bytes32),
    requesterNonce: shape.nullable(bytes32),
    state: shape.oneOf(['open', 'confirmed', 'wrong']),
  }),
)

/** Numbers of the newest answers given as a contact: no two answers to one request may carry the same. */
export const answersRecord = shape.array(
  shape.strictObject({
    owner: id,
    recovery: id,
    slot: slotNumber,
    sequence: shape.integer(1, 1_000_000),
  }),
)

/** The request of a requester: its one-use keys (secret), and what it confirmed by voice. */
export const requestRecord = shape.strictObject({
  account: id,
  recovery: id,
  cause: shape.oneOf(['lost', 'stolen']),
  requesterSeed: bytes32,
  /** After theft: seed of the identity that the account moves to. */
  nextSeed: shape.nullable(bytes32),
  deviceSeed: bytes32,
  /** The ticket and the signed request; null until opened. */
  opened: shape.nullable(
    shape.strictObject({ ticket: shape.string(), message: signed, requestHash: bytes32 }),
  ),
  /** H(core) as the service named it at opening; never replaced. */
  coreHash: shape.nullable(bytes32),
  comparisons: shape.array(
    shape.strictObject({
      slot: slotNumber,
      checkKey: bytes32,
      mode: shape.oneOf(['codes', 'digits']),
      attempt: shape.integer(1, 3),
      /** Codes that could be seen here; never lowered. */
      attempts: shape.integer(0, 3),
      commitment: shape.nullable(bytes32),
      nonce: shape.nullable(bytes32),
      /** `dropped`: given up by this side, and never to be confirmed. */
      state: shape.oneOf(['open', 'confirmed', 'wrong', 'dropped']),
    }),
  ),
})

/** What a recovery brought back, kept until the service has it complete and the app has taken it. */
export const recoveredRecord = shape.strictObject({
  account: id,
  recovery: id,
  seed: bytes32,
  payload: shape.string(),
  contacts: contactsRecord,
  coreHash: bytes32,
  epoch: epochNumber,
  liars: shape.array(slotNumber),
  /** Whether the service knows. */
  completed: shape.boolean(),
})

/** How far the owner has read and verified the account's log. */
export const logRecord = shape.strictObject({ sequence: shape.integer(), hash: bytes32 })

/** The owner's own pins: the newest epoch that this device signed, and the newest that it saw active. */
export const circleRecord = shape.strictObject({
  highestEpoch: shape.integer(0, 2 ** 31),
  activeEpoch: shape.integer(0, 2 ** 31),
})

const RECORDS = {
  device: deviceRecord,
  service: serviceRecord,
  invitations: invitationsRecord,
  contacts: contactsRecord,
  owners: ownersRecord,
  comparisons: comparisonsRecord,
  answers: answersRecord,
  request: requestRecord,
  recovered: recoveredRecord,
  log: logRecord,
  circle: circleRecord,
} as const

export type RecordName = keyof typeof RECORDS
export type RecordOf<N extends RecordName> = shape.Infer<(typeof RECORDS)[N]>

const stored = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (cause) {
    throw new HoldfastError('storage_failed', { cause })
  }
}

/** Reads a record; null if it was never written. Throws `storage_failed`, also for one that this version cannot read. */
export const readRecord = <N extends RecordName>(storage: Storage, name: N): Promise<RecordOf<N> | null> =>
  stored(async () => {
    const text = await storage.get(name)
    return text === null ? null : (RECORDS[name].parse(JSON.parse(text)) as RecordOf<N>)
  })

const queues = new WeakMap<Storage, Promise<unknown>>()

// One after another, in this process and, where the storage can, beyond it.
const inTurn = <T>(storage: Storage, work: () => Promise<T>): Promise<T> => {
  const alone = () => (storage.exclusively === undefined ? work() : storage.exclusively(work))
  const done = (queues.get(storage) ?? Promise.resolve()).then(alone)
  queues.set(
    storage,
    done.catch(() => undefined),
  )
  return done
}

/**
 * Replaces a record by what `change` makes of it, durably once resolved, and gives it back; the same object again, or null,
 * writes nothing. Two changes at one time happen one after the other, so that none is lost and a counter counts both.
 * `change` must not change records itself. With the record as it was, throws `storage_failed`, `malformed` for what could not
 * be read again, and what `change` throws.
 */
export const changeRecord = <N extends RecordName, R extends RecordOf<N> | null>(
  storage: Storage,
  name: N,
  change: (current: RecordOf<N> | null) => R | Promise<R>,
): Promise<R> =>
  inTurn(storage, async () => {
    const current = await readRecord(storage, name)
    const next = await change(current)
    if (next === null || next === current) return next
    const text = JSON.stringify(next)
    // Written, it would make this record unreadable for good.
    if (!RECORDS[name].accepts(JSON.parse(text))) throw new HoldfastError('malformed')
    await stored(() => storage.set(name, text))
    return next
  })

/** Removes a record. Throws `storage_failed`. */
export const deleteRecord = (storage: Storage, name: RecordName): Promise<void> =>
  inTurn(storage, () => stored(() => storage.delete(name)))

/** A stored secret as {@link Secret}. */
export const secretOf = (text: string): Secret => {
  const bytes = fromBase64url(text)
  if (bytes === null) throw new HoldfastError('storage_failed')
  return Secret.of(bytes)
}

/** Replaces the item of a list record that `same` finds, or appends it. */
export const upsert = <T>(items: readonly T[] | null, item: T, same: (other: T) => boolean): T[] =>
  items?.some(same) ? items.map((other) => (same(other) ? item : other)) : [...(items ?? []), item]
