/**
 * What an owner does against something under way: a request that is not theirs, a change they did not make.
 */
import { readSelf } from './account.ts'
import type { CallOptions, Client } from './client.ts'
import { status } from './owner-status.ts'
import {
  HoldfastError,
  Secret,
  type VetoView,
  fromBase64url,
  randomBytes,
  signChangeCancel,
  signDeletion,
  signVeto,
  signingPublicKey,
  toBase64url,
} from './protocol/index.ts'

/**
 * A veto key to keep off the phone, for example printed: it stops a request even where a thief who holds the phone vetoes,
 * or where contacts overruled a veto. `secret` is shown once and never stored; `publicKey` goes into `protect`.
 */
export const makeVetoKey = async (): Promise<{ readonly publicKey: string; readonly secret: string }> => {
  const seed = Secret.of(randomBytes(32))
  const key = { publicKey: toBase64url(await signingPublicKey(seed)), secret: toBase64url(seed.expose()) }
  seed.erase()
  return key
}

const vetoSeed = (secret: string): Secret => {
  const bytes = fromBase64url(secret.replaceAll(/\s/g, ''))
  if (bytes?.length !== 32) throw new HoldfastError('malformed')
  const seed = Secret.of(bytes)
  bytes.fill(0)
  return seed
}

/**
 * Stops a request with this device's identity key. `vetoed`: it is over. `contested`: the circle follows the stolen-phone
 * rule, and the contacts may overrule it until then. Throws `veto_too_late` if the backup was already released.
 */
export const veto = async (
  client: Client,
  { recovery }: { readonly recovery: string },
  options: CallOptions = {},
): Promise<VetoView> => {
  const { account, keys } = await readSelf(client)
  const body = await signVeto({ account, recovery, by: 'identity', seed: keys.signing.seed })
  return client.call('veto', { body }, options)
}

/** Stops a request with the veto key, from any device: it needs no account here. Final. Throws `malformed` for a mistyped key. */
export const vetoWithKey = async (
  client: Client,
  input: { readonly account: string; readonly recovery: string; readonly vetoKey: string },
  options: CallOptions = {},
): Promise<VetoView> => {
  const { account, recovery } = input
  const seed = vetoSeed(input.vetoKey)
  const body = await signVeto({ account, recovery, by: 'veto-key', seed }).finally(() => seed.erase())
  return client.call('veto', { body }, options)
}

/**
 * Withdraws a pending epoch (`coreHash`: its own) or a pending deletion (`coreHash`: that of the active epoch): with this
 * device's key, or from any device with the veto key and the account. Throws `change_not_pending`.
 */
export const cancelChange = async (
  client: Client,
  input:
    | { readonly coreHash: string }
    | { readonly coreHash: string; readonly account: string; readonly vetoKey: string },
): Promise<void> => {
  const { coreHash } = input
  if ('vetoKey' in input) {
    const seed = vetoSeed(input.vetoKey)
    const signed = signChangeCancel({ account: input.account, coreHash, seed }).finally(() => seed.erase())
    await client.call('cancelChange', { body: await signed })
    return
  }
  const { account, keys } = await readSelf(client)
  await client.call('cancelChange', {
    body: await signChangeCancel({ account, coreHash, seed: keys.signing.seed }),
  })
}

/** Asks that the active circle ends, after the cooling period and in sight of its contacts. Throws `no_circle`, and as {@link status}. */
export const deleteCircle = async (client: Client): Promise<void> => {
  const { account, keys } = await readSelf(client)
  const { circle } = await status(client)
  if (circle.active === null) throw new HoldfastError('no_circle')
  const { circle: circleId, epoch, coreHash } = circle.active
  const body = await signDeletion({ account, circle: circleId, epoch, coreHash, identity: keys })
  await client.call('deleteCircle', { body })
}
