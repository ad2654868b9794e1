/**
 * Which circles may exist, and about which a person should think again. PROTOCOL.md, "Protect". The SDK refuses before it
 * uploads, the service before it stores, both by this one file.
 */
import { fromBase64url } from './bytes.ts'
import type { Core } from './circle.ts'
import type { ErrorCode } from './errors.ts'
import { acceptableIdentity } from './identity.ts'
import { acceptablePublicKey } from './public-keys.ts'

/** n, at most. */
export const MAX_CONTACTS = 32
/** From this n on, two contacts are few: `few-needed`. */
const MANY_CONTACTS = 5

/** The part of a core that the rules read: enough to ask before any key is made. */
export type CoreShape = Pick<Core, 'policy' | 'slots'>

const isDistinct = (values: readonly (number | string)[]): boolean => new Set(values).size === values.length
const isBetween = (value: number, min: number, max: number): boolean =>
  Number.isSafeInteger(value) && value >= min && value <= max

const unverifiedOf = ({ slots }: CoreShape): readonly number[] =>
  slots.filter(({ verified }) => verified === 'none').map(({ slot }) => slot)

/**
 * The fewest acceptances that may make an epoch active: one more than are needed to recover, so that a single contact who
 * falls away right after activation does not lose the secret.
 */
export const fewestAcceptances = (threshold: number, contacts: number): number =>
  Math.min(contacts, threshold + 1)

const refusePolicy = ({ policy, slots }: CoreShape): ErrorCode | null => {
  const { threshold: t, acceptances, stolenQuorum: s } = policy
  const n = slots.length
  const counts = isBetween(acceptances, fewestAcceptances(t, n), n)
  // s > t, hence off where t = n: beating a veto must take more than recovering does.
  const stolen = s === null || isBetween(s, t + 1, n)
  const periods = [policy.waitingSeconds, policy.coolingSeconds, policy.collectingSeconds]
  const times = periods.every((seconds) => isBetween(seconds, 1, Number.MAX_SAFE_INTEGER))
  return counts && stolen && times ? null : 'policy_out_of_bounds'
}

/**
 * Why a core may not be, or null. Looks at numbers and equality only; {@link refuseKeys} looks at the keys themselves, which
 * costs about a verification for each. Takes values that the schema would refuse too, so that a caller learns the reason.
 */
export const refuseCore = (core: CoreShape): ErrorCode | null => {
  const { slots, policy } = core
  const n = slots.length
  if (n > MAX_CONTACTS) return 'too_many_contacts'
  if (!isBetween(policy.threshold, 2, n)) return 'threshold_out_of_range'
  if (!slots.every(({ slot }, index) => slot === index + 1)) return 'malformed'
  // x = 0 would make that contact's share the secret itself; an x that comes twice leaves fewer shares than slots.
  if (!slots.every(({ x }) => isBetween(x, 1, 255)) || !isDistinct(slots.map(({ x }) => x)))
    return 'malformed'
  if (!isDistinct(slots.map(({ checkKey }) => checkKey))) return 'key_rejected'
  if (!isDistinct(slots.map(({ entry }) => entry))) return 'contact_duplicate'
  if (unverifiedOf(core).length >= policy.threshold) return 'contacts_unverified'
  return refusePolicy(core)
}

const isAcceptable = (key: string): boolean => {
  const bytes = fromBase64url(key)
  return bytes !== null && acceptablePublicKey(bytes)
}

/**
 * `key_rejected` if a key that the core names fits more messages than its own (small order, torsion, not canonical), or if
 * the veto key is the identity key, which would make it lost together with the phone; null otherwise.
 */
export const refuseKeys = ({ owner, vetoKey, slots }: Core): ErrorCode | null => {
  const veto = vetoKey === null || (vetoKey !== owner.signing && isAcceptable(vetoKey))
  const sound = veto && acceptableIdentity(owner) && slots.every(({ checkKey }) => isAcceptable(checkKey))
  return sound ? null : 'key_rejected'
}

/** Something allowed that a person should know before they settle for it. */
export interface CircleWarning {
  readonly code: 'all-needed' | 'few-needed' | 'few-can-refuse' | 'unverified'
  /** For the person, in plain words; an app may show its own by `code`. */
  readonly text: string
  /** Slots that this is about; empty where it is about all. */
  readonly slots: readonly number[]
}

const warning = (
  code: CircleWarning['code'],
  text: string,
  slots: readonly number[] = [],
): CircleWarning => ({ code, text, slots })

/** What to warn of about a core that {@link refuseCore} does not refuse; each at most once, weightiest first. */
export const warningsFor = (core: CoreShape): readonly CircleWarning[] => {
  const { threshold: t } = core.policy
  const n = core.slots.length
  const unverified = unverifiedOf(core)
  const warnings: CircleWarning[] = []
  if (t === n)
    warnings.push(
      warning('all-needed', `All ${n} contacts are needed. If one is lost or refuses, nothing comes back.`),
    )
  if (t === 2 && n >= MANY_CONTACTS)
    warnings.push(
      warning('few-needed', `Any two of ${n} contacts can ask for your key. Consider needing three or more.`),
    )
  if (t < n && n - t + 1 <= t - 1)
    warnings.push(
      warning('few-can-refuse', `${n - t + 1} contacts who refuse or are lost can keep your key from you.`),
    )
  if (unverified.length > 0)
    warnings.push(
      warning(
        'unverified',
        `Not verified, so the service could have put its own key there: ${unverified.length} of ${n} contacts.`,
        unverified,
      ),
    )
  return warnings
}
