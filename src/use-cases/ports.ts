/**
 * What use cases need from the outside. Each engine implements these; one conformance suite holds all engines to them.
 */
import type { Secret, TicketClaims } from '@holdfast/client/protocol'
import type { Account, LogEntry, Notice } from '../domain/account.ts'

/** An account as read, with the store's clock at that moment. */
export interface Loaded {
  readonly account: Account
  /** Unix ms by the store's clock. Every decision about this account uses it as `now`. */
  readonly now: number
  /**
   * When these records were last found to have been restored from a backup, Unix ms by the store's clock; absent if never.
   * Requests and changes that were under way before it start anew: domain/restart.ts.
   */
  readonly restoredAt?: number
  /** Whether the store lists it among those that are unrelayed. What an older version has written may say so for nothing. */
  readonly unrelayed: boolean
}

export interface CommitConditions {
  /** Refuse (`moved`) unless the stored revision is this one. 0: must not exist yet. */
  readonly ifRevision: number
  /** Refuse (`early`) if the store's clock, at the write, is before this. */
  readonly notBefore?: number
  /** Refuse (`late`) if the store's clock, at the write, is at or after this. */
  readonly notAfter?: number
  /** Ciphertexts that the document names; durable no later than the document. */
  readonly blobs?: readonly Blob[]
  /** Log entries that leave the outbox with this write; durable no later than it. Appending one twice changes nothing. */
  readonly entries?: readonly LogEntry[]
  /** Log entries that are new in this write, for whoever counts them: they are in its outbox, or leave it at once. */
  readonly logged?: readonly LogEntry[]
}

export interface Blob {
  /** What the ciphertext is stored under: its account and its SHA-256, see `blobName`. */
  readonly hash: string
  readonly bytes: Uint8Array
}

/** What waits to be done, as a sweep would find it. Counted up to the limit that was asked for. */
export interface Backlog {
  readonly due: number
  /** The instant at which the first of them fell due, store's clock, Unix ms; null if none is. */
  readonly oldestDueAt: number | null
  readonly unrelayed: number
}

/**
 * `committed` is the only one after which this write is known to have changed anything, and that is durable. It may be what `moved`
 * found in its way: a store can be sent the same write twice, and tell of the second.
 */
export type CommitOutcome = 'committed' | 'moved' | 'early' | 'late'

/**
 * Records of accounts. Every method may throw HoldfastError `storage_full`, `clock_behind` or `unavailable`.
 */
export interface Records {
  load(account: string): Promise<Loaded | null>
  /** Those of these accounts that there are, in one look, in the order of their ids here. */
  loadAll(accounts: readonly string[]): Promise<readonly Loaded[]>
  /** The store's clock. */
  now(): Promise<number>
  /** Writes `next` with `revision = ifRevision + 1` and its index fields, if every condition holds, in one atomic write. */
  commit(next: Account, conditions: CommitConditions): Promise<CommitOutcome>
  /**
   * Removes the document, its index fields and its log, in one atomic write, if the stored revision is `ifRevision`; `moved`
   * otherwise. It is then as if the account had never been stored. Its blobs are its caller's affair.
   */
  forget(account: string, ifRevision: number): Promise<'committed' | 'moved'>
  /** Ids of accounts whose `dueAt` is at or before the store's now, earliest first. */
  due(limit: number): Promise<readonly string[]>
  /** The next instants, up to and with `until`, at which something falls due, soonest first: for re-creating lost jobs. */
  upcoming(
    until: number,
    limit: number,
  ): Promise<readonly { readonly account: string; readonly dueAt: number }[]>
  /** Ids of accounts whose outbox holds something to be done. */
  unrelayed(limit: number): Promise<readonly string[]>
  /** Ids of accounts above `after`, in ascending order; from the first on where it is null. For whoever looks at all of them. */
  accounts(after: string | null, limit: number): Promise<readonly string[]>
  /** How much there is of both, counting no further than `limit`. */
  backlog(limit: number): Promise<Backlog>
  /** Ids of accounts in whose circle this account holds a share, or whose open request it answered. */
  circlesWith(contact: string): Promise<readonly string[]>
  /** Ids of accounts that offer it a share and hold none of its acceptances, newest proposal first. */
  offersTo(contact: string, limit: number): Promise<readonly string[]>
  readBlob(hash: string): Promise<Uint8Array | null>
  /** Those of these that there are, by name, in one look. */
  readBlobs(hashes: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>
  /**
   * Erases what its account's commits up to `revision` brought under this name. In that account's turn: an engine of one process
   * keeps one copy for all.
   */
  eraseBlob(hash: string, revision: number): Promise<void>
  /** Log entries with a sequence above `after`, in order. */
  readLog(account: string, after: number, limit: number): Promise<readonly LogEntry[]>
  /** True for the first caller who claims `key`; false until `expiresAt` for everyone else. */
  claim(key: string, expiresAt: number): Promise<boolean>
  /** Keeps an answer for a repeated request; the first one stands until `expiresAt`. */
  remember(key: string, value: string, expiresAt: number): Promise<void>
  recall(key: string): Promise<string | null>
  close(): Promise<void>
}

/**
 * Keys of release factors, apart from the records and their backups. Erasing rewrites the file that held the key.
 */
export interface KeyStore {
  /** Throws where keys cannot be read now: the place is gone, or what seals them has changed. Cheap. */
  check(): Promise<void>
  /** Keeps the key of an epoch. Keeping the same one again changes nothing. */
  keep(account: string, epoch: number, key: Secret): Promise<void>
  /** Null if it was never kept, or was erased. */
  read(account: string, epoch: number): Promise<Secret | null>
  /** Erases one epoch's key. Erasing what is not there changes nothing. */
  erase(account: string, epoch: number): Promise<void>
  /** Erases the keys of all epochs below `epoch` and raises the account's high-water mark to it. */
  eraseBelow(account: string, epoch: number): Promise<void>
  /** The lowest epoch that may still be released; 0 for an account never seen. */
  highWater(account: string): Promise<number>
  /** Notes for good that a request has ended; of each account at least the last 32 are known. Noting it again changes nothing. */
  endRequest(account: string, recovery: string): Promise<void>
  /** Whether that was noted. Older records may not know it. */
  isEnded(account: string, recovery: string): Promise<boolean>
  /** Seals anew what of this account another key has sealed than the one that seals now. Resolves to how much that was. */
  reseal(account: string): Promise<number>
  /** How much there is in all that another key has sealed. Looks at everything. */
  stale(): Promise<number>
  /** Whether {@link KeyStore.noteResealed} was called since the key that seals now became the first, and since any restore. */
  isResealed(): Promise<boolean>
  /** Notes that nothing is stale. From then on the other keys are not needed to open the store. */
  noteResealed(): Promise<void>
}

/** Hints only: losing, repeating or reordering them changes nothing but when things happen. Neither call waits. */
export interface Jobs {
  /** The account's outbox asks for something. */
  relay(account: string): void
  /** Look at the account again at this instant (store's clock, Unix ms). */
  wake(account: string, at: number): void
  close(): Promise<void>
}

/** Tells people. Delivering a notice twice is allowed; a failure is retried and never undoes a transition. */
export interface Notices {
  deliver(notice: Notice, revision: number): Promise<void>
}

/**
 * Keeps what the service must read again from being read in records or their backups. Associated with `place`: what was sealed
 * for one does not open at another.
 */
export interface AtRest {
  /** Text that records may hold, other each time. */
  seal(place: string, plain: Uint8Array): string
  /** Throws HoldfastError `internal` if it was not sealed here for this place. */
  open(place: string, sealed: string): Uint8Array
  /** Whether the key that seals now has sealed this. */
  isCurrent(sealed: string): boolean
}

/** Bytes nobody can guess. */
export interface Random {
  bytes(length: number): Uint8Array
}

/** Who calls, as far as a session token shows. Whether that still holds is checked on every call: `authorise.ts`. */
export type Caller =
  | { readonly role: 'device'; readonly account: string; readonly device: string }
  | { readonly role: 'requester'; readonly account: string; readonly recovery: string; readonly key: string }

/** Short-lived session tokens, bound to the key that signed in. */
export interface Tokens {
  issue(caller: Caller, now: number): Promise<{ readonly token: string; readonly expiresAt: number }>
  /** Null for anything but a token of this service that has not expired. */
  read(token: string, now: number): Promise<Caller | null>
}

/** Tickets of the apps that this service knows. */
export interface Tickets {
  /** Null unless signed by a registered app, meant for this service and within its time. */
  read(ticket: string, now: number): Promise<TicketClaims | null>
}

/** The service's own keys, all derived from the one secret in its configuration. */
export interface ServiceKeys {
  /** Ed25519, signs activations. Public half base64url. */
  readonly signing: { readonly publicKey: string; readonly seed: Secret }
  /** X25519, opens release factors. Public half base64url. */
  readonly release: { readonly publicKey: string; readonly secret: Secret }
  /** HMAC keys: for challenges, and for what stands in where an account is unknown. */
  readonly challenge: Secret
  readonly decoy: Secret
}

export interface Bounds {
  readonly min: number
  readonly max: number
}

/** What an operator may set about the rules. Durations as named. */
export interface Settings {
  readonly development: boolean
  readonly waitingSeconds: Bounds
  readonly coolingSeconds: Bounds
  readonly collectingSeconds: Bounds
  /** First step of back-off after a veto; doubles with each further veto. */
  readonly backOffSeconds: number
  /** How long a contest lasts (PROTOCOL.md: 72 h). */
  readonly contestSeconds: number
  /** By how much a request without an approval may delay a change, once (PROTOCOL.md: 72 h). */
  readonly delaySeconds: number
  /** The least time between two digests to one contact. */
  readonly digestSeconds: number
}
