/**
 * Learning of changes: by live events where a transport is given and connected, else by looking again at intervals.
 */
import type { Client, Role } from './client.ts'
import { HoldfastError, isHoldfastError } from './protocol/errors.ts'
import type { ChangedEvent } from './protocol/events.ts'

/** Connects to the service's live events. `./live` exports one over Socket.IO. */
export type LiveTransport = (connection: {
  readonly url: string
  /** A current session token; asked for at every connect, `renew` after the service refused the last one. */
  readonly token: (renew: boolean) => Promise<string>
  readonly onEvent: (event: ChangedEvent) => void
  /** Told at each connect and disconnect. */
  readonly onConnected: (connected: boolean) => void
}) => () => void

export interface WatchOptions {
  readonly role: Role
  readonly transport?: LiveTransport
  /** Between two looks while no live connection stands, in ms; 15,000 unless given. */
  readonly intervalMs?: number
  readonly signal: AbortSignal
}

/**
 * Calls `onChange` with each live event, and with null whenever something may have changed unseen: at each connect, each
 * disconnect, and each look of the polling fallback. Events carry ids only; read what they are about. Ends with `signal`.
 */
export const watch = (
  client: Client,
  { role, transport, intervalMs = 15_000, signal }: WatchOptions,
  onChange: (event: ChangedEvent | null) => void,
): void => {
  if (signal.aborted) return
  let timer: ReturnType<typeof setInterval> | undefined
  const poll = (on: boolean): void => {
    clearInterval(timer)
    timer = on ? setInterval(() => onChange(null), intervalMs) : undefined
  }
  poll(true)
  const disconnect = transport?.({
    url: client.url,
    token: (renew) => {
      if (renew) client.sessions.forget(role)
      return client.sessions.token(role, signal)
    },
    onEvent: onChange,
    onConnected: (connected) => {
      // Closing is a disconnect too: polling that began then would go on for ever, and keep the process alive.
      if (signal.aborted) return
      poll(!connected)
      onChange(null)
    },
  })
  signal.addEventListener(
    'abort',
    () => {
      poll(false)
      disconnect?.()
    },
    { once: true },
  )
}

/** Asks to be called again after `ms`, whatever happens meanwhile. */
export type Again = (ms: number) => void

/**
 * Looks again and again, at once whenever something changed, until `look` gives something but null. Failures that advise
 * waiting are waited out. Throws what else `look` throws, and `aborted` with the signal.
 */
export const until = async <T>(
  client: Client,
  options: WatchOptions,
  look: (again: Again) => Promise<T | null>,
): Promise<T> => {
  const ended = new AbortController()
  let changed = false
  let wake = (): void => undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const change = (): void => {
    changed = true
    wake()
  }
  const again: Again = (ms) => {
    clearTimeout(timer)
    timer = setTimeout(change, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS))
  }
  options.signal.addEventListener('abort', change, { signal: ended.signal })
  watch(client, { ...options, signal: AbortSignal.any([options.signal, ended.signal]) }, change)
  try {
    for (;;) {
      if (options.signal.aborted) throw new HoldfastError('aborted')
      changed = false
      const found = await look(again).catch((error: unknown) => passing(error, again))
      if (found !== null) return found
      if (!changed) await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    clearTimeout(timer)
    ended.abort()
  }
}

/** Timers beyond 2^31 - 1 ms fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** What only a person can mend: other contacts, room on this device. */
const NEEDS_SOMEBODY: readonly string[] = ['too_few_shares', 'storage_failed']

const passing = (error: unknown, again: Again): null => {
  const waits = isHoldfastError(error) && (error.advice === 'retry' || error.advice === 'retry-later')
  if (!waits || NEEDS_SOMEBODY.includes(error.code)) throw error
  again(error.retryAfterMs ?? 2000)
  return null
}
