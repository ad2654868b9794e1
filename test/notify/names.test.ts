/**
 * Names of push endpoints: whoever stated one may also answer for it, with anything or with nothing.
 */
import { lookup } from 'node:dns/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newResolver } from '../../src/notify/public-address.ts'
import { openPoster } from '../../src/notify/post.ts'
import { type NameServer, openNameServer } from '../support/name-server.ts'

let names: NameServer
beforeAll(async () => {
  names = await openNameServer({
    'private.example': ['10.0.0.1'],
    'this-machine.example': ['127.0.0.1'],
    'disguised.example': ['8.8.8.8', '169.254.169.254'],
    'nowhere.example': [],
  })
})
afterAll(() => names.close())

const post = async (host: string, resolver = names.resolver(2_000)) => {
  const poster = openPoster('public', undefined, resolver)
  const outcome = await poster.post({ url: `https://${host}/send`, headers: {}, body: 'x' })
  poster.close()
  return outcome
}

it.each(['private.example', 'this-machine.example', 'disguised.example'])(
  '%s leads to where nothing is called',
  async (host) => {
    expect(await post(host)).toBe('forbidden')
  },
)

it('a name without an address is unreachable', async () => {
  expect(await post('nowhere.example')).toBe('unreachable')
})

it('names that are never answered end within seconds, and hold up no other look-up of the process', async () => {
  const began = performance.now()
  const since = (): number => performance.now() - began
  const silent = Promise.all(
    Array.from({ length: 16 }, (_, index) => post(`slow-${index}.example`, names.resolver(1_000))),
  )
  // By the system's call, which needs a thread, and twice as many as there are threads would have to end first.
  await lookup('localhost')
  expect(since()).toBeLessThan(500)
  expect(new Set(await silent)).toEqual(new Set(['unreachable']))
  expect(since()).toBeLessThan(5_000)
})

it('name servers are asked without a thread, unless told otherwise too', async () => {
  const resolver = newResolver()
  expect(resolver.getServers().length).toBeGreaterThan(0)
  const poster = openPoster('public')
  const posts = Array.from({ length: 16 }, (_, index) =>
    poster.post({ url: `https://h${index}.invalid/x`, headers: {}, body: 'x' }),
  )
  const began = performance.now()
  await lookup('localhost')
  expect(performance.now() - began).toBeLessThan(500)
  expect(new Set(await Promise.all(posts))).toEqual(new Set(['unreachable']))
  poster.close()
}, 15_000)
