import { contact, owner, requester, until, watch } from '@holdfast/client'
import { socketTransport } from '@holdfast/client/live'
import type { ChangedEvent } from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSdkCircle } from '../support/sdk-circle.ts'
import { ask, at, talk, untilTrue } from '../support/sdk-recovery.ts'
import { type TestService, startService } from '../support/service.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.close())

/** Without a look in between: only what is told counts. */
const live = (signal: AbortSignal) => ({ transport: socketTransport, intervalMs: 3_600_000, signal })

it('owner, contact and requester are told at once, and a recovery needs no polling', async () => {
  const circle = await openSdkCircle(service, { contacts: 2, input: { waitingSeconds: 1 } })
  const { client, account } = circle.owner
  const signal = AbortSignal.timeout(20_000)
  const seen = new Map<string, (ChangedEvent | null)[]>()
  for (const [name, one] of [
    ['owner', client],
    ['contact', at(circle, 1)],
  ] as const) {
    seen.set(name, [])
    watch(one, { role: 'device', ...live(signal) }, (event) => seen.get(name)?.push(event))
  }
  // Connected: from here on nothing is unseen.
  await untilTrue(() => Promise.resolve([...seen.values()].every((events) => events.includes(null))))
  const device = await ask(service, account)
  const back = requester.recoverWhenReady(device, live(signal))
  const request = await until(at(circle, 1), { role: 'device', ...live(signal) }, async () => {
    const found = await contact.requests(at(circle, 1))
    return found[0] ?? null
  })
  expect(request.doubt).toBeNull()
  for (const slot of [1, 2])
    await contact.approve(at(circle, slot), await talk(device, at(circle, slot), account))
  expect((await back).liars).toEqual([])
  const names = (who: string) => seen.get(who)?.flatMap((event) => event?.event ?? [])
  await untilTrue(() => Promise.resolve(names('owner')?.includes('recovery-completed') ?? false))
  for (const name of ['recovery-opened', 'recovery-answered', 'recovery-quorum', 'recovery-released'])
    expect(names('owner')).toContain(name)
  expect(names('contact')).toContain('recovery-opened')
  expect(names('contact')).toContain('session-answered')
  // Ids and a revision, and nothing else.
  const event = seen.get('owner')?.find((one) => one?.event === 'recovery-opened')
  expect(Object.keys(event ?? {}).sort()).toEqual(['account', 'event', 'recovery', 'revision'])
  expect(event?.account).toBe(account)
})

it('comes back by itself after the service was away', async () => {
  const person = await service.person()
  const ended = new AbortController()
  const connects: (ChangedEvent | null)[] = []
  watch(person.client, { role: 'device', ...live(ended.signal) }, (event) => connects.push(event))
  // Null at each connect and disconnect.
  const turns = (count: number) =>
    untilTrue(() => Promise.resolve(connects.filter((event) => event === null).length >= count))
  await turns(1)
  const port = new URL(service.url).port
  await service.stop()
  await turns(2)
  service = await startService({ folder: service.folder, env: { PORT: port } })
  await turns(3)
  await owner.status(person.client)
  const helper = await service.person()
  const { link } = await owner.invite(person.client, { base: 'https://app.example/' })
  await contact.acceptInvitation(helper.client, link)
  await untilTrue(() => Promise.resolve(connects.some((event) => event?.event === 'invitation-answered')))
  expect(await owner.contacts(person.client)).toHaveLength(1)
  ended.abort()
})
