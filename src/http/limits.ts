/**
 * Rate limits, in memory: they keep floods out, nothing that is true depends on them.
 *
 * Where nobody is signed in, an account's limit counts per address too: else a stranger could use up somebody's sign-ins. A
 * veto is limited per address alone, for nobody must be able to keep an owner from it. Openings count by ticket, once it was
 * taken: per account and subject, so that a stranger's tickets do not use up the owner's, and more generously per account.
 */
import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { HoldfastError, type OperationName } from '@holdfast/client/protocol'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Limits } from '../config.ts'
import type { Caller } from '../use-cases/ports.ts'

const MINUTE = 60
const HOUR = 3600
/** As many openings per account as this many subjects may make. */
const SUBJECTS = 5

/** One household's IPv6 addresses share their first 64 bits and count as one. */
export const networkOf = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const zeros = address.includes('::')
    ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
    : []
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((part) => parseInt(part, 16).toString(16))
    .join(':')
}

const consume = async (limiter: RateLimiterMemory, key: string): Promise<void> => {
  await limiter.consume(key).catch((refused: unknown) => {
    if (refused instanceof Error) throw refused
    const { msBeforeNext } = refused as { readonly msBeforeNext: number }
    throw new HoldfastError('rate_limited', { retryAfterMs: msBeforeNext })
  })
}

/** A request for recovery, by its ticket. */
export interface Opening {
  readonly account: string
  readonly subject: string
  readonly ticket: string
}

export interface RateLimits {
  /** Counts a request of an address. Throws `rate_limited`, as all of these do. */
  address(address: string): Promise<void>
  /** Counts a request of whoever is signed in. */
  caller(caller: Caller, name: OperationName): Promise<void>
  /** Counts a request about an account by somebody who is not signed in. */
  about(account: string, address: string): Promise<void>
  /** Refuses if too many recoveries were opened for the account, or for it with tickets of this subject. */
  mayOpen(opening: Opening): Promise<void>
  /** Counts an opening; the same ticket counts once, however often it is repeated. */
  opened(opening: Opening): Promise<void>
}

/** A contact's steps in other people's recoveries. */
const CONTACT_STEPS: ReadonlySet<OperationName> = new Set([
  'startSession',
  'revealSession',
  'concludeSession',
  'decide',
])

export const rateLimits = (limits: Limits): RateLimits => {
  const perMinute = (points: number) => new RateLimiterMemory({ points, duration: MINUTE })
  const addresses = perMinute(limits.address)
  const accounts = perMinute(limits.account)
  const contacts = perMinute(limits.contact)
  const openings = new RateLimiterMemory({ points: limits.openings, duration: HOUR })
  const allOpenings = new RateLimiterMemory({ points: limits.openings * SUBJECTS, duration: HOUR })
  const tickets = new RateLimiterMemory({ points: 1, duration: HOUR })
  const refuseSpent = async (limiter: RateLimiterMemory, key: string, points: number): Promise<void> => {
    const counted = await limiter.get(key)
    if (counted !== null && counted.consumedPoints >= points)
      throw new HoldfastError('rate_limited', { retryAfterMs: counted.msBeforeNext })
  }
  return {
    address: (address) => consume(addresses, networkOf(address)),
    async caller(caller, name) {
      // A requester is a stranger who knows an account's id: it must not use up the owner's requests.
      const key = caller.role === 'device' ? caller.account : `${caller.account} ${caller.recovery}`
      await consume(accounts, key)
      if (CONTACT_STEPS.has(name)) await consume(contacts, key)
    },
    about: (account, address) => consume(accounts, `${account} ${networkOf(address)}`),
    async mayOpen({ account, subject }) {
      await refuseSpent(openings, `${account} ${subject}`, limits.openings)
      await refuseSpent(allOpenings, account, limits.openings * SUBJECTS)
    },
    async opened({ account, subject, ticket }) {
      const { consumedPoints } = await tickets.penalty(
        createHash('sha256').update(ticket).digest('base64url'),
      )
      if (consumedPoints > 1) return
      await openings.penalty(`${account} ${subject}`)
      await allOpenings.penalty(account)
    },
  }
}
