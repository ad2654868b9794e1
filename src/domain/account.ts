/**
 * The one aggregate: everything that has to change together for one account stands in one document, so that every rule
 * which joins circle, change and recoveries is the condition of one write.
 *
 * Plain JSON throughout: what is here is what the stores keep. Ciphertexts are blobs named by their hash; log entries leave
 * by the outbox, several together, and become documents of their own.
 */
import type { EventName, DecisionKind, Policy, PublicIdentity, Signed } from '@holdfast/client/protocol'
import type { Reach } from './reach.ts'

export interface Account {
  readonly id: string
  readonly app: string
  /** Null for an account that nobody registered here: its recoveries are decoys that live and end like real ones. */
  readonly identity: AccountIdentity | null
  /** Signing keys that a recovery for theft replaced, newest last. Refused everywhere. */
  readonly replaced: readonly string[]
  readonly devices: readonly Device[]
  readonly invitations: readonly Invitation[]
  readonly circle: Circle
  /** Open requests and those that ended recently, oldest first. */
  readonly recoveries: readonly Recovery[]
  readonly backOff: BackOff
  /** Hashes of tickets already used, until they would have expired anyway. */
  readonly tickets: readonly { readonly hash: string; readonly expiresAt: number }[]
  readonly log: LogHead
  readonly outbox: Outbox
  /** Absent until there is anything in it: most accounts are never told anything. */
  readonly reach?: Reach
  /** Raised by one with every commit. 0 for an account that was never stored. */
  readonly revision: number
}

export interface AccountIdentity {
  readonly keys: PublicIdentity
  /** The account's own signed statement of them. */
  readonly statement: Signed
}

export interface Device {
  /** Ed25519 public key. */
  readonly device: string
  readonly statement: Signed
  readonly registeredAt: number
}

export interface Invitation {
  readonly invitation: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly answer: { readonly contact: string; readonly message: Signed } | null
}

export interface Circle {
  /** The highest epoch ever proposed; the next must exceed it. */
  readonly highestEpoch: number
  readonly active: Epoch | null
  readonly pending: PendingEpoch | null
  readonly deletion: PendingDeletion | null
  /** H(core) of the last epoch that was active, also after deletion or completion. */
  readonly lastCoreHash: string | null
  /**
   * Seconds that the next epoch cools although none is active: set by a deletion, so that deleting does not make the next
   * epoch a first one. Null otherwise.
   */
  readonly coolsBy: number | null
}

export interface Epoch {
  readonly circle: string
  readonly epoch: number
  readonly coreHash: string
  readonly manifest: Signed
  /** Blob of the payload's ciphertext. */
  readonly payloadHash: string
  /** The release factor under this epoch's own key, base64url. That key lies in the key store. */
  readonly wrappedFactor: string
  readonly policy: Policy
  readonly vetoKey: string | null
  readonly slots: readonly Slot[]
  readonly proposedAt: number
  /** Null while pending. */
  readonly activatedAt: number | null
}

export interface Slot {
  readonly slot: number
  /** The contact's account. Never shown to other contacts or to a requester. */
  readonly contact: string
  readonly checkKey: string
  readonly sealedHash: string
  readonly state: 'offered' | 'accepted' | 'declined'
  /** Contact's signed acceptance and the check key's signature over the proof. */
  readonly acceptance: { readonly message: Signed; readonly proof: string } | null
}

export interface PendingEpoch extends Epoch {
  /** When it may become active; null where no epoch was active before, for then nothing cools. */
  readonly coolsAt: number | null
  /** True once an open request without an approval has delayed it: that happens only once. */
  readonly delayed: boolean
  /** Slots of the active epoch whose contacts countersigned. */
  readonly countersigned: readonly number[]
}

export interface PendingDeletion {
  readonly statement: Signed
  readonly proposedAt: number
  readonly coolsAt: number
  readonly delayed: boolean
}

export const OPEN_STATES = ['collecting', 'waiting', 'contested', 'releasable', 'released'] as const
export const END_STATES = ['completed', 'vetoed', 'declined', 'cancelled', 'expired', 'superseded'] as const
export type RecoveryState = (typeof OPEN_STATES)[number] | (typeof END_STATES)[number]

export interface Recovery {
  readonly recovery: string
  readonly state: RecoveryState
  /** The requester's signed request and its hash. */
  readonly request: Signed
  readonly requestHash: string
  readonly requester: PublicIdentity
  readonly cause: 'lost' | 'stolen'
  readonly nextIdentity: PublicIdentity | null
  /** Hash of the ticket's subject: what back-off counts by. */
  readonly subject: string
  /** Frozen at opening. For an account without a circle: a pseudorandom hash, and a policy nobody sees. */
  readonly epoch: number
  readonly coreHash: string
  readonly policy: Policy
  readonly vetoKey: string | null
  readonly answers: readonly Answer[]
  readonly sessions: readonly Session[]
  readonly openedAt: number
  /** End of collecting. */
  readonly expiresAt: number
  /** When the t-th live approval came in; null below the threshold. */
  readonly quorumAt: number | null
  /** When the t-th answer of any kind that a requester may count came in; never moves back. */
  readonly answeredAt: number | null
  /** An alarm was raised: the waiting period counts once more. */
  readonly alarmed: boolean
  /**
   * When a stolen-phone quorum beat a veto: the waiting period counts once more, no less than a whole one is left from then
   * on, and identity vetoes no longer count. Null if it never did.
   */
  readonly overriddenAt: number | null
  /** End of a contest; null when not contested. */
  readonly contestedUntil: number | null
  readonly releasedAt: number | null
  /** When the records were restored from a backup that held this request: it waits anew from then on. Null if they were not. */
  readonly restoredAt: number | null
  readonly endedAt: number | null
  /** Reminders already sent, by name. */
  readonly reminded: readonly string[]
}

/** A contact's latest answer. One live answer per slot. */
export interface Answer {
  readonly slot: number
  readonly contact: string
  readonly decision: DecisionKind
  readonly stolen: boolean
  readonly sequence: number
  readonly message: Signed
  /** Check key's signature over the decision proof; null where a decline or alarm came without a share. */
  readonly proof: string | null
  /** Blob of the share sealed to the requester; null unless approved. */
  readonly shareHash: string | null
  /** True for an approval that ended because its contact approved another request. Its sequence still counts. */
  readonly displaced: boolean
  readonly at: number
  /** Of the account, by the commit that took it: what its contact was told. Absent in answers that older versions took. */
  readonly revision?: number
}

/** A comparison of codes between the requester and one slot. The latest attempt only. */
export interface Session {
  readonly slot: number
  readonly attempt: number
  readonly mode: 'codes' | 'digits'
  readonly step: 'started' | 'answered' | 'revealed' | 'matched' | 'differed'
  readonly start: Signed
  readonly answer: Signed | null
  readonly reveal: Signed | null
  /** When it came to this step. */
  readonly movedAt: number
}

export interface BackOff extends Counted {
  /** What holds back requests for theft where the stolen-phone rule applies: whoever has the phone can veto at will. */
  readonly theft: Counted & {
    /** End of the one short hold that vetoes by the identity key cause, Unix ms. */
    readonly until: number
  }
}

export interface Counted {
  /** Vetoes that count against the account, and until when no request may be opened. At most 24 h. */
  readonly account: { readonly vetoes: number; readonly until: number }
  /** The same per ticket subject, where it grows further. */
  readonly subjects: readonly { readonly subject: string; readonly vetoes: number; readonly until: number }[]
}

export interface LogHead {
  /** Number of entries ever made. */
  readonly sequence: number
  /** Hash of the last entry; null before the first. */
  readonly hash: string | null
}

/** What is to be done after a commit, kept with it so that nothing is lost. */
export interface Outbox {
  /** The log's last entries. They leave together, once there are many: journal.ts. */
  readonly entries: readonly LogEntry[]
  readonly notices: readonly Notice[]
  /** Ids of those that are among the tellings already, and wait for the notices' log alone. Absent where there are none. */
  readonly queued?: readonly string[]
  /** Keys and blobs to erase. */
  readonly erasures: readonly Erasure[]
}

/** One line of the account's log. Its hash covers the one before: PROTOCOL.md, "Log". */
export interface LogEntry {
  readonly sequence: number
  readonly at: number
  readonly type: string
  /** Ids, numbers and hashes only. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>
  readonly previous: string | null
  readonly hash: string
}

/** Tells somebody that something changed. Carries ids only; who is told fetches the rest. */
export interface Notice {
  readonly notice: string
  readonly at: number
  readonly event: EventName
  readonly audience:
    | { readonly role: 'owner'; readonly account: string }
    | { readonly role: 'contact'; readonly account: string }
    | { readonly role: 'requester'; readonly account: string; readonly recovery: string }
  readonly recovery: string | null
}

export type Erasure =
  | { readonly what: 'factors-below'; readonly epoch: number }
  | { readonly what: 'factor'; readonly epoch: number }
  | { readonly what: 'blob'; readonly hash: string }
  /** Not to be erased but to be noted beside the keys: this request has ended, whatever older records may say. */
  | { readonly what: 'request'; readonly recovery: string }

/** The fields that records are looked up by. */
export interface AccountIndex {
  /** Earliest instant at which time alone changes something; null if nothing is pending. */
  readonly dueAt: number | null
  /** True while the outbox holds anything to be done, or somebody is to be told by post now. */
  readonly unrelayed: boolean
  /** Accounts that hold a share of the active or pending epoch, or answered an open request: contacts by their own will. */
  readonly contacts: readonly string[]
  /** Accounts that are offered a share and have not accepted one: anybody may name anybody. `at`: of the proposal, Unix ms. */
  readonly offers: readonly { readonly contact: string; readonly at: number }[]
}
