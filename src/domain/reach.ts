/**
 * How an account's person is reached when not connected: where they want to be told, what they were told, and how far that
 * came. Part of the account's document, so that a notice is never lost between the change and the post.
 */
import type { ChannelName, EventName, SendFailure, WayStateName } from '@holdfast/client/protocol'
import type { Account } from './account.ts'

export interface Reach {
  /** The last statement; null before the first. */
  readonly stated: Stated | null
  /** Statements before it of which some way still has to be told something, oldest first. */
  readonly former: readonly Stated[]
  /** Statements taken since an instant (Unix ms): each of them sends mail. */
  readonly statements: { readonly since: number; readonly count: number }
  /** Oldest first: all tellings that are under way, and the last that are not. */
  readonly told: readonly Told[]
  readonly digest: Digest
}

/**
 * [Note: No address outside of the seal] Records and their backups shall not show where somebody is reached, nor let anybody
 * check a guess: hence no hash and no signature of a statement stands beside it.
 */
export interface Stated {
  /** Of the present identity: 0 where the one before it made this statement. */
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
  /** The person is named as a contact there, and holds no share by its own will. */
  readonly isStranger?: boolean
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
  /** What went out at once: it may not become a flood either. */
  readonly urgent: Window
  /** The same of warnings, which nothing else may use up. */
  readonly warnings?: Window
}

/** Tellings since an instant (Unix ms). */
export interface Window {
  readonly since: number
  readonly count: number
  /** How many of them are alike in what they are about. */
  readonly alike?: readonly { readonly about: string; readonly count: number }[]
}

const NO_REACH: Reach = {
  stated: null,
  former: [],
  statements: { since: 0, count: 0 },
  told: [],
  digest: { items: [], more: false, nextAt: 0, seconds: 0, urgent: { since: 0, count: 0 } },
}

export const reachOf = ({ reach }: Account): Reach => ({ ...NO_REACH, ...reach })

/** Every statement that is kept, the last one last. */
export const statementsOf = (account: Account): readonly Stated[] => {
  const { stated, former } = reachOf(account)
  return [...former, ...(stated === null ? [] : [stated])]
}

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
