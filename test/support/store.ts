/**
 * Documents and folders for tests of the stores.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Account, Epoch, LogEntry, Outbox, Recovery, Slot } from '../../src/domain/account.ts'
import type { Records } from '../../src/use-cases/ports.ts'

/** 16 random bytes, base64url, like every id. */
export const newId = (): string => randomBytes(16).toString('base64url')

const SIGNED = { body: '{"ä":"\\u0000 \u2028 😀"}', signature: 'c2ln' }
const IDENTITY = { signing: 'c2lnbmluZw', sealing: 'c2VhbGluZw' }

const NOTHING = { account: { vetoes: 0, until: 0 }, subjects: [] }

export const POLICY = {
  threshold: 3,
  waitingSeconds: 3_600,
  coolingSeconds: 3_600,
  collectingSeconds: 86_400,
  acceptances: 2,
  stolenQuorum: null,
}

export const slotOf = (contact: string, slot = 1, state: Slot['state'] = 'accepted'): Slot => ({
  slot,
  contact,
  checkKey: 'Y2hlY2s',
  sealedHash: 'aGFzaA',
  state,
  acceptance: null,
})

/** An epoch whose slots belong to these accounts, all of which have accepted. */
export const epochOf = (contacts: readonly string[], more: Partial<Epoch> = {}): Epoch => ({
  circle: newId(),
  epoch: 1,
  coreHash: newId(),
  manifest: SIGNED,
  payloadHash: newId(),
  wrappedFactor: newId(),
  policy: POLICY,
  vetoKey: null,
  slots: contacts.map((contact, index) => slotOf(contact, index + 1)),
  proposedAt: 1,
  activatedAt: 2,
  ...more,
})

export const recoveryOf = (more: Partial<Recovery> = {}): Recovery => ({
  recovery: newId(),
  state: 'collecting',
  request: SIGNED,
  requestHash: newId(),
  requester: IDENTITY,
  cause: 'lost',
  nextIdentity: null,
  subject: newId(),
  epoch: 1,
  coreHash: newId(),
  policy: POLICY,
  vetoKey: null,
  answers: [],
  sessions: [],
  openedAt: 1,
  expiresAt: 86_400_001,
  quorumAt: null,
  answeredAt: null,
  alarmed: false,
  overriddenAt: null,
  contestedUntil: null,
  releasedAt: null,
  restoredAt: null,
  endedAt: null,
  reminded: [],
  ...more,
})

export const accountOf = (more: Partial<Account> = {}): Account => ({
  id: newId(),
  app: 'demo',
  identity: null,
  replaced: [],
  devices: [],
  invitations: [],
  circle: { highestEpoch: 0, active: null, pending: null, deletion: null, lastCoreHash: null, coolsBy: null },
  recoveries: [],
  backOff: { ...NOTHING, theft: { ...NOTHING, until: 0 } },
  tickets: [],
  log: { sequence: 0, hash: null },
  outbox: { entries: [], notices: [], erasures: [] },
  revision: 0,
  ...more,
})

/** An account that falls due at this instant. */
export const dueAccount = (dueAt: number): Account =>
  accountOf({ recoveries: [recoveryOf({ expiresAt: dueAt })] })

export const entryOf = (sequence: number): LogEntry => ({
  sequence,
  at: 1_000 + sequence,
  type: 'test',
  details: { text: 'x', number: 1, flag: true, nothing: null },
  previous: sequence === 1 ? null : `hash-${sequence - 1}`,
  hash: `hash-${sequence}`,
})

/** An outbox with something to do. */
export const undone = (): Outbox => ({
  entries: [],
  notices: [],
  erasures: [{ what: 'blob', hash: newId() }],
})

/** Every entry of the account's log, those that its document keeps included. */
export const wholeLog = async (
  records: Pick<Records, 'load' | 'readLog'>,
  account: string,
): Promise<readonly LogEntry[]> => {
  const kept = (await records.load(account))?.account.outbox.entries ?? []
  return [...(await records.readLog(account, 0, 1_000)), ...kept]
}

/** A new empty folder, removed by the function beside it. */
export const newFolder = async (): Promise<{
  readonly path: string
  readonly remove: () => Promise<void>
}> => {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-store-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Every file below the folder with its bytes. */
export const filesIn = async (
  folder: string,
): Promise<readonly { readonly path: string; readonly bytes: Buffer }[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(paths.map(async (path) => ({ path, bytes: await readFile(path) })))
}

export interface Child {
  /** The next line of standard output; null when it has ended. */
  line(): Promise<string | null>
  /** Ends it without a chance to clean up, and resolves when the system says that it is gone. */
  kill(): Promise<void>
}

/** Runs test/support/store-child.ts in a process of its own. `limitKiB` bounds the size of any file it writes. */
export const startChild = (args: readonly string[], limitKiB?: number): Child => {
  const script = fileURLToPath(new URL('store-child.ts', import.meta.url))
  const node = ['--conditions', 'holdfast-source', '--import', 'tsx', script, ...args]
  // The shell's unit is 512 bytes in POSIX mode.
  const limited = ['-c', `ulimit -f ${(limitKiB ?? 0) * 2}; exec "$0" "$@"`, process.execPath, ...node]
  const child =
    limitKiB === undefined
      ? spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'inherit'] })
      : spawn('/bin/sh', limited, { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  const lines: string[] = []
  let rest = ''
  let wake = (): void => undefined
  let open = true
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    wake()
  })
  void ended.then(() => {
    open = false
    wake()
  })
  return {
    async line() {
      while (lines.length === 0 && open) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return lines.shift() ?? null
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
