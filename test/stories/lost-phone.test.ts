/** A phone is lost. On a new one the key comes back, with everything running as in earnest: queue, sockets, real time. */
import { randomBytes } from 'node:crypto'
import { contact, owner, requester, watch } from '@holdfast/client'
import { socketTransport } from '@holdfast/client/live'
import { type ChangedEvent, type RequesterView, toBase64url } from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { approve, approveAll, ask, requestAt } from '../support/story-call.ts'
import { acceptOffers, contactAt, openCircle, protect, type StoryCircle } from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { openStage, type Stage, type StoryPerson } from '../support/story-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({ queue: 'pglite' })
  await stage.service().service.started()
})
afterAll(() => stage.close())

/** What this person's device hears over its socket. */
const listen = async ({ client }: StoryPerson, signal: AbortSignal): Promise<readonly ChangedEvent[]> => {
  const heard: ChangedEvent[] = []
  await new Promise<void>((connected) => {
    watch(client, { role: 'device', transport: socketTransport, signal }, (event) => {
      if (event === null) connected()
      else heard.push(event)
    })
  })
  return heard
}

const heardOf = (heard: readonly ChangedEvent[], recovery: string): readonly string[] =>
  heard.filter((event) => event.recovery === recovery).map(({ event }) => event)

const seedOf = async ({ storage }: StoryPerson): Promise<string> =>
  (JSON.parse((await storage.get('device')) ?? '{}') as { seed: string }).seed

it('a key and 64 KiB come back byte for byte through three of five, and owner and contacts hear every step', async () => {
  const payload = new Uint8Array(randomBytes(64 * 1024))
  const circle = await openCircle(stage, { count: 5, threshold: 3, waitingSeconds: 1, payload })
  const listening = new AbortController()
  const ears = await Promise.all([
    listen(circle.owner, listening.signal),
    listen(contactAt(circle, 5), listening.signal),
  ])

  const phone = await ask(stage, circle.owner.account)
  await approveAll(
    phone,
    [4, 1, 2].map((slot) => contactAt(circle, slot)),
  )
  const quorumAt = Date.now()
  const seen: RequesterView[] = []
  const recovered = await requester.recoverWhenReady(phone.client, {
    signal: AbortSignal.timeout(20_000),
    transport: socketTransport,
    onProgress: (view) => seen.push(view),
  })

  expect(Date.now() - quorumAt).toBeGreaterThanOrEqual(950)
  expect(toBase64url(recovered.recoveredSeed.expose())).toBe(await seedOf(circle.owner))
  expect(Buffer.from(recovered.payload).equals(payload)).toBe(true)
  expect(recovered).toMatchObject({ account: circle.owner.account, liars: [] })
  expect(seen.map(({ state }) => state)).toContain('waiting')

  await expect.poll(() => heardOf(ears[0], phone.recovery), { timeout: 5000 }).toContain('recovery-completed')
  await expect.poll(() => heardOf(ears[1], phone.recovery), { timeout: 5000 }).toContain('recovery-completed')
  const [toOwner, toContact] = ears.map((heard) => heardOf(heard, phone.recovery))
  expect(toOwner).toEqual(
    expect.arrayContaining(['recovery-opened', 'session-matched', 'recovery-answered', 'recovery-released']),
  )
  expect(toContact).toEqual(
    expect.arrayContaining(['recovery-opened', 'recovery-quorum', 'recovery-released']),
  )
  // A contact hears that there are enough answers, not whose.
  expect(toContact).not.toContain('recovery-answered')
  listening.abort()

  await theNewPhoneIsTheOwners(circle, phone)
})

const theNewPhoneIsTheOwners = async (
  circle: StoryCircle,
  phone: Awaited<ReturnType<typeof ask>>,
): Promise<void> => {
  const now = { ...circle.owner, client: phone.client, storage: phone.storage }
  const view = await owner.status(now.client)
  expect(view.recoveries.at(-1)).toMatchObject({ recovery: phone.recovery, state: 'completed' })
  expect(view.circle).toMatchObject({ active: null, highestEpoch: 1 })
  // The old phone was lost, not stolen: should it turn up, it still is the owner's.
  expect(view.devices).toHaveLength(2)
  expect((await owner.status(circle.owner.client)).account).toBe(circle.owner.account)
  const log = await owner.readLog(now.client)
  expect(log.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['recovery-completed', 'epoch-activated']),
  )

  // Nothing more to be had from the spent circle; a new one is active as soon as all have accepted.
  const again = await ask(stage, circle.owner.account)
  expect(await contact.requests(contactAt(circle, 1).client)).toEqual([])
  expect(await codeOf(requester.recover(again.client))).toBe('not_releasable')
  await requester.cancel(again.client)
  await protect({ ...circle, owner: now }, { waitingSeconds: 1, threshold: 3 })
  for (const friend of circle.contacts) await acceptOffers(friend)
  expect((await owner.status(now.client)).circle).toMatchObject({ active: { epoch: 2 }, pending: null })
}

it('people who cannot be online together compare 60 digits, and the key comes back the same', async () => {
  const circle = await openCircle(stage, { waitingSeconds: 1 })
  const phone = await ask(stage, circle.owner.account)
  for (const slot of [1, 2]) {
    const friend = contactAt(circle, slot)
    const request = await requestAt(friend, phone.recovery)
    const { show } = await contact.compareDigits(friend.client, request)
    const { digits, qr } = await requester.showDigits(phone.client, { slot })
    expect(digits).toMatch(/^\d{60}$/)
    expect(digits).not.toBe(show.digits)
    // One of them reads digits, the other scans.
    await contact.typeCode(friend.client, { ...request, code: slot === 1 ? digits : qr })
    await requester.typeCode(phone.client, { slot, code: slot === 1 ? show.qr : show.digits })
    await contact.approve(friend.client, request)
  }
  const recovered = await requester.recoverWhenReady(phone.client, { signal: AbortSignal.timeout(20_000) })
  expect(toBase64url(recovered.recoveredSeed.expose())).toBe(await seedOf(circle.owner))
})

it('a phone that is only offline: its owner sees the request on coming back, and stops it', async () => {
  const circle = await openCircle(stage, { waitingSeconds: 3600 })
  const phone = await ask(stage, circle.owner.account)
  await approve(phone, contactAt(circle, 1))
  await approve(phone, contactAt(circle, 2))
  const [open] = (await owner.status(circle.owner.client)).recoveries
  expect(open).toMatchObject({ recovery: phone.recovery, state: 'waiting' })
  expect(await owner.veto(circle.owner.client, phone)).toEqual({ outcome: 'vetoed', until: null })
  expect(await codeOf(requester.recover(phone.client))).toBe('recovery_ended')
})
