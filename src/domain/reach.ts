/**
 * How an account's person is reached when not connected: where they want to be told, what they were told, and how far that
 * came. Part of the account's document, so that a notice is never lost between the change and the post.
 */
import type {
  ChannelName,
  DestinationsBody,
  EventName,
  SendFailure,
  WayStateName,
} from '@holdfast/client/protocol'
import type { Account } from './account.ts'
import { changed, type Decision, refused, unchanged } from './decision.ts'
import { logged, noticed, toOwner } from './journal.ts'
import { bounded } from './told-bounds.ts'

export interface Reach {
  /** The last statement; null before the first. */
  readonly stated: Stated | null
  /** Statements before it of which some way still has to be told something, oldest first. */
  readonly former: readonly Stated[]
  /** Oldest first: all tellings that are under way, and the last that are not. */
  readonly told: readonly Told[]
  readonly digest: Digest
}

/**
 * [Note: No address outside of the seal] Records and their backups shall not show where somebody is reached, nor let anybody
 * check a guess: hence no hash and no signature of a statement stands beside it.
 */
export interface Stated {
  readonly sequence: number
  /** The signed statement, sealed by AtRest. */
  readonly sealed: string
  readonly digests: boolean
  /** In the order of the statement: mail, push, webhook, as far as it names them. */
  readonly ways: readonly Way[]
}

export interface Way {
  /** Unique in the account. A destination that is stated again keeps it. */
  readonly way: string
  readonly channel: ChannelName
  /** The other end said that it will never work again. */
  readonly gone: boolean
}

/** One telling: the same words on each way. */
export interface Told {
  /** Unique in the account, and the same for every try. */
  readonly id: string
  readonly role: 'owner' | 'contact'
  /** One, or a digest's, oldest first. */
  readonly items: readonly ToldItem[]
  /** A digest had no room for all. */
  readonly more: boolean
  /** When it was put here, Unix ms. */
  readonly queuedAt: number
  /** Empty: the person had not said where. */
  readonly states: readonly WayState[]
}

export interface ToldItem {
  readonly notice: string
  readonly event: EventName
  readonly at: number
  /** The account that it is about. */
  readonly owner: string
  readonly recovery: string | null
}

export interface WayState {
  readonly way: string
  readonly channel: ChannelName
  readonly state: WayStateName
  readonly reason: SendFailure | null
  readonly tries: number
  /** When it came to this state, Unix ms. Of a queued one, when it is tried next; null: at once. */
  readonly at: number | null
}

/** What others' circles have to say to this account as a contact, kept together. */
export interface Digest {
  /** For the next one, oldest first. */
  readonly items: readonly ToldItem[]
  readonly more: boolean
  /** No digest goes out before this, Unix ms. */
  readonly nextAt: number
  /** The least time between two digests, as it was configured when this was last handed something. */
  readonly seconds: number
  /** Urgent ones since an instant (Unix ms): they may not become a flood either. */
  readonly urgent: { readonly since: number; readonly count: number }
}

const NO_REACH: Reach = {
  stated: null,
  former: [],
  told: [],
  digest: { items: [], more: false, nextAt: 0, seconds: 0, urgent: { since: 0, count: 0 } },
}

export const reachOf = ({ reach }: Account): Reach => reach ?? NO_REACH

export const withReach = (account: Account, fields: Partial<Reach>): Account => ({
  ...account,
  reach: { ...reachOf(account), ...fields },
})

/** Where this account is to be told; empty where it said nothing, or all of it is gone. */
export const waysOf = (account: Account): readonly Way[] =>
  reachOf(account).stated?.ways.filter(({ gone }) => !gone) ?? []

export const queuedOn = ({ way, channel }: Way): WayState => ({
  way,
  channel,
  state: 'queued',
  reason: null,
  tries: 0,
  at: null,
})

/** Statements whose ways are waited for. A dead address must not keep an owner from naming others, nor the list grow for ever. */
export const MOST_FORMER = 4

/** A statement, verified under the identity key by the caller. */
export interface Statement {
  readonly body: DestinationsBody
  readonly sealed: string
  /** It is the very one that was taken last. */
  readonly isRepeat: boolean
  /** Each destination's channel, in the order of {@link Stated.ways}; `way` where the last statement had the very same. */
  readonly ways: readonly { readonly channel: ChannelName; readonly way: string | null }[]
}

/**
 * Takes a statement of where to be told. [Note: The old address hears of the new one] Silencing the owner is a thief's first
 * step: destinations that are dropped are told of it, and what had not reached them goes to the new ones as well.
 * The same again is unchanged. Refuses `signature_rejected` (another account's), `malformed` (an endpoint twice), `statement_outdated`,
 * `limit_reached` (too many dropped ones could not be told yet).
 */
export const stateDestinations = (
  account: Account,
  { body, sealed, isRepeat, ways }: Statement,
  now: number,
): Decision => {
  const { stated, former, told } = reachOf(account)
  const endpoints = body.push.map(({ endpoint }) => endpoint)
  if (body.account !== account.id) return refused('signature_rejected')
  if (new Set(endpoints).size < endpoints.length) return refused('malformed')
  if (isRepeat) return unchanged()
  const { sequence } = body
  if (stated !== null && sequence <= stated.sequence) return refused('statement_outdated')

  const before = waysOf(account)
  const after = ways.map(({ channel, way }, index): Way => {
    const kept = before.find((one) => one.way === way)
    return kept ?? { way: `${sequence}.${index}`, channel, gone: false }
  })
  const dropped = before.filter(({ way }) => !after.some((one) => one.way === way))
  const added = after.filter(({ way }) => !before.some((one) => one.way === way))
  if (stated !== null && dropped.length > 0 && former.length >= MOST_FORMER) return refused('limit_reached')

  const item = { event: 'destinations-changed', at: now, owner: account.id, recovery: null } as const
  const id = `${account.id}.${account.revision + 1}.dropped`
  const farewell: Told = {
    id,
    role: 'owner',
    items: [{ notice: id, ...item }],
    more: false,
    queuedAt: now,
    states: dropped.map(queuedOn),
  }
  const next = withReach(account, {
    stated: { sequence, sealed, digests: body.digest, ways: after },
    former: stated === null || dropped.length === 0 ? former : [...former, stated],
    told: bounded([
      ...told.map((one) => forwarded(one, dropped, added)),
      ...(dropped.length === 0 ? [] : [farewell]),
    ]),
  })
  const entered = logged(next, now, 'destinations-stated', { sequence, destinations: after.length })
  return changed(noticed(entered, now, item.event, [toOwner(entered)]))
}

/** What had not reached a dropped way goes to the added ones as well. */
const forwarded = (told: Told, dropped: readonly Way[], added: readonly Way[]): Told => {
  const isOwed = told.states.some(
    ({ way, state }) => state === 'queued' && dropped.some((one) => one.way === way),
  )
  return isOwed ? { ...told, states: [...told.states, ...added.map(queuedOn)] } : told
}
