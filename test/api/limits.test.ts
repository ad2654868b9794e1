import { requester } from '@holdfast/client'
import { isHoldfastError, type ErrorCode } from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import { networkOf } from '../../src/http/limits.ts'
import { signTicket, startService, type TestService } from '../support/service.ts'
import { openLayer, send, someId } from './layer.ts'

const withService = async (env: Record<string, string>, run: (service: TestService) => Promise<void>) => {
  const service = await startService({ env, queue: 'none', answering: 1 })
  try {
    await run(service)
  } finally {
    await service.close()
  }
}

const codeOf = (call: Promise<unknown>): Promise<ErrorCode | 'ok'> =>
  call.then(
    () => 'ok' as const,
    (error: unknown) => {
      if (!isHoldfastError(error)) throw error
      return error.code
    },
  )

const statusOf = async (response: Promise<Response>): Promise<number> => (await response).status

describe('addresses', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['unknown', 'unknown'],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it('are the connection’s own unless a proxy is trusted', async () => {
    const layer = await openLayer({ limits: { address: 3 } })
    try {
      const from = (address: string) =>
        statusOf(send(layer, 'readService', { headers: { 'x-forwarded-for': address } }))
      const statuses = []
      for (let last = 1; last <= 4; last += 1) statuses.push(await from(`198.51.100.${last}`))
      expect(statuses).toEqual([200, 200, 200, 429])
    } finally {
      await layer.close()
    }
  })

  it('are those that the trusted proxy saw, and not what a caller adds in front', async () => {
    await withService({ HOLDFAST_TRUSTED_HOPS: '1', HOLDFAST_LIMIT_ADDRESS: '2' }, async ({ url }) => {
      const from = (address: string) =>
        statusOf(fetch(`${url}/v1/service`, { headers: { 'x-forwarded-for': address } }))
      expect([await from('198.51.100.1'), await from('9.9.9.9, 198.51.100.1')]).toEqual([200, 200])
      expect([await from('8.8.8.8, 198.51.100.1'), await from('198.51.100.2')]).toEqual([429, 200])
    })
  })
})

describe('accounts', () => {
  it('are limited for who is signed in, each on its own', async () => {
    await withService({ HOLDFAST_LIMIT_ACCOUNT: '10' }, async (service) => {
      const [one, other] = [await service.person(), await service.person()]
      const codes = []
      for (let calls = 0; calls < 12; calls += 1) codes.push(await codeOf(one.client.call('listShares', {})))
      expect(codes[0]).toBe('ok')
      expect(codes.at(-1)).toBe('rate_limited')
      expect(await codeOf(other.client.call('listShares', {}))).toBe('ok')
    })
  })

  it('cannot be kept from signing in by a stranger elsewhere', async () => {
    await withService({ HOLDFAST_LIMIT_ACCOUNT: '5', HOLDFAST_TRUSTED_HOPS: '1' }, async ({ url }) => {
      const account = someId()
      const ask = (address: string) =>
        statusOf(
          fetch(`${url}/v1/challenges`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
            body: JSON.stringify({ account }),
          }),
        )
      const stranger = []
      for (let calls = 0; calls < 6; calls += 1) stranger.push(await ask('198.51.100.1'))
      expect(stranger).toEqual([201, 201, 201, 201, 201, 429])
      expect(await ask('198.51.100.2')).toBe(201)
    })
  })

  it('can always veto: what others asked about the account does not count', async () => {
    const layer = await openLayer({ limits: { account: 1 } })
    try {
      const body = JSON.stringify({
        message: { body: `{"account":"${someId()}"}`, signature: 'A'.repeat(86) },
      })
      for (let calls = 0; calls < 5; calls += 1)
        for (const name of ['veto', 'cancelChange'] as const)
          expect(await statusOf(send(layer, name, { body }))).toBe(200)
      const cancelled = [
        await send(layer, 'createSession', { body }),
        await send(layer, 'createSession', { body }),
      ]
      expect(cancelled.map(({ status }) => status)).toEqual([201, 429])
    } finally {
      await layer.close()
    }
  })

  it('take only so many recoveries of one subject, of which only those count that were opened', async () => {
    await withService({ HOLDFAST_LIMIT_OPENINGS: '2' }, async (service) => {
      const account = someId()
      const open = async (ticketFor = account, sub = 'thief', repeats = 1) => {
        const client = service.client()
        const request = await requester.prepare(client, { account, cause: 'lost' })
        const ticket = await signTicket({ ...request, account: ticketFor, sub })
        const input = await bodyFor(client, ticket)
        for (let done = 1; done < repeats; done += 1) await client.call('openRecovery', input)
        return codeOf(client.call('openRecovery', input))
      }
      const bodyFor = async (client: ReturnType<TestService['client']>, ticket: string) => {
        let sent: { ticket: string; message: { body: string; signature: string } } | undefined
        const spy: typeof client = {
          ...client,
          call: (async (_: string, { body }: { body: typeof sent }) => {
            sent = body
            throw new Error('only to see what would be sent')
          }) as unknown as typeof client.call,
        }
        await requester.open(spy, { ticket }).catch(() => undefined)
        if (sent === undefined) throw new Error('nothing was sent')
        return { body: sent }
      }
      for (let tries = 0; tries < 4; tries += 1) expect(await open(someId())).toBe('ticket_rejected')
      // One ticket counts once, however often it is sent again.
      expect([await open(account, 'thief', 5), await open()]).toEqual(['ok', 'ok'])
      expect(await open()).toBe('rate_limited')
      // Somebody else's tickets do not use up the owner's.
      expect(await open(account, 'owner')).toBe('ok')
    })
  })
})

describe('contacts', () => {
  it('are limited in what they do in others’ recoveries, and in nothing else', async () => {
    const layer = await openLayer({ limits: { contact: 2 } })
    try {
      const names = ['startSession', 'revealSession', 'concludeSession', 'decide'] as const
      const statuses = []
      for (const name of names) statuses.push(await statusOf(send(layer, name)))
      expect(statuses).toEqual([200, 200, 429, 429])
      expect(await statusOf(send(layer, 'listContactRecoveries'))).toBe(200)
    } finally {
      await layer.close()
    }
  })
})
