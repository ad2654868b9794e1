/**
 * Where an account's person wants to be told when they are not connected. PROTOCOL.md, "Notices".
 */
import type { IdentityKeys } from './identity.ts'
import { readMessage } from './message.ts'
import { id, type Signed } from './schema.ts'
import * as shape from './shape.ts'
import { signMessage } from './signing.ts'

export const MOST_PUSH = 8

/** A plain ASCII address: one `@`, no quotes, blanks or line ends, and nothing that a mail program could take for an option. */
const mailAddress = shape.string({
  pattern:
    /^(?![.-])[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$/,
  maxLength: 254,
})

/**
 * A push service's address. The service calls it, so it names a host of the public Internet: no address in digits, no port, and
 * none of the names that mean a machine nearby. Where the name leads, whoever calls must still look.
 */
const pushEndpoint = shape.string({
  pattern:
    /^https:\/\/(?![^/]*\.(?:localhost|local|localdomain|internal|intranet|private|lan|home|corp|arpa)\/)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\/[!$-[\]-~]*$/,
  maxLength: 512,
})

/** What a browser's PushSubscription holds. `p256dh`: an uncompressed P-256 point, 65 bytes; `auth`: 16 bytes; base64url. */
export const pushSubscription = shape.strictObject({
  endpoint: pushEndpoint,
  p256dh: shape.string({ pattern: /^B[A-Za-z0-9_-]{85}[AEIMQUYcgkosw048]$/ }),
  auth: id,
})
export type PushSubscriptionKeys = shape.Infer<typeof pushSubscription>

/** Signed (`destinations`) by the account's identity key. */
export const destinationsBody = shape.strictObject({
  account: id,
  /** Above every one that was taken before from this identity, by 16 at most. */
  sequence: shape.integer(1, 1_000_000_000),
  /** BCP 47. */
  language: shape.string({ pattern: /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/, maxLength: 35 }),
  mail: shape.nullable(mailAddress),
  push: shape.array(pushSubscription, 0, MOST_PUSH),
  /** Whether the app's backend is told, if it has a webhook. */
  webhook: shape.boolean(),
  /** As a contact: several notices at once, and not each when it happens, where nobody waits for an answer. */
  digest: shape.boolean(),
})
export type DestinationsBody = shape.Infer<typeof destinationsBody>

/** States where the account wants to be told. The body of `setDestinations`. */
export const signDestinations = async (
  body: DestinationsBody,
  identity: IdentityKeys,
): Promise<{ readonly message: Signed }> => ({
  message: await signMessage('destinations', body, identity.signing.seed),
})

/** Throws `signature_rejected` or `malformed`. */
export const readDestinations = (message: Signed, identitySigning: string): Promise<DestinationsBody> =>
  readMessage('destinations', message, destinationsBody, identitySigning)
