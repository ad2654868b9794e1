import { account as accountOf, owner, requester } from '@holdfast/client'
import { changedEvent, revokeDevice, type ChangedEvent } from '@holdfast/client/protocol'
import { io, type Socket } from 'socket.io-client'
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { connectRedis, redisClient } from '../../src/redis.ts'
import { describeRedis, startRedis, type RedisServer } from '../support/redis-server.ts'
import { openSdkCircle, type SdkPerson } from '../support/sdk-circle.ts'
import { signTicket, startService, type StartOptions, type TestService } from '../support/service.ts'
import { someId } from '../api/layer.ts'

// Two services that answer and one that works, each composed as in earnest: what they share is Redis and the records.
describeRedis('several processes over Redis', () => {
  let redis: RedisServer
  let worker: TestService
  let apis: readonly [TestService, TestService]
  const key = randomBytes(32).toString('base64url')
  const start = (options: StartOptions) =>
    startService({ ...options, env: { REDIS_URL: redis.url, HOLDFAST_MASTER_KEY: key } })

  beforeAll(async () => {
    redis = await startRedis()
    worker = await start({ role: 'worker' })
    const { records, keyStore } = worker.service.deps
    const api = () => start({ role: 'api', stores: { records, keyStore } })
    apis = [await api(), await api()]
    await Promise.all([worker, ...apis].map(({ service }) => service.started()))
  })
  afterAll(async () => {
    for (const service of [...(apis ?? []), worker]) await service?.close()
    await redis?.close()
  })

  const open: Socket[] = []
  afterEach(() => {
    for (const socket of open.splice(0)) socket.disconnect()
  })

  const tokenOf = ({ client }: SdkPerson): Promise<string> => client.sessions.token('device')

  const listen = (service: TestService, token: string, reconnection = false) =>
    new Promise<{ socket: Socket; events: ChangedEvent[]; ended: Promise<string> }>((resolve, reject) => {
      const socket = io(service.url, {
        transports: ['websocket'],
        forceNew: true,
        reconnection,
        auth: { token },
      })
      open.push(socket)
      const events: ChangedEvent[] = []
      socket.on('changed', (message: unknown) => events.push(changedEvent.parse(message)))
      const ended = new Promise<string>((done) => socket.once('disconnect', (reason) => done(reason)))
      socket.once('connect', () => resolve({ socket, events, ended }))
      socket.once('connect_error', reject)
    })

  const eventually = async (what: string, holds: () => boolean | Promise<boolean>, withinMs = 10_000) => {
    const end = performance.now() + withinMs
    while (!(await holds())) {
      if (performance.now() > end) throw new Error(`did not happen: ${what}`)
      await pause(10)
    }
  }

  const ask = async (service: TestService, account: string) => {
    const client = service.client()
    const request = await requester.prepare(client, { account, cause: 'lost' })
    return requester.open(client, { ticket: await signTicket({ ...request, sub: someId() }) })
  }
  const opened = (events: readonly ChangedEvent[]) =>
    events.filter(({ event }) => event === 'recovery-opened').map(({ recovery }) => recovery)

  const publish = async (...messages: string[]) => {
    const client = await connectRedis(await redisClient(redis.url, 'ask'))
    for (const message of messages) expect(await client.publish('holdfast:0:notices', message)).toBe(2)
    client.disconnect()
  }

  it('a notice that the worker delivers reaches the sockets of both, each once, and nobody else', async () => {
    const { owner: holder, contacts } = await openSdkCircle(apis[0])
    const [friend = holder] = contacts
    const stranger = await apis[0].person()
    const [near, far, toFriend, toStranger] = await Promise.all([
      listen(apis[0], await tokenOf(holder)),
      listen(apis[1], await tokenOf(holder)),
      listen(apis[1], await tokenOf(friend)),
      listen(apis[1], await tokenOf(stranger)),
    ])
    const from = performance.now()
    const { recovery } = await ask(apis[1], holder.account)
    await eventually('all three heard', () =>
      [near, far, toFriend].every(({ events }) => opened(events).includes(recovery)),
    )
    console.log(
      `opened on one process, heard on two by way of a third after ${Math.round(performance.now() - from)} ms`,
    )
    await pause(200)
    for (const { events } of [near, far, toFriend]) expect(opened(events)).toEqual([recovery])
    expect(toStranger.events.filter(({ account }) => account === holder.account)).toEqual([])
  })

  it('who is connected is told in the moment of the change, by both processes, while no outbox is relayed', async () => {
    const { records, keyStore } = worker.service.deps
    const other = await startRedis()
    const alone = await Promise.all(
      [1, 2].map(() =>
        startService({
          role: 'api',
          stores: { records, keyStore },
          env: { REDIS_URL: other.url, HOLDFAST_MASTER_KEY: key },
        }),
      ),
    )
    const [near, far] = alone as [TestService, TestService]
    const person = await near.person()
    const [here, there] = [
      await listen(near, await tokenOf(person)),
      await listen(far, await tokenOf(person)),
    ]
    await pause(300)
    const { recovery } = await ask(far, person.account)
    await eventually('both heard', () =>
      [here, there].every(({ events }) => opened(events).includes(recovery)),
    )
    // Neither of them relays, and nobody who does hears of it from this Redis.
    await pause(100)
    for (const { events } of [here, there]) expect(opened(events)).toEqual([recovery])
    for (const each of alone) await each.close()
    await other.close()
  })

  it('somebody else’s notice under the same name takes nobody’s away', async () => {
    const person = await apis[0].person()
    const listener = await listen(apis[0], await tokenOf(person))
    const loaded = await worker.service.deps.records.load(person.account)
    const next = `${person.account}.${(loaded?.account.revision ?? 0) + 1}`
    const audience = { role: 'owner', account: someId() }
    const forged = Array.from({ length: 4 }, (_, index) => ({
      notice: { notice: `${next}.${index}`, at: 1, event: 'recovery-opened', audience, recovery: null },
      ...{ from: 'someone', revision: 9 },
    }))
    await publish(...forged.map((each) => JSON.stringify(each)))
    const { recovery } = await ask(apis[0], person.account)
    await eventually('heard', () => opened(listener.events).includes(recovery))
  })

  it('a process that does both hears its own notices once, and not those of another database', async () => {
    const whole = await startService({ env: { REDIS_URL: `${redis.url}/1` } })
    await whole.service.started()
    const { owner: holder } = await openSdkCircle(whole)
    const listener = await listen(whole, await tokenOf(holder))
    const notice = { notice: `${holder.account}.9.0`, at: 1, event: 'device-revoked', recovery: null }
    const audience = { role: 'owner', account: holder.account }
    await publish(JSON.stringify({ from: 'someone', notice: { ...notice, audience }, revision: 9 }))
    const { recovery } = await ask(whole, holder.account)
    await eventually('heard', () => opened(listener.events).length > 0)
    await pause(300)
    expect(opened(listener.events)).toEqual([recovery])
    expect(listener.events.map(({ event }) => event)).not.toContain('device-revoked')
    await whole.close()
  })

  it('a device revoked on one process is cut off on the other, and hears nothing of it', async () => {
    const person = await apis[0].person()
    const listener = await listen(apis[1], await tokenOf(person))
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
  })

  it('whoever can write to Redis can say no more than that something changed', async () => {
    const person = await apis[0].person()
    const listener = await listen(apis[0], await tokenOf(person))
    const notice = {
      notice: `${person.account}.9.0`,
      at: Date.now(),
      event: 'recovery-opened',
      audience: { role: 'owner', account: person.account },
      recovery: null,
    }
    const whole = { from: 'someone', notice, revision: 9 }
    const refused = [
      'text',
      '[]',
      JSON.stringify({ ...whole, more: 'a secret' }),
      JSON.stringify({ ...whole, notice: { ...notice, event: 'anything' } }),
      JSON.stringify({ ...whole, notice: { ...notice, text: 'a secret' } }),
      JSON.stringify({ ...whole, revision: '9' }),
      JSON.stringify({ ...whole, from: 'x'.repeat(100_000) }),
    ]
    await publish(...refused, JSON.stringify(whole))
    // That its device was registered is true, and may be heard late.
    const heard = () => listener.events.filter(({ event }) => event !== 'device-registered')
    await eventually('the whole one came', () => heard().length > 0)
    expect(heard()).toEqual([
      { event: 'recovery-opened', account: person.account, recovery: null, revision: 9 },
    ])
    for (const { lines } of apis)
      expect(lines.filter((line) => line.includes('notice_refused'))).toHaveLength(refused.length)
  })

  it('a process that answers runs no jobs and no sweep; one that works has a health check and nothing else', async () => {
    expect((await fetch(`${worker.url}/healthz`)).status).toBe(200)
    for (const path of ['/openapi.json', '/accounts', '/', '/socket.io/?EIO=4&transport=polling'])
      expect((await fetch(`${worker.url}${path}`)).status).toBe(404)
    const { records, keyStore } = worker.service.deps
    const due: string[] = []
    const watched = new Proxy(records, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (name === 'due') due.push(name)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
    const alone = await start({ role: 'api', stores: { records: watched, keyStore } })
    await alone.service.started()
    await pause(1_500)
    expect(due).toEqual([])
    await alone.close()
  })

  it('Redis is killed and started again: sockets come back by themselves, since they may have missed something', async () => {
    const { owner: holder } = await openSdkCircle(apis[0])
    const listener = await listen(apis[1], await tokenOf(holder), true)
    await redis.kill()
    // The service goes on: what is asked is done, by the sweep, and only the live event is missing.
    const { recovery } = await ask(apis[0], holder.account)
    const { records } = worker.service.deps
    await eventually('the outbox is empty', async () => (await records.unrelayed(10)).length === 0)
    expect(opened(listener.events)).toEqual([])
    const again = new Promise<void>((resolve) => listener.socket.once('connect', resolve))
    await redis.restart()
    expect(await listener.ended).toBe('transport close')
    await again
    await eventually('jobs run again', () => worker.lines.some((line) => line.includes('queue_reconnected')))
    const second = await ask(apis[0], holder.account)
    await eventually('live again', () => opened(listener.events).includes(second.recovery))
    expect(opened(listener.events)).not.toContain(recovery)
    for (const { lines } of [worker, ...apis])
      expect(lines.filter((line) => line.includes('uncaught') || line.includes('http_failed'))).toEqual([])
  })
})
