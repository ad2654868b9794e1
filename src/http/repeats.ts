/**
 * Idempotency keys: a request that is repeated under the same key gets the answer that it got first, and is done once.
 *
 * Refusals are not kept, since they changed nothing and may not hold any more. Of an answer that holds a secret (a release) only
 * the request's hash is kept: the repeat is carried out anew.
 */
import { createHash } from 'node:crypto'
import { HoldfastError, OPERATIONS, type Operation, type OperationName } from '@holdfast/client/protocol'
import type { Caller, Records } from '../use-cases/ports.ts'

const KEPT_MS = 24 * 3600 * 1000
const KEY = /^[\x21-\x7e]{16,128}$/

/** Answers that must not lie in the records. */
const NEVER_KEPT: ReadonlySet<OperationName> = new Set(['pullRelease'])

interface Kept {
  readonly request: string
  /** Left out where it is not to be kept. */
  readonly answer?: unknown
}

const hash = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url')

/** Not the address: a phone that changes networks between two attempts is still the same caller. */
const principalOf = (caller: Caller | null): string => {
  if (caller === null) return 'anyone'
  return caller.role === 'device' ? `${caller.account} ${caller.device}` : `${caller.recovery} ${caller.key}`
}

interface Acted {
  readonly answer: unknown
  /** Resolves when the answer is kept, or could not be. Never rejects. */
  readonly settled: Promise<void>
}

export interface Repeatable<A> {
  readonly name: OperationName
  readonly caller: Caller | null
  /** The Idempotency-Key header; undefined: nothing is kept. */
  readonly key: string | undefined
  readonly body: unknown
  /** Whether the caller still counts, asked before a kept answer is given. Throws if not. */
  readonly authorise: () => Promise<unknown>
  readonly act: () => Promise<A>
  /** The store's clock, Unix ms. */
  readonly now: () => Promise<number>
}

/** Throws `malformed` for a bad key, `idempotency_mismatch` for one that was used for another body, and what `act` throws. */
export type Repeats = <A>(request: Repeatable<A>) => Promise<A>

export const repeats = (records: Records): Repeats => {
  // Until they are kept. `acted` is null where the answer must not be given again: then a repeat is carried out anew.
  const running = new Map<string, { readonly request: string; readonly acted: Promise<Acted> | null }>()

  const remember = async (place: string, keep: Kept, now: () => Promise<number>): Promise<void> =>
    records.remember(place, JSON.stringify(keep), (await now()) + KEPT_MS)

  const actOnce = async (
    place: string,
    request: string,
    { name, act, authorise, now }: Repeatable<unknown>,
  ): Promise<Acted> => {
    const text = await records.recall(place)
    const kept = text === null ? null : (JSON.parse(text) as Kept)
    if (kept !== null && kept.request !== request) throw new HoldfastError('idempotency_mismatch')
    if (kept !== null && 'answer' in kept) {
      await authorise()
      return { answer: kept.answer, settled: Promise.resolve() }
    }
    const answer = await act()
    if (kept !== null) return { answer, settled: Promise.resolve() }
    const keep: Kept = NEVER_KEPT.has(name) ? { request } : { request, answer }
    // It was done and is durable: that a repeat would be done again is no reason to say that it failed, nor to wait for a
    // second write to reach the disk. Until it has, a repeat finds the answer here.
    return { answer, settled: remember(place, keep, now).catch(() => undefined) }
  }

  return async <A>(repeatable: Repeatable<A>): Promise<A> => {
    const { key, name, caller, body, act } = repeatable
    if (key === undefined) return act()
    if (!KEY.test(key)) throw new HoldfastError('malformed')
    // Needless to keep. Where anybody may call, it would fill the disk besides.
    const operation: Operation = OPERATIONS[name]
    if (operation.keyless === true) return act()
    const place = `repeat.${hash(principalOf(caller), name, key)}`
    const request = hash(JSON.stringify(body))
    const first = running.get(place)
    if (first !== undefined && first.request !== request) throw new HoldfastError('idempotency_mismatch')
    if (first?.acted) return (await first.acted).answer as A
    const acted = actOnce(place, request, repeatable)
    running.set(place, { request, acted })
    try {
      const { answer, settled } = await acted
      const last = NEVER_KEPT.has(name) ? { request, acted: null } : { request, acted }
      running.set(place, last)
      void settled.then(() => running.get(place) === last && running.delete(place))
      return answer as A
    } catch (error) {
      running.delete(place)
      throw error
    }
  }
}
