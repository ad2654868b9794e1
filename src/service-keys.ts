/**
 * The service's own keys: all follow from the one secret in its configuration, so that there is one thing to keep safe.
 */
import {
  LABELS,
  Secret,
  hkdf,
  identityFromSeed,
  labelBytes,
  publicHalf,
  type Label,
} from '@holdfast/client/protocol'
import type { ServiceKeys } from './use-cases/ports.ts'

export interface DerivedKeys {
  readonly service: ServiceKeys
  /** HMAC key of session tokens. */
  readonly tokens: Secret
  /** Wraps the key store. */
  readonly keyStore: Secret
  /** From which the key follows that browsers subscribe to pushes with. */
  readonly vapid: Secret
}

/** `master`: 32 bytes. */
export const deriveKeys = async (master: Secret): Promise<DerivedKeys> => {
  const derived = (label: Label): Uint8Array =>
    hkdf(master.expose(), new Uint8Array(0), labelBytes(label), 32)
  const secret = (label: Label): Secret => Secret.of(derived(label))
  const pair = await identityFromSeed(secret(LABELS.serviceIdentity))
  const { signing, sealing } = publicHalf(pair)
  return {
    service: {
      signing: { publicKey: signing, seed: pair.signing.seed },
      release: { publicKey: sealing, secret: pair.sealing.secret },
      challenge: secret(LABELS.serviceChallenge),
      decoy: secret(LABELS.serviceDecoy),
    },
    tokens: secret(LABELS.serviceTokens),
    keyStore: secret(LABELS.serviceKeyStore),
    vapid: secret(LABELS.serviceVapid),
  }
}
