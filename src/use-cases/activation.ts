/**
 * The service's word that an epoch is active. It is signed when it is shown, since it follows from what is stored.
 */
import { type Secret, type Signed, signActivation } from '@holdfast/client/protocol'
import type { Account, Epoch } from '../domain/account.ts'
import { activationBodyOf } from '../domain/circle-change.ts'
import type { ServiceKeys } from './ports.ts'

/** Records remembered, some 4 MB; the oldest goes first. */
const MOST_REMEMBERED = 2_000

/** Every view shows the same record for as long as an epoch lasts, and Ed25519 signs one text in one way. */
const remembered = new WeakMap<Secret, Map<string, Signed>>()

/** Everything that the record's text follows from. */
const nameOf = ({ id }: Account, { circle, epoch, coreHash, activatedAt, slots }: Epoch): string =>
  `${id} ${circle} ${epoch} ${coreHash} ${activatedAt} ${slots.map(({ slot, acceptance }) => `${slot} ${acceptance?.proof}`).join(' ')}`

/** Null where no epoch is active. */
export const activationOf = async (account: Account, { signing }: ServiceKeys): Promise<Signed | null> => {
  const { active } = account.circle
  if (active === null) return null
  let known = remembered.get(signing.seed)
  if (known === undefined) remembered.set(signing.seed, (known = new Map()))
  const name = nameOf(account, active)
  const found = known.get(name)
  if (found !== undefined) return found
  const record = await signActivation(activationBodyOf(account, active), signing.seed)
  known.set(name, record)
  if (known.size > MOST_REMEMBERED) known.delete(known.keys().next().value as string)
  return record
}
