import { account as accountOf, owner, requester } from '@holdfast/client'
import { Secret, changedEvent, revokeDevice, type ChangedEvent } from '@holdfast/client/protocol'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { sessionTokens } from '../../src/http/tokens.ts'
import { IS_SCALED } from '../support/engine.ts'
import { openSdkCircle, type SdkPerson } from '../support/sdk-circle.ts'
import { signTicket, startService, type TestService } from '../support/service.ts'
import { someId } from '../api/layer.ts'

let service: TestService
beforeAll(async () => {
  service = await startService({ env: { HOLDFAST_ORIGINS: 'https://app.example' } })
  // Events come by jobs: those that wait for the queue to start would come seconds later.
  await service.service.started()
})
afterAll(() => service.close())

const open: Socket[] = []
afterEach(() => {
  for (const socket of open.splice(0)) socket.disconnect()
})

interface Listener {
  readonly socket: Socket
  readonly events: ChangedEvent[]
  /** Resolves with the reason once the socket is cut. */
  readonly ended: Promise<string>
}

interface ConnectOptions {
  readonly origin?: string
  readonly transports?: ('websocket' | 'polling')[]
}

/** Connects as a client would. Rejects with the service's code if it is refused. */
const listen = (
  token: unknown,
  { origin, transports = ['websocket'] }: ConnectOptions = {},
): Promise<Listener> =>
  new Promise((resolve, reject) => {
    const socket = io(service.url, {
      transports,
      forceNew: true,
      reconnection: false,
      auth: { token },
      ...(origin !== undefined && { extraHeaders: { origin } }),
    })
    open.push(socket)
    const events: ChangedEvent[] = []
    socket.on('changed', (message: unknown) => {
      const parsed = changedEvent.safeParse(message)
      if (!parsed.success) throw new Error('an event outside the protocol')
      events.push(parsed.data)
    })
    const ended = new Promise<string>((done) => socket.on('disconnect', (reason) => done(reason)))
    socket.on('connect', () => resolve({ socket, events, ended }))
    socket.on('connect_error', (error) => reject(error))
  })

const refusal = (connecting: Promise<Listener>): Promise<string> =>
  connecting.then(
    () => 'connected',
    (error: Error) => error.message,
  )

const eventually = async (holds: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 400 && !holds(); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 25))
  expect(holds()).toBe(true)
}

const tokenOf = ({ client }: SdkPerson): Promise<string> => client.sessions.token('device')

const ask = async (account: string) => {
  const client = service.client()
  const request = await requester.prepare(client, { account, cause: 'lost' })
  const view = await requester.open(client, { ticket: await signTicket({ ...request, sub: someId() }) })
  return { client, recovery: view.recovery, token: await client.sessions.token('requester') }
}

describe('the handshake', () => {
  it('refuses whoever has no session', async () => {
    const person = await service.person()
    const { token: foreign } = await sessionTokens(Secret.random(32)).issue(
      { role: 'device', account: person.account, device: 'A'.repeat(43) },
      Date.now(),
    )
    for (const token of [undefined, null, 7, {}, 'x'.repeat(3000)])
      expect(await refusal(listen(token))).toBe('sign_in_required')
    for (const token of ['', 'a.b.c', foreign]) expect(await refusal(listen(token))).toBe('session_expired')
  })

  it('refuses a token that has expired, and one whose device was never registered', async () => {
    const person = await service.person()
    const { tokens } = service.service.deps
    const caller = await tokens.read(await tokenOf(person), Date.now())
    if (caller === null) throw new Error('no caller')
    const old = await tokens.issue(caller, Date.now() - 601_000)
    expect(await refusal(listen(old.token))).toBe('session_expired')
    const stranger = await tokens.issue(
      { role: 'device', account: person.account, device: 'A'.repeat(43) },
      Date.now(),
    )
    expect(await refusal(listen(stranger.token))).toBe('session_expired')
  })

  it('refuses web pages from other origins, by either transport', async () => {
    const token = await tokenOf(await service.person())
    for (const transports of [['websocket'], ['polling']] as const) {
      for (const origin of ['https://evil.example', 'null', 'https://app.example.evil'])
        expect(await refusal(listen(token, { origin, transports: [...transports] }))).not.toBe('connected')
      // Polls of one connection must reach one process, which takes a proxy with sticky sessions; the SDK never polls.
      if (IS_SCALED && transports[0] === 'polling') continue
      for (const origin of ['https://app.example', service.url])
        expect(await refusal(listen(token, { origin, transports: [...transports] }))).toBe('connected')
    }
  })
})

describe('events', () => {
  it('tell the owner, the contacts and the requester, each only what is theirs', async () => {
    const { owner: holder, contacts } = await openSdkCircle(service)
    const stranger = await service.person()
    const [toOwner, toContact, toStranger] = await Promise.all([
      listen(await tokenOf(holder)),
      listen(await tokenOf(contacts[0] ?? stranger)),
      listen(await tokenOf(stranger)),
    ])
    const first = await ask(holder.account)
    const second = await ask(holder.account)
    const [toFirst, toSecond] = [await listen(first.token), await listen(second.token)]
    const opened = (events: readonly ChangedEvent[]) =>
      events.filter(({ event }) => event === 'recovery-opened').map(({ recovery }) => recovery)
    await eventually(() => opened(toOwner.events).length >= 2 && opened(toContact.events).length >= 2)
    expect(opened(toOwner.events).toSorted()).toEqual([first.recovery, second.recovery].toSorted())
    const aboutOthers = toContact.events.filter(({ account }) => account !== contacts[0]?.account)
    expect(new Set(aboutOthers.map(({ account }) => account))).toEqual(new Set([holder.account]))

    await owner.veto(holder.client, { recovery: first.recovery })
    const ended = ({ events }: Listener) => events.filter(({ event }) => event === 'recovery-ended')
    await eventually(
      () => ended(toFirst).length > 0 && ended(toOwner).length > 0 && ended(toContact).length > 0,
    )
    expect(ended(toFirst)[0]).toMatchObject({
      account: holder.account,
      recovery: first.recovery,
      revision: 0,
    })
    // The other requester, and a stranger, heard nothing of it.
    expect(toSecond.events).toEqual([])
    expect(toStranger.events.filter(({ account }) => account === holder.account)).toEqual([])
  })

  it('cannot be had by asking for a room, and asking ends the connection', async () => {
    const { owner: holder } = await openSdkCircle(service)
    const thief = await service.person()
    for (const [event, ...args] of [
      ['join', `account:${holder.account}`],
      ['subscribe', { room: `account:${holder.account}` }],
      ['changed', { account: holder.account }],
    ] as const) {
      const listener = await listen(await tokenOf(thief))
      listener.socket.emit(event, ...args)
      expect(await listener.ended).toBe('io server disconnect')
      expect(listener.events.filter(({ account }) => account === holder.account)).toEqual([])
    }
  })

  it('do not reach a request of the same id on another account: who asks chooses its id', async () => {
    const { recovery, account } = { recovery: someId(), account: someId() }
    const ask = async (about: string) => {
      const client = service.client()
      const named = await requester.prepare(client, { account: about, cause: 'lost' })
      const record = JSON.parse((await client.storage.get('request')) ?? 'null') as object
      await client.storage.set('request', JSON.stringify({ ...record, recovery }))
      await requester.open(client, { ticket: await signTicket({ ...named, sub: someId() }) })
      return { client, listener: await listen(await client.sessions.token('requester')) }
    }
    const [real, twin] = [await ask(account), await ask(someId())]
    await requester.cancel(real.client)
    await vi.waitFor(() => expect(real.listener.events.map(({ event }) => event)).toContain('recovery-ended'))
    expect(twin.listener.events).toEqual([])
  })

  it('do not reach a device that was revoked, which is cut off at once', async () => {
    const person = await service.person()
    const listener = await listen(await tokenOf(person))
    const { devices } = await owner.status(person.client)
    const { keys } = await accountOf.readSelf(person.client)
    const message = await revokeDevice({
      account: person.account,
      device: devices[0]?.device ?? '',
      identity: keys,
    })
    await person.client.call('revokeDevice', { body: { message } })
    expect(await listener.ended).toBe('io server disconnect')
    expect(listener.events.map(({ event }) => event)).not.toContain('device-revoked')
    expect(await refusal(listen(await tokenOf(person)))).toBe('session_expired')
  })
})

describe('a connection', () => {
  it('ends with its token, unless it is renewed in time', async () => {
    const person = await service.person()
    const { tokens } = service.service.deps
    const caller = await tokens.read(await tokenOf(person), Date.now())
    if (caller === null) throw new Error('no caller')
    const nearlyOver = async () => (await tokens.issue(caller, Date.now() - 598_000)).token
    const [ending, renewed] = [await listen(await nearlyOver()), await listen(await nearlyOver())]
    const answer: unknown = await renewed.socket.emitWithAck('renew', await tokenOf(person))
    expect(answer).toMatchObject({ expiresAt: expect.any(Number) as number })
    expect(await ending.ended).toBe('io server disconnect')
    expect(renewed.socket.connected).toBe(true)
  })

  it('ends when it is renewed by somebody else’s token, or none', async () => {
    const [person, other] = [await service.person(), await service.person()]
    for (const token of [await tokenOf(other), 'a.b.c', null, { toString: 'x' }]) {
      const listener = await listen(await tokenOf(person))
      listener.socket.emit('renew', token)
      expect(await listener.ended).toBe('io server disconnect')
    }
  })

  it('ends when it sends more than 16 KiB', async () => {
    const listener = await listen(await tokenOf(await service.person()))
    listener.socket.emit('renew', 'x'.repeat(17_000))
    expect(await listener.ended).toBe('transport close')
  })

  it('is one of at most 32 of an account: the oldest gives way', async () => {
    const token = await tokenOf(await service.person())
    const first = await listen(token)
    // Each process that answers counts its own, and they take turns.
    const most = IS_SCALED ? 2 * 32 : 32
    for (let count = 1; count < most; count += 1) await listen(token)
    expect(first.socket.connected).toBe(true)
    await listen(token)
    expect(await first.ended).toBe('io server disconnect')
  })

  it('that is abused leaves the service well', async () => {
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
    expect(service.lines.filter((line) => line.includes('uncaught'))).toEqual([])
  })
})
