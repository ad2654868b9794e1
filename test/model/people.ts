/**
 * The people of a trace: one owner, whose circle changes, and contacts whom all owners share. They sign with real keys.
 */
import {
  type BuiltEpoch,
  type CheckKey,
  NO_PINS,
  Secret,
  type SharePin,
  buildEpoch,
  checkOffer,
  publicHalf,
  signAcceptance,
  signingPublicKey,
  toBase64url,
} from '@holdfast/client/protocol'
import { newPerson, type Person, planEpoch, proposalOf } from '../support/actors.ts'
import { asWorld, PERIODS, TICK, type Town } from './town.ts'
import { TRACE_SIZES } from './traces.ts'

export interface Offer {
  readonly pin: SharePin
  readonly checkKey: CheckKey
  readonly sealed: string
}

/** An epoch as its owner built it, and each contact's share of it, by slot from 1. */
export interface Offered {
  readonly built: BuiltEpoch
  readonly offers: readonly Offer[]
}

export interface Household {
  readonly owner: Person
  readonly contacts: readonly Person[]
  readonly vetoSeed: Secret
}

const HOUR_SECONDS = TICK / 1000
const { THRESHOLD, STOLEN } = TRACE_SIZES

export const newContacts = (town: Town): Promise<readonly Person[]> =>
  Promise.all(Array.from({ length: TRACE_SIZES.CONTACTS }, () => newPerson(asWorld(town))))

/** Builds and proposes the owner's next epoch; throws what the service refuses it with. */
export const proposeNext = async (town: Town, { owner, contacts, vetoSeed }: Household): Promise<Offered> => {
  const plan = await planEpoch(asWorld(town), owner, contacts, {
    threshold: THRESHOLD,
    policy: {
      waitingSeconds: PERIODS.waiting * HOUR_SECONDS,
      coolingSeconds: PERIODS.cooling * HOUR_SECONDS,
      collectingSeconds: PERIODS.collecting * HOUR_SECONDS,
      stolenQuorum: STOLEN,
    },
    vetoKey: toBase64url(await signingPublicKey(vetoSeed)),
  })
  const built = await buildEpoch(plan)
  const offers = await Promise.all(
    contacts.map(async ({ account, identity }, index) => {
      const sealed = built.shares[index]?.sealed ?? ''
      const opened = await checkOffer({
        owner: owner.account,
        ownerIdentity: publicHalf(owner.identity),
        manifest: built.manifest,
        coreHash: built.coreHash,
        slot: index + 1,
        sealed,
        account,
        identity,
        pins: NO_PINS,
      })
      return { pin: opened.pin, checkKey: opened.checkKey, sealed }
    }),
  )
  await town.call('proposeEpoch', { caller: owner.caller, body: proposalOf(built) })
  return { built, offers }
}

export const acceptFrom = async (
  town: Town,
  { contacts }: Household,
  { offers }: Offered,
  slot: number,
): Promise<void> => {
  const [contact, offer] = [contacts[slot - 1], offers[slot - 1]]
  if (contact === undefined || offer === undefined) throw new Error(`no slot ${slot}`)
  const { account, identity, caller } = contact
  const body = await signAcceptance({ pin: offer.pin, checkKey: offer.checkKey, account, identity })
  await town.call('acceptShare', { caller, body })
}

/** An owner with an active first epoch. */
export const newHousehold = async (
  town: Town,
  contacts: readonly Person[],
): Promise<{ readonly household: Household; readonly first: Offered }> => {
  const household = { owner: await newPerson(asWorld(town)), contacts, vetoSeed: Secret.random(32) }
  const first = await proposeNext(town, household)
  for (const { slot } of first.built.core.slots) await acceptFrom(town, household, first, slot)
  return { household, first }
}
