import type * as Sdk from '@holdfast/client'
import type { socketTransport } from '@holdfast/client/live'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, startBrowser, whyNoBrowser } from '../support/browser.ts'
import { TEST_APP, type TestService, signTicket, startService } from '../support/service.ts'

declare const sdk: typeof Sdk & { readonly socketTransport: typeof socketTransport }
declare const ticketFor: (request: Parameters<typeof signTicket>[0]) => Promise<string>

const ENTRY = `
  export * from './client-sdk/src/index.ts'
  export { socketTransport } from './client-sdk/src/live.ts'
`

/** Runs in the page. */
const recoverInPage = async ([url, app]: readonly [string, string]) => {
  const { account, contact, owner, requester } = sdk
  const device = (name: string) => sdk.createClient({ url, app, storage: sdk.indexedDbStorage(name) })
  const person = async (name: string) => {
    const client = device(name)
    await account.register(client, { ticket: await ticketFor(await account.prepare(client)) })
    return client
  }
  const payload = crypto.getRandomValues(new Uint8Array(1000))
  const seed = crypto.getRandomValues(new Uint8Array(32))
  const phone = device('phone')
  const id = await account.register(phone, {
    ticket: await ticketFor(await account.prepare(phone, { seed })),
  })
  const friends = [await person('ann'), await person('ben'), await person('cem')]
  for (const friend of friends) {
    const { link } = await owner.invite(phone, { base: location.origin })
    await contact.acceptInvitation(friend, link)
  }
  await owner.protect(phone, { threshold: 2, waitingSeconds: 1, payload })
  for (const friend of friends) {
    const { offers } = await contact.shares(friend)
    for (const offer of offers) await contact.accept(friend, offer)
  }

  // Only live events, no polling, tell what happens from here on.
  const signal = AbortSignal.timeout(20_000)
  const live = { transport: sdk.socketTransport, intervalMs: 3_600_000, signal }
  const events: string[] = []
  sdk.watch(phone, { role: 'device', ...live }, (event) => event && events.push(event.event))

  const next = device('next')
  const ticket = await ticketFor(await requester.prepare(next, { account: id, cause: 'lost' }))
  await requester.open(next, { ticket })
  const states: string[] = []
  const back = requester.recoverWhenReady(next, { ...live, onProgress: ({ state }) => states.push(state) })
  for (const friend of friends.slice(1)) {
    const request = (await contact.requests(friend))[0] as Sdk.contact.Request
    const { slot } = await contact.compare(friend, request)
    await requester.answer(next, { slot })
    const role = 'device' as const
    await sdk.until(friend, { role, ...live }, () => contact.reveal(friend, request))
    const code = (await requester.readOut(next, { slot })) ?? ''
    const { readBack } = await contact.typeCode(friend, { ...request, code })
    await requester.typeCode(next, { slot, code: readBack })
    await contact.approve(friend, request)
  }
  const found = await back
  return {
    seed: found.seed.expose().join() === seed.join(),
    payload: found.payload.join() === payload.join(),
    shown: String(found.seed),
    loaded: performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name).pathname)
      .filter((name) => name.includes('noble-curves')),
    events: [...new Set(events)],
    states: [...new Set(states)],
  }
}

describe.skipIf(whyNoBrowser !== null)(`the SDK in Chromium ${whyNoBrowser ?? ''}`, () => {
  let browser: Browser
  let service: TestService
  let profile: string
  beforeAll(async () => {
    profile = await mkdtemp(join(tmpdir(), 'holdfast-profile-'))
    browser = await startBrowser(ENTRY, profile)
    service = await startService({ env: { HOLDFAST_ORIGINS: browser.origin } })
  })
  afterAll(async () => {
    await browser.close()
    await service.close()
    await rm(profile, { recursive: true, force: true })
  })

  it('protects a key and gets it back, under a strict content security policy, told by live events', async () => {
    const page = await browser.page()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    await page.exposeFunction('ticketFor', signTicket)
    const result = await page.evaluate(recoverInPage, [service.url, TEST_APP] as const)
    // A recovery that is not releasable yet is no defect; browsers report every refusal on the console.
    expect(problems.filter((text) => !text.includes('status of 409'))).toEqual([])
    expect(result).toMatchObject({ seed: true, payload: true, shown: '[secret]' })
    expect(result.events).toContain('recovery-opened')
    expect(result.events).toContain('recovery-quorum')
    expect(result.states[0]).toBe('collecting')
    // Chromium has the curves itself.
    expect(result.loaded).toEqual([])
  })
})
