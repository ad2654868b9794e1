/** What an app does about notices: says where, reads what became of them, from several devices, and believes no service. */
import { setDestinations, readNotices } from '@holdfast/client/notices'
import { account, createClient, memoryStorage, type Client } from '@holdfast/client'
import { HoldfastError } from '@holdfast/client/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSdkCircle } from '../support/sdk-circle.ts'
import { ask, coded, untilTrue } from '../support/sdk-recovery.ts'
import { TEST_APP, type TestService, signTicket, startService } from '../support/service.ts'

let service: TestService
beforeAll(async () => {
  service = await startService({ queue: 'none' })
})
afterAll(() => service.close())

const keys = { p256dh: `B${'x'.repeat(85)}A`, auth: 'aaaaaaaaaaaaaaaaaaaaaA' }
const browser = (number: number) => ({ endpoint: `https://push.example.net/${number}`, keys })

/** Answers of the service, changed on their way. */
const through = (client: Client, change: (answer: Record<string, unknown>) => object): Client =>
  createClient({
    url: client.url,
    app: client.app,
    storage: client.storage,
    fetch: async (input, init) => {
      const response = await fetch(input, init)
      const url = input instanceof Request ? input.url : String(input)
      if (!url.endsWith('/v1/account/notices')) return response
      return Response.json(change((await response.json()) as Record<string, unknown>))
    },
  })

describe('where somebody is told', () => {
  it('is nowhere at first; what is left out stays as it was', async () => {
    const { client } = await service.person()
    expect((await readNotices(client)).destinations).toBe(null)
    await setDestinations(client, { mail: 'ada@example.org', language: 'de' })
    await setDestinations(client, { push: [browser(1), browser(2)] })
    expect((await readNotices(client)).destinations).toEqual({
      language: 'de',
      mail: 'ada@example.org',
      push: [browser(1), browser(2)],
      webhook: false,
      digest: true,
      isOwn: true,
    })
    await setDestinations(client, { mail: null })
    expect((await readNotices(client)).destinations).toMatchObject({ mail: null, language: 'de' })
  })

  it('two devices that say it at once do not undo each other', async () => {
    const { client } = await service.person()
    const other = createClient({ url: client.url, app: client.app, storage: client.storage })
    await Promise.all([
      setDestinations(client, { mail: 'ada@example.org' }),
      setDestinations(other, { webhook: true }),
    ])
    expect((await readNotices(client)).destinations).toMatchObject({ mail: 'ada@example.org', webhook: true })
  })

  it('an address that cannot be one is refused before anything is sent', async () => {
    const { client } = await service.person()
    await expect(setDestinations(client, { mail: 'ada' })).rejects.toEqual(coded('malformed'))
    const near = { endpoint: 'https://localhost/x', keys }
    await expect(setDestinations(client, { push: [near] })).rejects.toEqual(coded('malformed'))
  })
})

describe('a service that lies', () => {
  it('cannot show another statement as one’s own, nor hide that there is a newer one', async () => {
    const { client } = await service.person()
    await setDestinations(client, { mail: 'ada@example.org' })
    const { statement: foreign } = await service.person().then(async ({ client: eve }) => {
      await setDestinations(eve, { mail: 'eve@example.org' })
      return eve.call('readNotices', {})
    })
    const swapped = through(client, (answer) => ({ ...answer, statement: foreign }))
    await expect(readNotices(swapped)).rejects.toEqual(coded('signature_rejected'))
    const own = await client.call('readNotices', {})
    const edited = own.statement!.body.replace('ada@', 'eve@')
    const forged = through(client, (answer) => ({ ...answer, statement: { ...own.statement, body: edited } }))
    expect((await readNotices(forged)).destinations).toMatchObject({ isOwn: false })
    // Nothing of what this identity did not state is stated by it now.
    await setDestinations(forged, { webhook: true })
    expect((await readNotices(client)).destinations).toMatchObject({ mail: null, webhook: true, isOwn: true })
    await setDestinations(client, { webhook: false })
    const older = through(client, (answer) => ({ ...answer, statement: own.statement }))
    await expect(readNotices(older)).rejects.toEqual(coded('signature_rejected'))
  })

  it('cannot make an identity use up its numbers', async () => {
    const { client } = await service.person()
    const lost = (sequence: number) => through(client, (answer) => ({ ...answer, sequence, statement: null }))
    const said = { mail: 'ada@example.org' }
    await expect(setDestinations(lost(999_999_998), said)).rejects.toEqual(coded('signature_rejected'))
    await setDestinations(lost(3), said)
    expect((await client.call('readNotices', {})).sequence).toBe(4)
  })
})

it('what became of each notice is there to read, the owner’s own and that of the contacts', async () => {
  const circle = await openSdkCircle(service, { contacts: 2 })
  const { client, account: id } = circle.owner
  await ask(service, id)
  await untilTrue(async () => {
    const told = (await readNotices(client)).notices
    return told.some(({ event, state }) => event === 'recovery-opened' && state === 'unaddressed')
  })
  // This service has no channel of its own: whoever reads sees that nobody was reached, and why.
  await setDestinations(client, { mail: 'ada@example.org' })
  await untilTrue(async () => {
    const { notices } = await readNotices(client)
    return notices.some(({ event, ways }) => event === 'destinations-changed' && ways[0]?.tries === 1)
  })
  const { notices, contacts, offered, pushKey } = await readNotices(client)
  expect([offered, pushKey]).toEqual([[], null])
  expect(notices.find(({ event }) => event === 'recovery-opened')?.state).toBe('unaddressed')
  expect(notices.at(-1)?.ways).toMatchObject([{ channel: 'mail', state: 'queued', reason: 'misconfigured' }])
  expect(contacts).toHaveLength(2)
  expect(contacts.every(({ addressed }) => !addressed)).toBe(true)
})

it('needs an account', async () => {
  const stranger = service.client()
  await expect(readNotices(stranger)).rejects.toBeInstanceOf(HoldfastError)
  const own = createClient({ url: service.url, app: TEST_APP, storage: memoryStorage() })
  await account.register(own, { ticket: await signTicket(await account.prepare(own)) })
  expect((await readNotices(own)).notices.map(({ event }) => event)).toEqual(['device-registered'])
})
