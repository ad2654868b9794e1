/**
 * Where a person is told while no app of theirs is connected, and what became of each notice. A subpath of its own: apps that
 * show neither need not load it.
 */
import { readSelf } from './account.ts'
import type { CallOptions, Client } from './client.ts'
import { nextNumber } from './next-number.ts'
import {
  type DestinationsBody,
  HoldfastError,
  type NoticesView,
  type PublicIdentity,
  destinationsBody,
  isHoldfastError,
  parseBody,
  publicHalf,
  readDestinations,
  signDestinations,
} from './protocol/index.ts'

/** Part of what a browser's `PushSubscription.toJSON()` gives. */
export interface BrowserSubscription {
  readonly endpoint: string
  readonly keys: { readonly p256dh: string; readonly auth: string }
}

export interface Destinations {
  /** BCP 47, for example `de` or `pt-BR`. */
  readonly language: string
  /** A plain address, or null for none. */
  readonly mail: string | null
  /** At most eight: one for each browser or device. */
  readonly push: readonly BrowserSubscription[]
  /** Whether the app's own backend is told. */
  readonly webhook: boolean
  /** As somebody's contact: what does not need help at once, together. */
  readonly digest: boolean
}

export interface Notices extends Pick<NoticesView, 'now' | 'offered' | 'pushKey' | 'notices' | 'contacts'> {
  /**
   * Null before the first {@link setDestinations}, or where the service has lost it. `isOwn`: stated by this device's identity. Where it is not, it was the
   * identity that a recovery for theft replaced: look whether all of it is yours, and state it anew.
   */
  readonly destinations: (Destinations & { readonly isOwn: boolean }) | null
}

const NOWHERE: Destinations = { language: 'en', mail: null, push: [], webhook: false, digest: true }
/** Another device of the same person may be doing the same. */
const TRIES = 3

const isStatedBy = async (
  statement: NonNullable<NoticesView['statement']>,
  { signing }: PublicIdentity,
): Promise<boolean> =>
  readDestinations(statement, signing).then(
    () => true,
    (error: unknown) => {
      if (isHoldfastError(error) && error.code === 'signature_rejected') return false
      throw error
    },
  )

const destinationsIn = ({ language, mail, push, webhook, digest }: DestinationsBody): Destinations => ({
  language,
  mail,
  push: push.map(({ endpoint, p256dh, auth }) => ({ endpoint, keys: { p256dh, auth } })),
  webhook,
  digest,
})

/** What the service has, checked. Throws `signature_rejected` for a statement of another account, or not the last one. */
const read = async (client: Client, options: CallOptions) => {
  const { account, keys } = await readSelf(client)
  const view = await client.call('readNotices', {}, options)
  const { statement, sequence } = view
  if (statement === null) return { view, account, keys, own: 0, destinations: null }
  const body = parseBody(statement.body, destinationsBody)
  const isOwn = await isStatedBy(statement, publicHalf(keys))
  // Each identity counts its own.
  if (body.account !== account || (isOwn && body.sequence !== sequence))
    throw new HoldfastError('signature_rejected')
  const own = isOwn ? sequence : 0
  return { view, account, keys, own, destinations: { ...destinationsIn(body), isOwn } }
}

/** Shows where this account's person is told, and what became of each notice to them and to the contacts of their circle. */
export const readNotices = async (client: Client, options: CallOptions = {}): Promise<Notices> => {
  const { view, destinations } = await read(client, options)
  const { now, offered, pushKey, notices, contacts } = view
  return { destinations, now, offered, pushKey, notices, contacts }
}

/**
 * States where to be told; what is left out stays as this identity stated it. Whatever is dropped hears of it. Throws
 * `malformed` for an address that cannot be one, `limit_reached` after more than 32 statements in a day.
 */
export const setDestinations = async (
  client: Client,
  input: Partial<Destinations>,
  options: CallOptions = {},
): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    const { view, account, keys, own, destinations } = await read(client, options)
    const { isOwn, ...last } = destinations ?? { ...NOWHERE, isOwn: true }
    const next = { ...(isOwn ? last : NOWHERE), ...input }
    const body = destinationsBody.parse({
      account,
      sequence: nextNumber(own, view.sequence, 'signature_rejected'),
      language: next.language,
      mail: next.mail,
      push: next.push.map(({ endpoint, keys: { p256dh, auth } }) => ({ endpoint, p256dh, auth })),
      webhook: next.webhook,
      digest: next.digest,
    })
    try {
      await client.call('setDestinations', { body: await signDestinations(body, keys) }, options)
      return
    } catch (error) {
      if (!isHoldfastError(error) || error.code !== 'statement_outdated' || tries === TRIES) throw error
    }
  }
}
