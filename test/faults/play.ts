/**
 * One whole recovery, as people have it: through the SDK, over HTTP, each of them trying again as apps do. Notes what the
 * service acknowledged, and when.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { contact, isHoldfastError, owner, requester } from '@holdfast/client'
import { toBase64url } from '@holdfast/client/protocol'
import { END_STATES, type Recovery } from '../../src/domain/account.ts'
import { releasableAtOf } from '../../src/domain/reminders.ts'
import { ask, compareCodes, pullOnly, requestAt, type StoryRequester } from '../support/story-call.ts'
import { acceptOffers, meet, protect } from '../support/story-circle.ts'
import type { StoryPerson, Town } from '../support/story-stage.ts'
import type { Outages } from './outages.ts'
import type { Rows } from './rows.ts'

/** `race`: veto and pull in the same instant. `expired`: nobody answers. */
export const ENDINGS = ['released', 'vetoed', 'race', 'expired'] as const
export type Ending = (typeof ENDINGS)[number]

export const STEPS = [
  'register',
  'meet',
  'protect',
  'accept',
  'open',
  'compare',
  'approve',
  'quorum',
  'wait',
  'end',
] as const
export type Step = (typeof STEPS)[number]

export const WAITING_MS = 1_000
/** Long enough that a busy machine opens a request in it, short enough to be waited for. */
const EXPIRING_SECONDS = 3
const CARRY_ON_MS = 90_000
const LOOK_MS = 20

export interface Played {
  readonly ending: Ending
  readonly holder: StoryPerson
  readonly phone: StoryRequester
  /** Log lines that must be there, for each was acknowledged: type → how many. */
  readonly acknowledged: ReadonlyMap<string, number>
  /** Calls of `protect`. Each proposes anew, as its contract says, and takes the place of what a lost answer may have left. */
  readonly proposals: number
  /** Devices that asked, each with a ticket of its own: where answers are lost, the last of them goes on. */
  readonly openings: number
  /** Our clock, when the approval that made the quorum was first sent. Null if none was. */
  readonly quorumSentAt: number | null
  /** Our clock, at each release that was acknowledged. */
  readonly releases: readonly number[]
  /** Our clock, when a veto that ended the request was acknowledged. */
  readonly vetoedAt: number | null
  /** Null where nobody looked before it was known. */
  readonly late: Late | null
  /** Whether what came back is what was protected; null where nothing came back. */
  readonly isWhole: boolean | null
}

/** How long after it was due the store knew what time had brought, ms. */
export interface Late {
  /** Without the time in which nobody could do it: the store or both workers were away. */
  readonly ms: number
  readonly withOutagesMs: number
}

export interface Scene extends Town {
  readonly rows: Rows
  readonly outages: Outages
}

export interface PlayOptions {
  readonly ending: Ending
  /** Before each step; here trouble begins. */
  readonly before?: (step: Step) => Promise<void>
}

/** Until it is done, as long as the service advises to try again. */
export const carryingOn = async <T>(act: () => Promise<T>): Promise<T> => {
  for (const until = Date.now() + CARRY_ON_MS; ; await pause(LOOK_MS)) {
    try {
      return await act()
    } catch (error) {
      const passes = isHoldfastError(error) && error.advice.startsWith('retry')
      if (!passes || Date.now() > until) throw error
    }
  }
}

const seedOf = async ({ storage }: StoryPerson): Promise<string> =>
  (JSON.parse((await storage.get('device')) ?? '{}') as { seed: string }).seed

export const isOver = ({ state }: Recovery): boolean => (END_STATES as readonly string[]).includes(state)

/** Waits until the store knows it. */
const latenessOf = async (
  { rows, outages }: Scene,
  { account, recovery }: StoryRequester,
  due: (recovery: Recovery) => { readonly at: number; readonly isKnown: boolean },
): Promise<Late | null> => {
  let isFirst = true
  for (const until = Date.now() + CARRY_ON_MS; ; await pause(LOOK_MS)) {
    const { at, isKnown } = due(await rows.recovery(account, recovery))
    const now = Date.now()
    if (isKnown && isFirst) return null
    isFirst = false
    if (isKnown) return { ms: now - at - outages.msWithin(at, now), withOutagesMs: now - at }
    if (now > until) throw new Error('What was due never happened.')
  }
}

/** What a pull was answered with: a release, or the code of its refusal. */
const pulled = (phone: StoryRequester, releases: number[]): Promise<string> =>
  pullOnly(phone).then(
    () => {
      releases.push(Date.now())
      return 'released'
    },
    (error: unknown) => {
      if (isHoldfastError(error)) return error.code
      throw error
    },
  )

/** Where nothing is on offer any more, an earlier try has accepted it, and then it is held. */
const acceptedFrom = async (holder: StoryPerson, friend: StoryPerson): Promise<void> => {
  await acceptOffers(friend)
  const { held } = await contact.shares(friend.client)
  if (!held.some(({ owner: from }) => from === holder.account)) throw new Error('The share is gone.')
}

export const playRecovery = async (scene: Scene, { ending, before }: PlayOptions): Promise<Played> => {
  const acknowledged = new Map<string, number>()
  const note = (...types: readonly string[]): void => {
    for (const type of types) acknowledged.set(type, (acknowledged.get(type) ?? 0) + 1)
  }
  const step = async (name: Step): Promise<void> => before?.(name)
  const releases: number[] = []

  await step('register')
  const person = () => carryingOn(() => scene.person())
  const [holder, one, two] = await Promise.all([person(), person(), person()])
  const payload = new TextEncoder().encode(`letters of ${holder.account}`)
  note('account-registered')

  await step('meet')
  for (const friend of [one, two]) await carryingOn(() => meet(holder, friend))
  await step('protect')
  const periods = { waitingSeconds: WAITING_MS / 1000, coolingSeconds: 1 }
  const collectingSeconds = ending === 'expired' ? EXPIRING_SECONDS : 3600
  const circle = { owner: holder, contacts: [one, two] }
  let proposals = 0
  await carryingOn(() => {
    proposals += 1
    return protect(circle, { ...periods, collectingSeconds, payload })
  })
  note('epoch-proposed')
  await step('accept')
  for (const friend of [one, two]) {
    await carryingOn(() => acceptedFrom(holder, friend))
    note('share-accepted')
  }
  note('epoch-activated')

  await step('open')
  let openings = 0
  const phone = await carryingOn(() => {
    openings += 1
    return ask(scene, holder.account)
  })
  note('recovery-opened')
  const played = { ending, holder, phone, acknowledged, proposals, openings, releases }
  const nothing = { quorumSentAt: null, vetoedAt: null, late: null, isWhole: null }
  if (ending === 'expired') {
    await step('wait')
    const late = await latenessOf(scene, phone, (recovery) => ({
      at: recovery.expiresAt,
      isKnown: recovery.state === 'expired',
    }))
    note('recovery-ended')
    await step('end')
    return { ...played, ...nothing, late }
  }

  await step('compare')
  for (const friend of [one, two]) await carryingOn(() => compareCodes(phone, friend))
  await step('approve')
  const approve = async (friend: StoryPerson): Promise<void> => {
    await carryingOn(async () => contact.approve(friend.client, await requestAt(friend, phone.recovery)))
    note('recovery-answered')
  }
  await approve(one)
  await step('quorum')
  const quorumSentAt = Date.now()
  await approve(two)
  note('recovery-quorum')

  // Looked at beside what people do, whose calls may hang: what they do not hear of is not late by that.
  const lateness =
    ending === 'released'
      ? latenessOf(scene, phone, (recovery) => ({
          at: releasableAtOf(recovery) ?? 0,
          isKnown: recovery.state === 'releasable' || recovery.releasedAt !== null,
        }))
      : null
  lateness?.catch(() => undefined)
  await step('wait')
  const isEarly = (): boolean => Date.now() < quorumSentAt + WAITING_MS
  // Somebody who will not wait: what is released before its time is found by its instant.
  while (isEarly()) {
    await pulled(phone, releases)
    await pause(5 * LOOK_MS)
  }
  if (ending === 'released') {
    const late = await lateness
    await step('end')
    return { ...played, ...nothing, quorumSentAt, late, ...(await released(played, payload, note)) }
  }

  await step('end')
  const veto = async (): Promise<number | null> => {
    const outcome = await carryingOn(() => owner.veto(holder.client, phone)).catch((error: unknown) => {
      if (isHoldfastError(error) && error.code === 'veto_too_late') return null
      // Its first try was carried out, and the answer was lost.
      if (isHoldfastError(error) && error.code === 'recovery_ended') return { outcome: 'vetoed' }
      throw error
    })
    return outcome?.outcome === 'vetoed' ? Date.now() : null
  }
  const racing = ending === 'race' ? pulled(phone, releases) : Promise.resolve('')
  const [vetoedAt] = await Promise.all([veto(), racing])
  if (vetoedAt === null)
    return { ...played, ...nothing, quorumSentAt, ...(await released(played, payload, note)) }
  note('recovery-ended')
  for (let tries = 0; tries < 3; tries += 1) await pulled(phone, releases)
  return { ...played, ...nothing, quorumSentAt, vetoedAt }
}

/** The new device takes the key back. */
const released = async (
  { holder, phone, releases }: { holder: StoryPerson; phone: StoryRequester; releases: number[] },
  payload: Uint8Array,
  note: (...types: readonly string[]) => void,
): Promise<{ readonly isWhole: boolean }> => {
  const back = await carryingOn(() => requester.recover(phone.client))
  releases.push(Date.now())
  note('recovery-released', 'recovery-completed')
  const isSeed = toBase64url(back.recoveredSeed.expose()) === (await seedOf(holder))
  return { isWhole: isSeed && Buffer.from(back.payload).equals(payload) && back.liars.length === 0 }
}
