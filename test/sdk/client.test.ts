import { type ClientOptions, createClient, memoryStorage } from '@holdfast/client'
import { ERRORS, ERROR_CODES } from '@holdfast/client/protocol'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CHALLENGE, SERVICE, type StandIn, json, problem, startStandIn } from '../support/stand-in.ts'

let server: StandIn
beforeEach(async () => {
  server = await startStandIn()
})
afterEach(() => server.close())

const account = Buffer.alloc(16, 9).toString('base64url')
const coded = (code: string) => expect.objectContaining({ name: 'HoldfastError', code })
const client = (options: Partial<ClientOptions> = {}) =>
  createClient({ url: server.url, app: 'app', storage: memoryStorage(), ...options })

const CHALLENGES = 'POST /v1/challenges'
const ask = (options: Partial<ClientOptions> = {}, signal?: AbortSignal) =>
  client(options).call('createChallenge', { body: { account } }, { signal })
const keys = () => server.to(CHALLENGES).map(({ headers }) => headers['idempotency-key'])

describe('a call', () => {
  it('sends what the table says, and nothing of the browser’s', async () => {
    await ask()
    await ask()
    const [one, two] = server.to(CHALLENGES)
    expect(one?.body).toBe(JSON.stringify({ account }))
    expect(one?.headers['content-type']).toBe('application/json')
    expect(one?.headers['authorization']).toBeUndefined()
    expect(one?.headers['idempotency-key']).toMatch(/^[\w-]{22}$/)
    // Another call is another deed.
    expect(two?.headers['idempotency-key']).not.toBe(one?.headers['idempotency-key'])
    await client().call('readService', {})
    expect(server.to('GET /v1/service')[0]?.headers['idempotency-key']).toBeUndefined()

    const inits: (RequestInit | undefined)[] = []
    const watching: typeof fetch = (input, init) => {
      inits.push(init)
      return fetch(input, init)
    }
    await ask({ fetch: watching })
    expect(inits[0]).toMatchObject({ credentials: 'omit', redirect: 'error', cache: 'no-store' })
  })

  it('is not carried to another address by a redirect', async () => {
    const other = await startStandIn()
    server.on(CHALLENGES, (response) =>
      response.writeHead(307, { location: `${other.url}/v1/challenges` }).end(),
    )
    await expect(ask({ retries: 0 })).rejects.toEqual(coded('unavailable'))
    expect(other.seen).toEqual([])
    await other.close()
  })

  it.each(ERROR_CODES)('repeats a refusal only where its advice allows: %s', async (code) => {
    server.on(CHALLENGES, problem(code, { retryAfterMs: 1 }))
    const { advice } = ERRORS[code]
    await expect(ask({ retries: 2 })).rejects.toEqual(
      expect.objectContaining({ code, advice, retryAfterMs: 1 }),
    )
    const isPassing = advice === 'retry' || code === 'unavailable' || code === 'rate_limited'
    expect(server.to(CHALLENGES)).toHaveLength(isPassing ? 3 : 1)
    expect(new Set(keys()).size).toBe(1)
  })

  it('repeats under the same key until it is answered', async () => {
    const cutOff = (response: ServerResponse) => void response.destroy()
    server.on(CHALLENGES, problem('busy'), cutOff, problem('unavailable'), json(CHALLENGE, 201))
    expect(await ask()).toEqual(CHALLENGE)
    expect(server.to(CHALLENGES)).toHaveLength(4)
    expect(new Set(keys()).size).toBe(1)
  })

  it('leaves a long pause to the caller', async () => {
    server.on(CHALLENGES, problem('rate_limited', { retryAfterMs: 60_000 }))
    await expect(ask()).rejects.toEqual(
      expect.objectContaining({ code: 'rate_limited', retryAfterMs: 60_000 }),
    )
    expect(server.to(CHALLENGES)).toHaveLength(1)
  })

  it.each([
    ['nothing is listening', { url: 'http://127.0.0.1:1' }, () => undefined],
    [
      'the answer breaks off',
      {},
      (r: ServerResponse) => {
        r.writeHead(201, { 'content-length': '100' })
        r.write('{')
        setTimeout(() => r.destroy(), 20)
      },
    ],
    ['a proxy answers for it', {}, (r: ServerResponse) => void r.writeHead(502).end('<h1>Bad</h1>')],
    ['a hotel’s page comes with success', {}, (r: ServerResponse) => void r.end('<h1>Hello</h1>')],
  ])('says unavailable when %s', async (_, options, reply) => {
    server.on(CHALLENGES, reply)
    await expect(ask({ retries: 0, ...options })).rejects.toEqual(coded('unavailable'))
  })

  it.each([
    ['no JSON', 'nonsense'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no code', '{"status":404}'],
    ['an unknown code', '{"code":"tea_time"}'],
    ['a name of every object', '{"code":"toString"}'],
    ['a number', '{"code":404}'],
  ])('takes a problem body with %s for a service that was not reached', async (_, body) => {
    server.on(CHALLENGES, (response) => void response.writeHead(400).end(body))
    await expect(ask({ retries: 0 })).rejects.toEqual(coded('unavailable'))
  })

  it('keeps of a problem only what has the right form', async () => {
    server.on(
      CHALLENGES,
      problem('too_few_shares', { retryAfterMs: '5', slots: [3, 'x', 1.5, 7], detail: 'x' }),
    )
    await expect(ask()).rejects.toMatchObject({ slots: [3, 7], retryAfterMs: undefined, status: 422 })
    server.on(CHALLENGES, problem('too_few_shares', { retryAfterMs: -5, slots: 'none' }))
    await expect(ask()).rejects.toMatchObject({ slots: [], retryAfterMs: undefined })
  })

  it.each([
    ['with a field more', { ...CHALLENGE, more: 1 }],
    ['with a field less', { challenge: CHALLENGE.challenge }],
    ['of another type', { ...CHALLENGE, expiresAt: '1' }],
    ['that is a list', [CHALLENGE]],
    ['that is null', null],
  ])('says upgrade_required to an answer %s, and does not ask again', async (_, answer) => {
    server.on(CHALLENGES, json(answer, 201))
    await expect(ask()).rejects.toEqual(coded('upgrade_required'))
    expect(server.to(CHALLENGES)).toHaveLength(1)
  })
})

describe('time', () => {
  const silent = () => undefined

  it('ends an attempt, before the answer or in the middle of it, and the next has time of its own', async () => {
    const stalled = (response: ServerResponse) => {
      response.writeHead(201)
      response.write('{"challenge":')
    }
    server.on(CHALLENGES, silent, stalled, json(CHALLENGE, 201))
    expect(await ask({ timeoutMs: 150 })).toEqual(CHALLENGE)
    expect(server.to(CHALLENGES)).toHaveLength(3)
    expect(new Set(keys()).size).toBe(1)
    server.on(CHALLENGES, silent)
    const started = performance.now()
    await expect(ask({ timeoutMs: 100, retries: 0 })).rejects.toEqual(coded('timeout'))
    expect(performance.now() - started).toBeGreaterThan(90)
  })

  it('ends in a refusal too', async () => {
    server.on(CHALLENGES, (response) => void response.writeHead(409).write('{"code":'))
    await expect(ask({ timeoutMs: 100, retries: 0 })).rejects.toEqual(coded('timeout'))
  })

  it('stops for the caller’s signal: before, during, and between attempts', async () => {
    await expect(ask({}, AbortSignal.abort())).rejects.toEqual(coded('aborted'))
    expect(server.seen).toEqual([])
    server.on(CHALLENGES, silent)
    await expect(ask({}, AbortSignal.timeout(50))).rejects.toEqual(coded('aborted'))
    expect(server.to(CHALLENGES)).toHaveLength(1)
    server.on(CHALLENGES, problem('busy', { retryAfterMs: 4000 }))
    const started = performance.now()
    await expect(ask({}, AbortSignal.timeout(100))).rejects.toEqual(coded('aborted'))
    expect(performance.now() - started).toBeLessThan(2000)
    expect(server.to(CHALLENGES)).toHaveLength(2)
    await sleep(50)
    expect(server.to(CHALLENGES)).toHaveLength(2)
  })
})

describe('the service’s key', () => {
  const other = { ...SERVICE, signing: Buffer.alloc(32, 7).toString('base64url') }
  const signedUp = async () => {
    const storage = memoryStorage()
    const device = { account, seed: SERVICE.signing, deviceSeed: SERVICE.release, registered: true }
    await storage.set('device', JSON.stringify(device))
    return storage
  }
  const signIn = (options: Partial<ClientOptions>) => client(options).sessions.token('device')

  it('must be the one that the app was built with', async () => {
    const storage = await signedUp()
    await expect(signIn({ storage, serviceKey: other.signing })).rejects.toEqual(coded('service_unknown'))
    // Nothing was signed for it, and nothing remembered.
    expect(server.seen.map(({ path }) => path)).toEqual(['/v1/service'])
    expect(await storage.get('service')).toBeNull()
    await signIn({ storage, serviceKey: SERVICE.signing })
  })

  it.each([
    ['signing', other],
    ['release', { ...SERVICE, release: other.signing }],
  ])('is remembered from the first time on: %s', async (_, changed) => {
    const storage = await signedUp()
    await signIn({ storage })
    server.on('GET /v1/service', json(changed))
    await expect(signIn({ storage })).rejects.toEqual(coded('service_unknown'))
    server.on('GET /v1/service', json(SERVICE))
    await signIn({ storage })
  })
})
