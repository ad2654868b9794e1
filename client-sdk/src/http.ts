/**
 * One exchange with the service: from anything that can happen on the way to an answer or a coded error.
 */
import { ERRORS, type ErrorCode, HoldfastError, isHoldfastError } from './protocol/errors.ts'
import type { Route } from './protocol/routes.ts'

export interface Attempt {
  readonly url: string
  readonly init: RequestInit
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

const parsed = (text: string): Record<string, unknown> | null => {
  try {
    return JSON.parse(text) as Record<string, unknown> | null
  } catch {
    return null
  }
}

/** The refusal in a problem body (RFC 9457). Anything else, such as a proxy's page, says that the service was not reached. */
const refusalIn = (text: string): HoldfastError => {
  const problem = parsed(text)
  const code = problem?.['code']
  if (typeof code !== 'string' || !Object.hasOwn(ERRORS, code)) return new HoldfastError('unavailable')
  const wait = problem?.['retryAfterMs']
  const slots = problem?.['slots']
  return new HoldfastError(code as ErrorCode, {
    retryAfterMs: typeof wait === 'number' && wait >= 0 ? wait : undefined,
    slots: Array.isArray(slots) ? slots.filter((slot) => Number.isInteger(slot)) : [],
  })
}

/** Throws the refusal, `timeout`, `aborted` with the caller's signal, or `unavailable` for everything else. */
export const attempt = async (
  send: typeof fetch,
  { url, init, timeoutMs, signal }: Attempt,
): Promise<unknown> => {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await send(url, {
      ...init,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    if (response.ok) return await response.json()
    throw refusalIn(await response.text())
  } catch (cause) {
    if (signal?.aborted === true) throw new HoldfastError('aborted', { cause })
    if (isHoldfastError(cause)) throw cause
    throw new HoldfastError(timeout.aborted ? 'timeout' : 'unavailable', { cause })
  }
}

/** What `work` gives, or `aborted` as soon as the signal says so; the work itself goes on. */
export const orAborted = <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (signal === undefined) return work
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(new HoldfastError('aborted'))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

/** Waits. Throws `aborted` with the signal. */
export const pause = async (ms: number, signal: AbortSignal | undefined): Promise<void> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await orAborted(over, signal).finally(() => clearTimeout(timer))
}

/** Longest pause that a call takes on its own before a repeat; where the service asks for more, the caller decides. */
const LONGEST_PAUSE_MS = 5000

/** How long to wait before repeating after `error`, or null to give up: some errors stay, whatever one repeats. */
export const pauseBefore = (error: unknown, tries: number): number | null => {
  if (!isHoldfastError(error)) return null
  const isPassing = error.advice === 'retry' || error.code === 'unavailable' || error.code === 'rate_limited'
  // Spread, or all who were cut off together come back together.
  const wait = error.retryAfterMs ?? 200 * 2 ** tries * (0.5 + Math.random())
  return isPassing && wait <= LONGEST_PAUSE_MS ? wait : null
}

/** The operation's address with parameters and query in place. */
export const addressOf = (
  base: string,
  { path }: Route,
  params: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, string | undefined>> = {},
): string => {
  const place = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value)
  return `${base.replace(/\/$/, '')}${place}${search.size > 0 ? `?${search.toString()}` : ''}`
}
