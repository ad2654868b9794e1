import { type ClientOptions, createClient, memoryStorage } from '@holdfast/client'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type StandIn, json, problem, startStandIn } from '../support/stand-in.ts'

let server: StandIn
beforeEach(async () => {
  server = await startStandIn()
})
afterEach(() => server.close())

const account = Buffer.alloc(16, 9).toString('base64url')
const seed = Buffer.alloc(32, 3).toString('base64url')
const coded = (code: string) => expect.objectContaining({ code })
const DONE = 'POST /v1/invitations'
const invitation = { invitation: account, expiresAt: 1, answer: null }

const signedUp = async (options: Partial<ClientOptions> = {}) => {
  const storage = memoryStorage()
  await storage.set('device', JSON.stringify({ account, seed, deviceSeed: seed, registered: true }))
  return createClient({ url: server.url, app: 'app', storage, ...options })
}
const invite = (client: Awaited<ReturnType<typeof signedUp>>, signal?: AbortSignal) =>
  client.call(
    'createInvitation',
    { body: { message: { body: '{}', signature: 'A'.repeat(86) } } },
    { signal },
  )
const tokens = () => server.to(DONE).map(({ headers }) => headers.authorization)

it('a device signs in once for all calls, also for calls at one time', async () => {
  server.on(DONE, json(invitation, 201))
  const client = await signedUp()
  await Promise.all([invite(client), invite(client)])
  await invite(client)
  expect(tokens()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1'])
  expect(server.to('POST /v1/challenges')).toHaveLength(1)
  expect(server.to('GET /v1/service')).toHaveLength(1)
})

it.each(['session_expired', 'sign_in_required'] as const)(
  'renews its session and does the same again under the same key: %s',
  async (code) => {
    server.on(DONE, problem(code), json(invitation, 201))
    const client = await signedUp()
    expect(await invite(client)).toEqual(invitation)
    const keys = server.to(DONE).map(({ headers }) => headers['idempotency-key'])
    expect(tokens()).toEqual(['Bearer token-1', 'Bearer token-2'])
    expect(new Set(keys).size).toBe(1)
  },
)

it('renews once, not for ever', async () => {
  server.on(DONE, problem('session_expired'))
  const client = await signedUp()
  await expect(invite(client)).rejects.toEqual(coded('session_expired'))
  expect(server.to(DONE)).toHaveLength(2)
})

it('two calls that find the session over renew it once', async () => {
  server.on(DONE, problem('session_expired'), problem('session_expired'), json(invitation, 201))
  const client = await signedUp()
  await Promise.all([invite(client), invite(client)])
  expect(server.to('POST /v1/sessions')).toHaveLength(2)
})

it('a sign-in that failed is not remembered', async () => {
  server.on(DONE, json(invitation, 201))
  server.on(
    'POST /v1/challenges',
    problem('not_found'),
    json({ challenge: 'c'.repeat(60), expiresAt: 1 }, 201),
  )
  const client = await signedUp()
  await expect(invite(client)).rejects.toEqual(coded('not_found'))
  await invite(client)
})

it('takes a new challenge where the answer to one was lost, and gives up after the fourth', async () => {
  server.on(DONE, json(invitation, 201))
  const granted = json({ token: 'late', expiresAt: 1 }, 201)
  server.on(
    'POST /v1/sessions',
    (response) => void response.destroy(),
    problem('challenge_rejected'),
    granted,
  )
  await invite(await signedUp())
  expect(tokens()).toEqual(['Bearer late'])
  expect(server.to('POST /v1/challenges')).toHaveLength(2)
  server.on('POST /v1/sessions', problem('challenge_rejected'))
  await expect(invite(await signedUp())).rejects.toEqual(coded('challenge_rejected'))
  expect(server.to('POST /v1/challenges')).toHaveLength(2 + 4)
})

it('whoever gives up takes the sign-in from nobody else', async () => {
  server.on(DONE, json(invitation, 201))
  let release = (): void => undefined
  server.on('POST /v1/challenges', (response, request) => {
    release = () => json({ challenge: 'c'.repeat(60), expiresAt: 1 }, 201)(response, request)
  })
  const client = await signedUp()
  const impatient = invite(client, AbortSignal.timeout(100))
  const patient = invite(client)
  await expect(impatient).rejects.toEqual(coded('aborted'))
  release()
  expect(await patient).toEqual(invitation)
  expect(server.to('POST /v1/challenges')).toHaveLength(1)
})

it('without an account, or a request, there is nobody to sign in', async () => {
  const client = createClient({ url: server.url, app: 'app', storage: memoryStorage() })
  await expect(invite(client)).rejects.toEqual(coded('not_registered'))
  await expect(client.call('readRecovery', {})).rejects.toEqual(coded('not_found'))
  expect(server.seen).toEqual([])
})

it('a record that this version cannot read is left alone', async () => {
  const client = await signedUp()
  const future = JSON.stringify({ account, version: 2 })
  await client.storage.set('device', future)
  await expect(invite(client)).rejects.toEqual(coded('storage_failed'))
  expect(await client.storage.get('device')).toBe(future)
})
