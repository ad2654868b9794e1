/**
 * A service on a data folder whose clock jumps in the middle of a waiting period, and is put right again where it refuses to
 * go on.
 */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { isHoldfastError, owner, requester } from '@holdfast/client'
import { approve, ask, pullOnly } from '../support/story-call.ts'
import { acceptOffers, meet, protect } from '../support/story-circle.ts'
import { superviseService, type Supervised } from '../support/story-child.ts'
import type { StoryPerson } from '../support/story-stage.ts'
import { fakedBy, setClock } from './faked-clock.ts'
import { LATEST_MS, type Finding, type Judgement } from './judge.ts'
import { carryingOn } from './play.ts'
import type { Round } from './rounds.ts'

const HOUR_MS = 3_600_000
const WAITING_SECONDS = 4
const LOOK_MS = 50
/** What it must answer in the middle of a backward jump, for so long. */
const BEHIND_MS = 1_000

export interface Jump {
  readonly name: string
  readonly ms: number
}

export const JUMPS: readonly Jump[] = [
  { name: 'clock:jump+1h', ms: HOUR_MS },
  { name: 'clock:jump-1h', ms: -HOUR_MS },
  { name: 'clock:jump+40d', ms: 960 * HOUR_MS },
  { name: 'clock:jump-40d', ms: -960 * HOUR_MS },
]

const inTheFolder = async (service: Supervised, clock: string, { ms }: Jump): Promise<Judgement> => {
  const findings: Finding[] = []
  const find = (fault: Finding['fault'], what: string): void => void findings.push({ fault, what })
  const [holder, ...contacts] = (await service.people(3)) as [StoryPerson, ...StoryPerson[]]
  for (const friend of contacts) await meet(holder, friend)
  const periods = { waitingSeconds: WAITING_SECONDS, coolingSeconds: 1, collectingSeconds: 3600 }
  await protect({ owner: holder, contacts }, periods)
  for (const friend of contacts) await acceptOffers(friend)
  const phone = await ask(service, holder.account)
  const [one, two] = contacts as [StoryPerson, StoryPerson]
  await approve(phone, one)
  const quorumSentAt = Date.now()
  await approve(phone, two)

  setClock(clock, ms)
  const codes = new Set<string>()
  const dueAt = quorumSentAt + WAITING_SECONDS * 1000
  const rightAt = Date.now() + BEHIND_MS
  while (Date.now() < dueAt) {
    const code = await pullOnly(phone).then(
      () => 'released',
      (error: unknown) => (isHoldfastError(error) ? error.code : String(error)),
    )
    codes.add(code)
    if (code === 'released' && Date.now() < dueAt) find('early', `${dueAt - Date.now()} ms before its time`)
    if (ms < 0 && Date.now() > rightAt) setClock(clock, 0)
    await pause(LOOK_MS)
  }
  const isSaid = ms < 0 ? codes.has('clock_behind') : service.output().includes('"clock_jumped"')
  if (!isSaid) find('told', `nothing said of the jump; answers were ${[...codes].join(', ')}`)
  await carryingOn(() => requester.recover(phone.client))
  const lateMs = Date.now() - dueAt
  if (lateMs > LATEST_MS) find('late', `${lateMs} ms`)
  const types = (await owner.readLog(phone.client)).map(({ type }) => type)
  for (const type of ['epoch-activated', 'recovery-quorum', 'recovery-released', 'recovery-completed']) {
    const count = types.filter((logged) => logged === type).length
    if (count !== 1) find(count === 0 ? 'lost' : 'twice', `${type}: ${count}`)
  }
  return { isRecovery: true, findings, late: { ms: lateMs, withOutagesMs: lateMs } }
}

export const jumpRound = (jump: Jump, number: number): Round<null> => ({
  name: `${jump.name}#${number}`,
  async play() {
    const clock = join(tmpdir(), `holdfast-clock-${randomUUID()}`)
    setClock(clock, 0)
    const service = await superviseService({ env: { ...fakedBy(clock), HOLDFAST_BACK_OFF_SECONDS: '0' } })
    try {
      return [await inTheFolder(service, clock, jump)]
    } finally {
      await service.close()
      rmSync(clock)
    }
  },
})
