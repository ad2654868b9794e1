import {
  type Client,
  account,
  contact,
  createClient,
  isHoldfastError,
  memoryStorage,
  owner,
  requester,
} from '@holdfast/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { at, coded, requestAt, seedOf } from '../support/sdk-recovery.ts'
import { TEST_APP, type TestService, signTicket, startService } from '../support/service.ts'

let service: TestService
beforeAll(async () => {
  service = await startService({ env: { HOLDFAST_BACK_OFF_SECONDS: '0' } })
})
afterAll(() => service.close())

/** What the network did: by method and path, how many answers were lost. */
const lost = new Map<string, number>()

/** A client that gives up at once, on a network that carries everything out and loses each answer the first time. */
const unlucky = (): Client => {
  const gone = new Set<string>()
  const send: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    const place = `${init?.method ?? ''} ${new URL(String(input)).pathname}`
    const asked = `${place} ${String(init?.body)}`
    // A repeat with a new signature or nonce is another request: three lost answers for each operation.
    const count = lost.get(place) ?? 0
    const isFirst = !gone.has(asked) && [...gone].filter((one) => one.startsWith(place)).length < 3
    if (!isFirst) return response
    gone.add(asked)
    lost.set(place, count + 1)
    throw new TypeError('fetch failed')
  }
  return createClient({ url: service.url, app: TEST_APP, storage: memoryStorage(), fetch: send, retries: 0 })
}

/** A person who tries again. */
const insist = async <T>(call: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call()
    } catch (error) {
      if (tries > 20 || !isHoldfastError(error) || error.code !== 'unavailable') throw error
    }
  }
}

const person = async () => {
  const client = unlucky()
  const ticket = await signTicket(await account.prepare(client))
  return { client, account: await insist(() => account.register(client, { ticket })) }
}

it.each(['lost', 'stolen'] as const)(
  'nothing breaks when every first answer is lost: a phone that was %s',
  async (cause) => {
    lost.clear()
    const holder = await person()
    const contacts = [await person(), await person()]
    const circle = { owner: holder, contacts }
    for (const one of contacts) {
      const { link } = await insist(() => owner.invite(holder.client, { base: 'https://app.example/' }))
      await insist(() => contact.acceptInvitation(one.client, link))
    }
    expect(await insist(() => owner.contacts(holder.client))).toHaveLength(2)
    await insist(() => owner.protect(holder.client, { threshold: 2, waitingSeconds: 1, coolingSeconds: 1 }))
    for (const { client } of contacts) {
      const { offers } = await insist(() => contact.shares(client))
      for (const offer of offers) await insist(() => contact.accept(client, offer))
    }
    const { active } = (await insist(() => owner.status(holder.client))).circle
    expect(active).not.toBeNull()

    const device = unlucky()
    const asked = await requester.prepare(device, { account: holder.account, cause })
    // Each try with a new ticket, as an app would that takes the first for spent.
    await insist(async () => requester.open(device, { ticket: await signTicket(asked) }))
    for (const slot of [1, 2]) {
      const helper = at(circle, slot)
      const request = await insist(() => requestAt(helper, holder.account))
      await insist(() => contact.compare(helper, request))
      await insist(() => requester.answer(device, { slot }))
      await insist(() => contact.reveal(helper, request))
      const code = (await insist(() => requester.readOut(device, { slot }))) ?? ''
      const { readBack } = await insist(() => contact.typeCode(helper, { ...request, code }))
      await insist(() => requester.typeCode(device, { slot, code: readBack }))
      await insist(() => contact.approve(helper, { ...request, stolen: cause === 'stolen' }))
    }
    const { recoveries } = await insist(() => owner.status(holder.client))
    expect(recoveries).toHaveLength(1)
    const back = await requester.recoverWhenReady(device, {
      signal: AbortSignal.timeout(20_000),
      intervalMs: 100,
    })
    expect(Buffer.from(back.recoveredSeed.expose()).toString('base64url')).toBe(await seedOf(holder.client))
    expect((await insist(() => owner.status(device))).account).toBe(holder.account)
    await insist(() => owner.protect(device, { threshold: 2, waitingSeconds: 1, coolingSeconds: 1 }))
    for (const { client } of contacts) {
      const { offers } = await insist(() => contact.shares(client))
      expect(offers.map(({ known }) => known)).toEqual([true])
      for (const offer of offers) await insist(() => contact.accept(client, offer))
    }
    await insist(() => owner.deleteCircle(device)).catch((error: unknown) =>
      expect(error).toEqual(coded('change_pending')),
    )
    const coreHash = (await insist(() => owner.status(device))).circle.active?.coreHash ?? ''
    await insist(() => owner.cancelChange(device, { coreHash })).catch((error: unknown) =>
      expect(error).toEqual(coded('change_not_pending')),
    )
    // The network did what it is here for.
    for (const place of [
      'accounts',
      'sessions',
      'circle/epochs',
      'recoveries',
      'recovery/completion',
      'recovery/release',
    ])
      expect(lost.get(`POST /v1/${place}`), place).toBeGreaterThan(0)
    expect(lost.size).toBeGreaterThan(20)
  },
)
