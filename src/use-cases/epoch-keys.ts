/**
 * The key of an epoch in the key store, and the release factor under it.
 */
import { type Core, HoldfastError, Secret } from '@holdfast/client/protocol'
import type { Account, Recovery } from '../domain/account.ts'
import { unwrapFactor, wrapFactor } from './factor-wrap.ts'
import type { Deps } from './use-cases.ts'

type Store = Pick<Deps, 'keyStore' | 'random'>

/**
 * Wraps the factor under the key of its epoch, which is durable when this returns. A key that stands already is used again:
 * replacing it would leave what was wrapped under it unreadable. Throws `epoch_rejected` below the high-water mark.
 */
export const keepFactor = async (
  deps: Store,
  factor: Secret,
  { account, circle, epoch, coreHash }: Core & { readonly coreHash: string },
): Promise<string> => {
  const key = await epochKey(deps, account, epoch)
  try {
    return wrapFactor(factor, key, { account, circle, epoch, coreHash }, deps.random)
  } finally {
    key.erase()
  }
}

const epochKey = async ({ keyStore, random }: Store, account: string, epoch: number): Promise<Secret> => {
  const standing = await keyStore.read(account, epoch)
  if (standing !== null) return standing
  const bytes = random.bytes(32)
  const key = Secret.of(bytes)
  bytes.fill(0)
  try {
    await keyStore.keep(account, epoch, key)
    return key
  } catch (error) {
    key.erase()
    // Another process kept one in between.
    const theirs = await keyStore.read(account, epoch)
    if (theirs === null) throw error
    return theirs
  }
}

/**
 * The release factor of a request that was released, to be erased by the caller. Throws `recovery_ended` where it was erased,
 * also where records from a backup know nothing of that: the high-water mark lies beside the keys.
 */
export const releasedFactor = async (
  { keyStore }: Pick<Deps, 'keyStore'>,
  account: Account,
  recovery: Recovery,
): Promise<Secret> => {
  const { epoch, coreHash } = recovery
  const { active } = account.circle
  const isActive = active !== null && active.epoch === epoch && active.coreHash === coreHash
  const key =
    isActive && (await isReleasable({ keyStore }, account.id, recovery))
      ? await keyStore.read(account.id, epoch)
      : null
  if (key === null || !isActive) throw new HoldfastError('recovery_ended')
  try {
    const { circle } = active
    return unwrapFactor(active.wrappedFactor, key, { account: account.id, circle, epoch, coreHash })
  } finally {
    key.erase()
  }
}

/**
 * Whether what lies beside the keys allows it, whatever the records say: the epoch has not fallen below the high-water mark, and
 * the request is not known to have ended.
 */
export const isReleasable = async (
  { keyStore }: Pick<Deps, 'keyStore'>,
  account: string,
  { epoch, recovery }: Pick<Recovery, 'epoch' | 'recovery'>,
): Promise<boolean> => {
  const [mark, isEnded] = await Promise.all([
    keyStore.highWater(account),
    keyStore.isEnded(account, recovery),
  ])
  return mark <= epoch && !isEnded
}

/**
 * Whether this step puts an epoch into effect whose key is gone. It was withdrawn or replaced, and only records restored from a
 * backup do not know that: it could never be released, and would end the circle that is.
 */
export const revives = async (
  { keyStore }: Pick<Deps, 'keyStore'>,
  { id, circle: { pending } }: Account,
  after: Account,
): Promise<boolean> => {
  if (pending === null || after.circle.active?.epoch !== pending.epoch) return false
  const key = await keyStore.read(id, pending.epoch)
  key?.erase()
  return key === null
}
