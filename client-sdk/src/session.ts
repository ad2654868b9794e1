/**
 * Signing in: a challenge, answered by the device key or by the one-use key of a request. PROTOCOL.md, "Sign in".
 */
import type { Client, Role, Sessions } from './client.ts'
import { readRecord, secretOf } from './device-state.ts'
import { orAborted } from './http.ts'
import {
  HoldfastError,
  type Secret,
  answerChallenge,
  identityFromSeed,
  isHoldfastError,
} from './protocol/index.ts'
import { readService } from './service.ts'

interface Signer {
  readonly account: string
  readonly recovery: string | null
  readonly seed: Secret
}

const signerOf = async (client: Client, role: Role): Promise<Signer> => {
  if (role === 'device') {
    const device = await readRecord(client.storage, 'device')
    if (device === null) throw new HoldfastError('not_registered')
    return { account: device.account, recovery: null, seed: secretOf(device.deviceSeed) }
  }
  const request = await readRecord(client.storage, 'request')
  if (request === null) throw new HoldfastError('not_found')
  const { signing } = await identityFromSeed(secretOf(request.requesterSeed))
  return { account: request.account, recovery: request.recovery, seed: signing.seed }
}

const signIn = async (client: Client, { seed, ...who }: Signer): Promise<string> => {
  const service = (await readService(client)).signing
  const { challenge } = await client.call('createChallenge', { body: { account: who.account } })
  const message = await answerChallenge({ ...who, service, challenge, seed })
  return (await client.call('createSession', { body: { message } })).token
}

/** A challenge is good for one use: where the answer to that was lost, the repeat comes too late. On a bad network, again. */
const CHALLENGES = 4

const signedIn = async (client: Client, role: Role): Promise<string> => {
  const signer = await signerOf(client, role)
  try {
    for (let asked = 1; ; asked += 1)
      try {
        return await signIn(client, signer)
      } catch (error) {
        const isSpent = isHoldfastError(error) && error.code === 'challenge_rejected'
        if (!isSpent || asked === CHALLENGES) throw error
      }
  } finally {
    signer.seed.erase()
  }
}

/** Keeps the tokens in memory alone. */
export const sessionsOf = (client: () => Client): Sessions => {
  const tokens = new Map<Role, { readonly pending: Promise<string>; token?: string }>()
  return {
    token(role, signal) {
      let known = tokens.get(role)
      if (known === undefined) {
        const fresh: { pending: Promise<string>; token?: string } = { pending: signedIn(client(), role) }
        // Not the caller's signal: others may be waiting for the same token. A failed sign-in is not remembered.
        fresh.pending.then(
          (token) => (fresh.token = token),
          () => tokens.get(role) === fresh && tokens.delete(role),
        )
        tokens.set(role, (known = fresh))
      }
      return orAborted(known.pending, signal)
    },
    forget(role, refused) {
      if (refused === undefined || tokens.get(role)?.token === refused) tokens.delete(role)
    },
  }
}
