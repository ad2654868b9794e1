/**
 * One socket: whose it is, until when, and the one thing that it may say.
 */
import type { ChangedEvent } from '@holdfast/client/protocol'
import type { Log } from '../observe/log.ts'
import type { Caller } from '../use-cases/ports.ts'
import { currentCaller } from '../use-cases/authorise.ts'
import type { LiveSocket } from './frames.ts'
import { openSession, type OpenedSession, type RealtimeDeps } from './handshake.ts'

/** A client renews once per token; more than this within one session is abuse. */
const RENEWALS = 100

/** Everything that concerns one account, or one request as its requester may know it: who asks chooses its id, and may take another's. */
export const roomOf = (caller: Caller): string =>
  caller.role === 'device' ? `account:${caller.account}` : `request:${caller.account}:${caller.recovery}`

const isSame = (a: Caller, b: Caller): boolean => {
  if (a.account !== b.account) return false
  if (a.role === 'device') return b.role === 'device' && a.device === b.device
  return b.role === 'requester' && a.recovery === b.recovery && a.key === b.key
}

export class Connection {
  readonly #deps: RealtimeDeps
  readonly #log: Log
  readonly #socket: LiveSocket
  #session: OpenedSession
  #expiry: NodeJS.Timeout | undefined
  #renewals = 0

  constructor(deps: RealtimeDeps, log: Log, socket: LiveSocket, session: OpenedSession) {
    this.#deps = deps
    this.#log = log
    this.#socket = socket
    this.#session = session
    this.#expireAfter(session.remainingMs)
    socket.on('disconnect', () => clearTimeout(this.#expiry))
    socket.on('renew', (token: unknown, acknowledge: unknown) => void this.#renew(token, acknowledge))
    socket.onAny((event: string) => {
      if (event === 'renew') return
      log('warn', 'socket_event_refused')
      this.end()
    })
  }

  get caller(): Caller {
    return this.#session.caller
  }

  end(): void {
    clearTimeout(this.#expiry)
    this.#socket.disconnect(true)
  }

  /** Ends the connection unless its caller still counts. Resolves to whether it does. */
  async isCurrent(): Promise<boolean> {
    try {
      await currentCaller(this.#deps, this.#session.caller)
      return true
    } catch {
      // Also where the records cannot be asked: better silent than telling somebody who was locked out. It can come back.
      this.end()
      return false
    }
  }

  /** Sends the event if the caller still counts at this moment. */
  async send(event: ChangedEvent): Promise<void> {
    if (await this.isCurrent()) this.#socket.emit('changed', event)
  }

  #expireAfter(ms: number): void {
    clearTimeout(this.#expiry)
    this.#expiry = setTimeout(() => this.end(), Math.max(0, ms))
    this.#expiry.unref()
  }

  async #renew(token: unknown, acknowledge: unknown): Promise<void> {
    this.#renewals += 1
    if (this.#renewals > RENEWALS) {
      this.end()
      return
    }
    try {
      const session = await openSession(this.#deps, token)
      if (!isSame(session.caller, this.#session.caller)) {
        this.end()
        return
      }
      this.#session = session
      this.#expireAfter(session.remainingMs)
      if (typeof acknowledge === 'function') acknowledge({ expiresAt: session.expiresAt })
    } catch {
      this.#log('info', 'socket_refused', { code: 'session_expired' })
      this.end()
    }
  }
}
