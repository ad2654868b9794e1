/**
 * Whom an owner can entrust a share to, and how far each is verified.
 */
import { type Self, comparedIdentity, fetchIdentity, readSelf, verifiedAgain } from './account.ts'
import type { CallOptions, Client } from './client.ts'
import { type RecordOf, changeRecord, readRecord, secretOf, upsert } from './device-state.ts'
import {
  type AccountView,
  HoldfastError,
  announceInvitation,
  checkInvitationAnswer,
  isHoldfastError,
  makeInvitation,
  publicHalf,
  toBase64url,
} from './protocol/index.ts'

/** A person who may be given a share, with keys as far as they are verified. */
export type Contact = RecordOf<'contacts'>[number]

/** Secrets of links that are kept; the service keeps fewer invitations than that. */
const KEPT_INVITATIONS = 256

/** Finds an account among others. */
export const sameAccount =
  (account: string) =>
  (other: { readonly account: string }): boolean =>
    other.account === account

const keepContact = async (client: Client, met: Contact, isReplacing = false): Promise<Contact> => {
  let kept = met
  await changeRecord(client.storage, 'contacts', (all) => {
    const known = all?.find(sameAccount(met.account))
    kept = { ...met, verified: verifiedAgain(known, met, isReplacing) }
    return upsert(all, kept, sameAccount(met.account))
  })
  return kept
}

/**
 * Opens an invitation. `link` is for one person alone, by a channel that you trust: whoever opens it first becomes that
 * contact, verified as far as the channel. `base`: the app's address that handles such links, without a fragment. `replaces`:
 * account of a known contact who has new keys, as after a theft, and to whom alone this link goes.
 */
export const invite = async (
  client: Client,
  { base, replaces = null }: { readonly base: string; readonly replaces?: string | null },
): Promise<{ readonly invitation: string; readonly link: string }> => {
  const { account, keys } = await readSelf(client)
  const { invitation, secret, link } = makeInvitation({ account, identity: publicHalf(keys), base })
  const kept = { invitation, secret: toBase64url(secret.expose()), replaces }
  secret.erase()
  // First the secret, then the service: an answer that nobody can check would be lost.
  await changeRecord(client.storage, 'invitations', (open) =>
    [...(open ?? []), kept].slice(-KEPT_INVITATIONS),
  )
  const body = await announceInvitation({ account, invitation, identity: keys })
  await client.call('createInvitation', { body })
  return { invitation, link }
}

/** What came of the answers to open invitations. */
interface Taken {
  readonly contacts: readonly Contact[]
  /** `identity_changed` before `invitation_rejected`: why an answer was set aside. */
  readonly refusal: HoldfastError | null
}

/**
 * Checks answers to open invitations against their secrets. Each sound one becomes a contact, verified by link; the others
 * are set aside, so that a false answer to one link keeps nobody from using the rest.
 */
export const takeAnswers = async (client: Client, self: Self, view: AccountView): Promise<Taken> => {
  const open = (await readRecord(client.storage, 'invitations')) ?? []
  const spent = new Set<string>()
  let refusal: HoldfastError | null = null
  for (const { invitation, answer } of view.invitations) {
    const kept = open.find((other) => other.invitation === invitation)
    if (kept === undefined || answer === null) continue
    const secret = secretOf(kept.secret)
    const own = { account: self.account, identity: publicHalf(self.keys) }
    try {
      const { contact, contactIdentity } = await checkInvitationAnswer({
        ...{ invitation, secret, ...own },
        message: answer.message,
      })
      const met: Contact = { account: contact, identity: contactIdentity, verified: 'link' }
      await keepContact(client, met, kept.replaces === contact)
    } catch (error) {
      if (!isHoldfastError(error) || error.code === 'storage_failed') throw error
      refusal =
        error.code === 'identity_changed' ? error : (refusal ?? new HoldfastError('invitation_rejected'))
    } finally {
      secret.erase()
    }
    spent.add(invitation)
  }
  if (spent.size > 0)
    await changeRecord(client.storage, 'invitations', (all) =>
      (all ?? []).filter(({ invitation }) => !spent.has(invitation)),
    )
  return { contacts: (await readRecord(client.storage, 'contacts')) ?? [], refusal }
}

/**
 * Everyone who may be given a share, including those who have just answered an invitation. Throws `invitation_rejected` once
 * for an answer that does not belong to its invitation: somebody changed it on the way, and that link is spent. So does
 * `identity_changed`, for an answer in the name of a known contact (`cause.account`) with other keys: the known ones stay.
 */
export const contacts = async (client: Client, options: CallOptions = {}): Promise<readonly Contact[]> => {
  const view = await client.call('readAccount', {}, options)
  const taken = await takeAnswers(client, await readSelf(client), view)
  if (taken.refusal !== null) throw taken.refusal
  return taken.contacts
}

/**
 * Adds an account that was not met by link: unverified until {@link verifyInPerson}. Fewer than `threshold` contacts of a
 * circle may be unverified. One that is known already stays as it is.
 */
export const addUnverified = async (client: Client, account: string): Promise<Contact> => {
  const known = await readRecord(client.storage, 'contacts')
  const found = known?.find(sameAccount(account))
  if (found !== undefined) return found
  return keepContact(client, { account, identity: await fetchIdentity(client, account), verified: 'none' })
}

/**
 * Raises a contact to *verified in person*, after both people compared: `scanned` is the QR text from the other's screen, or
 * the 60 digits as read there. New keys replace the known ones. Throws `codes_differ` when it is not what this device shows
 * for the same two people.
 */
export const verifyInPerson = async (
  client: Client,
  { account, scanned }: { readonly account: string; readonly scanned: string },
): Promise<Contact> => {
  const identity = await comparedIdentity(client, account, scanned)
  return keepContact(client, { account, identity, verified: 'in-person' }, true)
}
