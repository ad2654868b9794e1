import { randomInt } from 'node:crypto'
import { account as accountOf, createClient, memoryStorage, owner, requester } from '@holdfast/client'
import { OPERATIONS, OPERATION_NAMES, type OperationName } from '@holdfast/client/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSdkCircle } from '../support/sdk-circle.ts'
import { TEST_APP, signTicket, startService, type TestService } from '../support/service.ts'
import { wrongWith } from './documented.ts'
import { bodyFor, pathFor } from './layer.ts'
import { type Json, oddValue, spoil } from './spoil.ts'

const full = process.env['HOLDFAST_FULL'] === '1'
const RUNS = full ? 12_000 : 2000
// FUZZ_SEED=<n> npx vitest run test/api/fuzz.test.ts
const SEED = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))

/** Real bodies, to be spoiled: random ones alone would never get past the schemas. */
const samples = new Map<OperationName, Json[]>()
const tokens: string[] = []
let service: TestService

const operationAt = (method: string, path: string): OperationName | undefined =>
  OPERATION_NAMES.find(
    (name) =>
      OPERATIONS[name].method === method &&
      new RegExp(`^${OPERATIONS[name].path.replace(/:\w+/g, '[^/]+')}$`).test(path),
  )

/** A fetch that keeps what passes. */
const recording: typeof fetch = async (input, init) => {
  const name = operationAt(init?.method ?? 'GET', new URL(String(input)).pathname)
  if (name !== undefined && typeof init?.body === 'string')
    samples.set(name, [...(samples.get(name) ?? []), JSON.parse(init.body) as Json])
  return fetch(input, init)
}

beforeAll(async () => {
  service = await startService({ queue: 'none' })
  const client = () =>
    createClient({ url: service.url, app: TEST_APP, storage: memoryStorage(), fetch: recording })
  const person = async () => {
    const own = client()
    const ticket = await signTicket(await accountOf.prepare(own))
    return { client: own, account: await accountOf.register(own, { ticket }) }
  }
  const circle = await openSdkCircle({ ...service, client, person })
  const asking = client()
  const request = await requester.prepare(asking, { account: circle.owner.account, cause: 'lost' })
  await requester.open(asking, { ticket: await signTicket(request) })
  tokens.push(
    await circle.owner.client.sessions.token('device'),
    (await circle.contacts[0]?.client.sessions.token('device')) ?? '',
    await asking.sessions.token('requester'),
  )
  const { recoveries } = await owner.status(circle.owner.client)
  await owner.veto(circle.owner.client, { recovery: recoveries[0]?.recovery ?? '' })
  for (const name of OPERATION_NAMES) if (!samples.has(name)) samples.set(name, [bodyFor(name) as Json])
})
afterAll(() => service.close())

const anyRequest = fc.record({
  name: fc.constantFrom(...OPERATION_NAMES),
  token: fc.nat(9),
  sample: fc.nat(20),
  kind: fc.constantFrom(
    'spoiled',
    'spoiled',
    'flipped',
    'flipped',
    'flipped',
    'other',
    'same',
    'json',
    'text',
  ),
  at: fc.nat(),
  path: fc.array(fc.nat(8), { minLength: 1, maxLength: 5 }),
  value: oddValue,
  text: fc.string({ unit: 'binary', maxLength: 200 }),
  key: fc.oneof(
    { weight: 8, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.string({ minLength: 14, maxLength: 20 }) },
  ),
  query: fc.option(fc.webQueryParameters(), { nil: undefined }),
})
type AnyRequest = typeof anyRequest extends fc.Arbitrary<infer T> ? T : never

/** Changes one letter or digit: mostly still of the form, and never right. */
const flip = (text: string, at: number): string => {
  const places = [...text.matchAll(/[A-Za-z0-9]/g)]
  const place = places[at % places.length]
  if (place === undefined) return text
  const { index, 0: old } = place
  const changed = /\d/.test(old) ? String((Number(old) + 1) % 10) : old === 'A' ? 'B' : 'A'
  return text.slice(0, index) + changed + text.slice(index + 1)
}

const bodyOf = ({ name, kind, sample, at, path, value, text }: AnyRequest): string => {
  const pick = (from: OperationName): Json => {
    const known = samples.get(from) ?? []
    return known[sample % known.length] ?? null
  }
  if (kind === 'text') return text
  if (kind === 'json') return JSON.stringify(value)
  if (kind === 'same') return JSON.stringify(pick(name))
  if (kind === 'flipped') return flip(JSON.stringify(pick(name)), at)
  if (kind === 'other') return JSON.stringify(pick(OPERATION_NAMES[sample % OPERATION_NAMES.length] ?? name))
  return JSON.stringify(spoil(pick(name), path, value))
}

/** Mostly one that the operation takes: what needs no sign-in to be refused is soon known. */
const tokenFor = ({ name, token }: AnyRequest): string | undefined => {
  if (token < 3) return tokens[token]
  return OPERATIONS[name].caller === 'requester' ? tokens[2] : tokens[token % 2]
}

const requestOf = (request: AnyRequest): readonly [string, RequestInit] => {
  const { method } = OPERATIONS[request.name]
  const headers: Record<string, string> = {}
  const token = tokenFor(request)
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  if (request.key !== undefined && method === 'POST') headers['idempotency-key'] = request.key
  const init: RequestInit = { method, headers }
  if (method === 'POST') {
    headers['content-type'] = 'application/json'
    init.body = bodyOf(request)
  }
  const query = request.query === undefined ? '' : `?${request.query}`
  return [`${service.url}${pathFor(request.name)}${query}`, init]
}

describe('random requests', () => {
  it(`get only documented answers, and never 5xx: ${RUNS} of them`, async () => {
    console.info(`fuzz seed ${SEED}`)
    const answered = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(anyRequest, async (request) => {
        const [url, init] = requestOf(request)
        const response = await fetch(url, init)
        const label = `${response.status}`
        answered.set(label, (answered.get(label) ?? 0) + 1)
        const answer = { status: response.status, text: await response.text() }
        expect(wrongWith(request.name, answer), `${request.name} ${String(init.body)}`).toBeNull()
      }),
      { numRuns: RUNS, seed: SEED },
    )
    console.info(Object.fromEntries([...answered].toSorted()))
    // Otherwise the generator would have gone stale, and this test would show nothing.
    expect(answered.get('400')).toBeGreaterThan(100)
    expect((answered.get('200') ?? 0) + (answered.get('201') ?? 0)).toBeGreaterThan(50)
    expect(answered.get('403')).toBeGreaterThan(50)
    expect(service.lines.filter((line) => line.includes('answer_undocumented'))).toEqual([])
  }, 600_000)

  it('leave the service well', async () => {
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
    const { account } = await service.person()
    expect(account).toHaveLength(22)
  })
})
