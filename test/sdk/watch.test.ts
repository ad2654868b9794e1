import {
  HoldfastError,
  type LiveTransport,
  createClient,
  memoryStorage,
  until,
  watch,
} from '@holdfast/client'
import type { ChangedEvent } from '@holdfast/client/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'

const client = createClient({ url: 'http://127.0.0.1:1', app: 'app', storage: memoryStorage() })
const event: ChangedEvent = { event: 'recovery-opened', account: 'a'.repeat(22), recovery: null, revision: 1 }
const coded = (code: string) => expect.objectContaining({ code })

/** A connection that the test holds in its hand. */
const wire = () => {
  const state = { closed: false, connection: undefined as Parameters<LiveTransport>[0] | undefined }
  const transport: LiveTransport = (connection) => {
    state.connection = connection
    return () => {
      state.closed = true
      // As a real one does.
      connection.onConnected(false)
    }
  }
  const connected = (is: boolean) => state.connection?.onConnected(is)
  return { transport, state, connected, send: () => state.connection?.onEvent(event) }
}

describe('watch', () => {
  it('polls while nothing is connected, and only then', async () => {
    const ended = new AbortController()
    const { transport, state, connected, send } = wire()
    const seen: (ChangedEvent | null)[] = []
    const options = { role: 'device' as const, transport, intervalMs: 20, signal: ended.signal }
    watch(client, options, (one) => seen.push(one))
    await expect.poll(() => seen.length, { timeout: 5_000 }).toBeGreaterThan(2)
    connected(true)
    // What happened before the connection stood went unseen.
    expect(seen.at(-1)).toBeNull()
    const before = seen.length
    await sleep(100)
    expect(seen).toHaveLength(before)
    send()
    expect(seen.at(-1)).toEqual(event)
    connected(false)
    await expect.poll(() => seen.length, { timeout: 5_000 }).toBeGreaterThan(before + 3)
    ended.abort()
    expect(state.closed).toBe(true)
    const after = seen.length
    await sleep(100)
    expect(seen).toHaveLength(after)
  })

  it('does nothing for a signal that is over', async () => {
    const { transport, state } = wire()
    watch(client, { role: 'device', transport, intervalMs: 1, signal: AbortSignal.abort() }, () => {
      throw new Error('told')
    })
    await sleep(20)
    expect(state.connection).toBeUndefined()
  })
})

describe('until', () => {
  const options = () => ({
    role: 'device' as const,
    intervalMs: 3_600_000,
    signal: AbortSignal.timeout(5000),
  })

  it('looks at once, then whenever something changed, and lets go of everything', async () => {
    const { transport, state, send } = wire()
    let looks = 0
    const found = until(client, { ...options(), transport }, async () => {
      looks += 1
      return looks === 3 ? 'there' : null
    })
    await sleep(20)
    expect(looks).toBe(1)
    send()
    await sleep(20)
    expect(looks).toBe(2)
    send()
    expect(await found).toBe('there')
    expect(state.closed).toBe(true)
    send()
    await sleep(20)
    expect(looks).toBe(3)
  })

  it('misses no change that comes while it looks, and never looks twice at one time', async () => {
    const { transport, send } = wire()
    let [looks, inside, most] = [0, 0, 0]
    const found = until(client, { ...options(), transport }, async () => {
      looks += 1
      inside += 1
      most = Math.max(most, inside)
      if (looks === 1) for (let i = 0; i < 5; i += 1) send()
      await sleep(20)
      inside -= 1
      return looks === 2 ? looks : null
    })
    expect(await found).toBe(2)
    expect(most).toBe(1)
  })

  it('comes again when asked to, even after weeks that no timer can count', async () => {
    let looks = 0
    const started = performance.now()
    await until(client, options(), async (again) => {
      looks += 1
      again(looks === 1 ? 50 : 0)
      return looks === 3 ? true : null
    })
    expect(performance.now() - started).toBeGreaterThan(45)
    const far = until(client, { ...options(), signal: AbortSignal.timeout(100) }, async (again) => {
      looks += 1
      again(60 * 24 * 3_600_000)
      return null
    })
    await expect(far).rejects.toEqual(coded('aborted'))
    // setTimeout of 30 days and more fires after 1 ms.
    expect(looks).toBe(4)
  })

  it('waits out what passes, and throws what stays', async () => {
    let looks = 0
    const flaky = until(client, options(), async () => {
      looks += 1
      if (looks < 3) throw new HoldfastError('not_releasable', { retryAfterMs: 10 })
      return looks
    })
    expect(await flaky).toBe(3)
    for (const code of ['recovery_ended', 'too_few_shares', 'storage_failed', 'aborted'] as const)
      await expect(until(client, options(), () => Promise.reject(new HoldfastError(code)))).rejects.toEqual(
        coded(code),
      )
    await expect(until(client, options(), () => Promise.reject(new TypeError('a bug')))).rejects.toThrow(
      'a bug',
    )
  })

  it('ends with its signal, also in the middle of waiting', async () => {
    const ended = new AbortController()
    const found = until(client, { ...options(), signal: ended.signal }, () => Promise.resolve(null))
    setTimeout(() => ended.abort(), 30)
    await expect(found).rejects.toEqual(coded('aborted'))
    await expect(
      until(client, { ...options(), signal: AbortSignal.abort() }, () => Promise.resolve(1)),
    ).rejects.toEqual(coded('aborted'))
  })
})
