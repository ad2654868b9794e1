import { randomBytes } from 'node:crypto'
import { account as accountOf, requester } from '@holdfast/client'
import {
  HoldfastError,
  Secret,
  answerChallenge,
  identityFromSeed,
  signCancel,
  signMessage,
  signVeto,
  type OperationName,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSdkCircle, type SdkCircle, type SdkPerson } from '../support/sdk-circle.ts'
import { signTicket, startService, type TestService } from '../support/service.ts'
import { openLayer, send, someId } from './layer.ts'

let service: TestService
let circle: SdkCircle
let lonely: SdkPerson

beforeAll(async () => {
  service = await startService({ queue: 'none' })
  // The collecting period that the SDK suggests. An owner who chooses another one shows thereby that there is a circle.
  circle = await openSdkCircle(service, { input: { collectingSeconds: 14 * 24 * 3600 } })
  lonely = await service.person()
})
afterAll(() => service.close())

const post = (path: string, body: unknown, token?: string): Promise<Response> =>
  fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  })

/** All that can be seen of an answer: status, headers but the date, and its text. */
const seen = async (response: Response) => {
  const headers = [...response.headers].filter(([name]) => name !== 'date')
  return { status: response.status, headers, text: await response.text() }
}

/** A text with every id, key, number and hash replaced by its kind: what is left must be equal. */
const shapeOf = (text: string): string =>
  text
    .replaceAll(/"[\w-]{16,}(?:\.[\w-]+)*"/g, (match) => `"<${match.length - 2}>"`)
    .replaceAll(/\d{13}/g, '<instant>')

describe('known and unknown accounts', () => {
  it('get challenges of the same form', async () => {
    const of = async (account: string) => {
      const { status, headers, text } = await seen(await post('/v1/challenges', { account }))
      return { status, headers, shape: shapeOf(text) }
    }
    const unknown = await of(someId())
    expect(unknown.status).toBe(201)
    expect(await of(lonely.account)).toEqual(unknown)
    expect(await of(circle.owner.account)).toEqual(unknown)
  })

  it('get the same bytes when a sign-in is refused', async () => {
    const { signing } = (await (await fetch(`${service.url}/v1/service`)).json()) as { signing: string }
    const of = async (account: string, recovery: string | null) => {
      const answer = await post('/v1/challenges', { account })
      const { challenge } = (await answer.json()) as { challenge: string }
      const seed = Secret.random(32)
      const message = await answerChallenge({ service: signing, account, recovery, challenge, seed })
      return seen(await post('/v1/sessions', { message }))
    }
    const unknown = await of(someId(), null)
    expect(unknown.status).toBe(403)
    for (const account of [lonely.account, circle.owner.account])
      expect(await of(account, null)).toEqual(unknown)
    for (const account of [someId(), circle.owner.account])
      expect(await of(account, someId())).toEqual(unknown)
  })

  it('get recoveries of the same form, which look the same when read', async () => {
    const of = async (account: string) => {
      const client = service.client()
      const request = await requester.prepare(client, { account, cause: 'lost' })
      await requester.open(client, { ticket: await signTicket({ ...request, sub: someId() }) })
      const token = await client.sessions.token('requester')
      const response = await fetch(`${service.url}/v1/recovery`, {
        headers: { authorization: `Bearer ${token}` },
      })
      const { status, headers, text } = await seen(response)
      const view = JSON.parse(text) as { openedAt: number; expiresAt: number }
      return { status, headers, shape: shapeOf(text), lifetime: view.expiresAt - view.openedAt }
    }
    const { lifetime, ...unknown } = await of(someId())
    expect(unknown.status).toBe(200)
    const expected = { ...unknown, lifetime }
    expect(await of(lonely.account)).toEqual(expected)
    expect(await of(circle.owner.account)).toEqual(expected)
  })

  it('get the same bytes when their requests are cancelled', async () => {
    const of = async (account: string) => {
      const client = service.client()
      const request = await requester.prepare(client, { account, cause: 'lost' })
      await requester.open(client, { ticket: await signTicket({ ...request, sub: someId() }) })
      const token = await client.sessions.token('requester')
      const { recovery, requesterSeed } = JSON.parse((await client.storage.get('request')) ?? '{}') as Record<
        'recovery' | 'requesterSeed',
        string
      >
      const keys = await identityFromSeed(Secret.of(Buffer.from(requesterSeed, 'base64url')))
      const body = await signCancel({ account, recovery, requester: keys })
      return seen(await post('/v1/recovery/cancellation', body, token))
    }
    const unknown = await of(someId())
    expect(unknown.status).toBe(200)
    for (const account of [lonely.account, circle.owner.account]) expect(await of(account)).toEqual(unknown)
  })

  it('get the same bytes for what is not there and what is somebody else’s', async () => {
    const token = await lonely.client.sessions.token('device')
    const get = async (path: string) =>
      seen(await fetch(`${service.url}${path}`, { headers: { authorization: `Bearer ${token}` } }))
    const unknown = await get(`/v1/accounts/${someId()}/identity`)
    expect(unknown.status).toBe(404)
    // A decoy is no account.
    const decoy = someId()
    const stranger = service.client()
    const request = await requester.prepare(stranger, { account: decoy, cause: 'lost' })
    await requester.open(stranger, { ticket: await signTicket(request) })
    expect(await get(`/v1/accounts/${decoy}/identity`)).toEqual(unknown)
    for (const account of [someId(), decoy, circle.owner.account])
      expect(await get(`/v1/accounts/${account}/invitations/${someId()}`)).toEqual(unknown)
  })

  it('get the same bytes when a stranger vetoes', async () => {
    const of = async (account: string, recovery: string) => {
      const { signing } = await identityFromSeed(Secret.of(randomBytes(32)))
      const body = await signVeto({ account, recovery, by: 'identity', seed: signing.seed })
      return seen(await post('/v1/vetoes', body))
    }
    const unknown = await of(someId(), someId())
    expect(unknown.status).toBe(403)
    for (const account of [lonely.account, circle.owner.account])
      expect(await of(account, someId())).toEqual(unknown)
  })

  it('get the same bytes when somebody who is no contact compares codes', async () => {
    const token = await lonely.client.sessions.token('device')
    const { keys } = await accountOf.readSelf(lonely.client)
    const of = async (owner: string, recovery: string) => {
      const body = { recovery, slot: 1, attempt: 1, mode: 'digits' }
      const message = await signMessage('session-start', body, keys.signing.seed)
      return seen(await post('/v1/approvals/session-starts', { owner, message }, token))
    }
    const stranger = service.client()
    const request = await requester.prepare(stranger, { account: circle.owner.account, cause: 'lost' })
    const { recovery } = await requester.open(stranger, {
      ticket: await signTicket({ ...request, sub: someId() }),
    })
    const unknown = await of(someId(), someId())
    expect(unknown.status).toBe(404)
    expect(await of(circle.owner.account, someId())).toEqual(unknown)
    expect(await of(circle.owner.account, recovery)).toEqual(unknown)
  })
})

describe('how soon it is known that an account is there', () => {
  const tookMs = async (name: OperationName, act: () => unknown): Promise<number> => {
    const layer = await openLayer({ act, checkAnswers: false })
    try {
      const took: number[] = []
      for (let count = 0; count < 8; count += 1) {
        const from = performance.now()
        await (await send(layer, name)).text()
        took.push(performance.now() - from)
      }
      return Math.min(...took.slice(1))
    } finally {
      await layer.close()
    }
  }
  const refuse = () => {
    throw new HoldfastError('signature_rejected')
  }

  it.each(['veto', 'cancelChange', 'openRecovery', 'createSession'] as const)(
    '%s: a refusal takes 15 ms at least, however little there is to do',
    async (name) => expect(await tookMs(name, refuse)).toBeGreaterThan(14),
  )
  it('a sign-in need not wait', async () => {
    expect(await tookMs('createSession', () => ({}))).toBeLessThan(14)
  })
})
