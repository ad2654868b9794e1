/**
 * A data folder on a disk that fills up in the middle of a recovery, and has room again later.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isHoldfastError, owner, requester } from '@holdfast/client'
import { approve, ask } from '../support/story-call.ts'
import { superviseService, type Supervised } from '../support/story-child.ts'
import { acceptOffers, meet, ownersView, protect } from '../support/story-circle.ts'
import type { StoryPerson } from '../support/story-stage.ts'
import type { Finding, Judgement } from './judge.ts'
import { carryingOn } from './play.ts'
import { playRound, type Outcome, type Round } from './rounds.ts'
import { skipped, type Result, type Suite, type Task } from './suite.ts'

const ROUNDS = 3
const SIZE = '256m'
const WAITING_SECONDS = 2
/** Longer than the waiting period: what time brings meets the full disk too. */
const FULL_MS = 5_000
/** So often at least the service says that it is full. */
const FEWEST = 5
const TOLD_WITHIN_MS = 10_000
const LOOK_MS = 100

const ranWell = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, [...args], { stdio: 'ignore' }).status === 0

interface Disk {
  readonly folder: string
  fill(): void
  empty(): void
  remove(): void
}

/** Null where this process may not mount. */
const mountDisk = (): Disk | null => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-disk-'))
  if (!ranWell('mount', '-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder)) {
    rmSync(folder, { recursive: true })
    return null
  }
  const ballast = join(folder, 'ballast')
  return {
    folder,
    fill() {
      for (let size = 2 ** 22; size >= 1;) {
        try {
          appendFileSync(ballast, Buffer.alloc(size))
        } catch {
          size = Math.floor(size / 4)
        }
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    remove() {
      ranWell('umount', '-l', folder)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (isHoldfastError(error) ? error.code : String(error)),
  )

/** All but the revision and what time alone brings meanwhile. */
const lasting = async (person: StoryPerson): Promise<string> => {
  const { circle, devices } = await ownersView(person)
  return JSON.stringify({ circle, devices })
}

const onDisk = async (service: Supervised, disk: Disk, codes: Map<string, number>): Promise<Judgement> => {
  const findings: Finding[] = []
  const find = (fault: Finding['fault'], what: string): void => void findings.push({ fault, what })
  const [holder, ...contacts] = (await service.people(3)) as [StoryPerson, ...StoryPerson[]]
  for (const friend of contacts) await meet(holder, friend)
  const periods = { waitingSeconds: WAITING_SECONDS, coolingSeconds: 1, collectingSeconds: 3600 }
  await protect({ owner: holder, contacts }, periods)
  for (const friend of contacts) await acceptOffers(friend)
  const phone = await ask(service, holder.account)
  for (const friend of contacts) await approve(phone, friend)

  const before = await lasting(holder)
  disk.fill()
  let full = 0
  for (const until = Date.now() + FULL_MS; Date.now() < until || full < FEWEST; await pause(LOOK_MS)) {
    if (Date.now() > until + FULL_MS * 5) throw new Error('The disk never was full.')
    const code = await codeOf(service.person())
    if (code === 'storage_full') full += 1
    codes.set(code, (codes.get(code) ?? 0) + 1)
    if (code !== 'storage_full' && code !== 'done') find('broken', `answered ${code} on a full disk`)
    if ((await lasting(holder)) !== before) find('broken', 'a full disk changed something')
    // Pages that were free before hold a little more.
    disk.fill()
  }
  disk.empty()
  const back = await carryingOn(() => requester.recover(phone.client))
  if (back.liars.length > 0) find('lost', 'shares')

  const types = (await owner.readLog(phone.client)).map(({ type }) => type)
  for (const type of ['epoch-activated', 'recovery-quorum', 'recovery-released', 'recovery-completed']) {
    const count = types.filter((logged) => logged === type).length
    if (count !== 1) find(count === 0 ? 'lost' : 'twice', `${type}: ${count}`)
  }
  const missing = await untold(join(disk.folder, 'data', 'notices.jsonl'), phone.recovery)
  if (missing.length > 0) find('told', `nobody was told of ${missing.join(', ')}`)
  return { isRecovery: true, findings, late: null }
}

/** Events of this request of which no whole line tells, once everything had its time. */
const untold = async (file: string, about: string): Promise<readonly string[]> => {
  const events = ['recovery-opened', 'recovery-quorum', 'recovery-released', 'recovery-completed']
  let missing: readonly string[] = events
  for (
    const until = Date.now() + TOLD_WITHIN_MS;
    missing.length > 0 && Date.now() < until;
    await pause(LOOK_MS)
  ) {
    const told = readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => {
        try {
          const { event, recovery } = JSON.parse(line) as {
            readonly event: string
            readonly recovery: string
          }
          return recovery === about ? [event] : []
        } catch {
          return []
        }
      })
    missing = events.filter((event) => !told.includes(event))
  }
  return missing
}

export const diskRound = (number: number, codes: Map<string, number>): Round<null> => ({
  name: `disk:full#${number}`,
  async play() {
    const disk = mountDisk()
    if (disk === null) throw new Error('The disk cannot be mounted any more.')
    try {
      const env = { HOLDFAST_DATA_DIR: join(disk.folder, 'data'), HOLDFAST_BACK_OFF_SECONDS: '0' }
      const service = await superviseService({ env })
      try {
        return [await onDisk(service, disk, codes)]
      } finally {
        await service.close()
      }
    } finally {
      disk.remove()
    }
  },
})

/** Why no disk can be filled here; null if one can. */
export const missingDisk = (): string | null => {
  const probe = mountDisk()
  probe?.remove()
  return probe === null ? 'no small disk can be mounted by this user' : null
}

const run = async ({ rounds, isWanted, onOutcome }: Task): Promise<Result> => {
  const missing = missingDisk()
  if (missing !== null) return skipped(missing)
  const outcomes: Outcome[] = []
  const codes = new Map<string, number>()
  for (let number = 0; number < (rounds ?? ROUNDS); number += 1) {
    const round = diskRound(number, codes)
    if (!isWanted(round.name)) continue
    const outcome = await playRound(null, round)
    outcomes.push(outcome)
    onOutcome(outcome)
  }
  const note = [...codes].map(([code, count]) => `${code} ${count}`).join(', ')
  const value = codes.get('storage_full') ?? 0
  return {
    outcomes,
    skipped: null,
    more: [{ name: 'answers that the disk is full', value, unit: '', target: { least: FEWEST }, note }],
  }
}

export const diskSuite: Suite = {
  name: 'disk',
  title: 'Disk',
  about: `A data folder on a disk of its own (tmpfs, ${SIZE}) that is full for ${FULL_MS / 1000} s in the middle of a recovery.`,
  run,
}
