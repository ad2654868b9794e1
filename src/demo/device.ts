/**
 * One phone: an SDK client with a storage file of its own, which nobody else reads, and its live events.
 */
import { rm } from 'node:fs/promises'
import { type Client, createClient, watch } from '@holdfast/client'
import { socketTransport } from '@holdfast/client/live'
import { fileStorage } from '@holdfast/client/node'
import type { ChangedEvent } from '@holdfast/client/protocol'

/** A device that is not told within this time will not be told. The sweep would have come by. */
const LONGEST_MS = 30_000

interface Heard {
  readonly message: ChangedEvent
  /** performance.now() */
  readonly at: number
}

export interface DeviceOptions {
  /** "Noor’s phone" */
  readonly name: string
  /** Of its storage. */
  readonly file: string
  readonly url: string
  readonly app: string
  readonly fetch: typeof fetch
}

export class Device {
  readonly name: string
  readonly client: Client
  readonly #file: string
  readonly #power = new AbortController()
  readonly #heard: Heard[] = []
  readonly #ears = new Set<(heard: Heard) => void>()

  constructor({ name, file, ...service }: DeviceOptions) {
    this.name = name
    this.client = createClient({ ...service, storage: fileStorage(file) })
    this.#file = file
  }

  /** Connects to live events. Resolves once connected. */
  connect(role: 'device' | 'requester'): Promise<void> {
    const { signal } = this.#power
    return new Promise((resolve) => {
      watch(
        this.client,
        {
          role,
          signal,
          transport: (connection) =>
            socketTransport({
              ...connection,
              onConnected: (connected) => {
                if (connected) resolve()
                connection.onConnected(connected)
              },
            }),
        },
        (message) => {
          if (message === null) return
          const heard = { message, at: performance.now() }
          this.#heard.push(heard)
          for (const ear of this.#ears) ear(heard)
        },
      )
    })
  }

  /** Calls `ear` with every event from now on. */
  onEvent(ear: (message: ChangedEvent) => void): void {
    this.#ears.add(({ message }) => ear(message))
  }

  /** Resolves when this device has been told of it, to the moment (performance.now()). Rejects if it never is. */
  told(event: ChangedEvent['event'], recovery: string | null): Promise<number> {
    const isIt = ({ message }: Heard): boolean => message.event === event && message.recovery === recovery
    const earlier = this.#heard.find(isIt)
    if (earlier !== undefined) return Promise.resolve(earlier.at)
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.#ears.delete(ear)
        this.#power.signal.removeEventListener('abort', giveUp)
      }
      const giveUp = (): void => {
        settle()
        reject(new Error(`${this.name} was not told of ${event}.`))
      }
      const timer = setTimeout(giveUp, LONGEST_MS)
      const ear = (heard: Heard): void => {
        if (!isIt(heard)) return
        settle()
        resolve(heard.at)
      }
      this.#ears.add(ear)
      this.#power.signal.addEventListener('abort', giveUp)
    })
  }

  turnOff(): void {
    this.#power.abort()
    this.#ears.clear()
  }

  /** The device is gone, with everything that it held. */
  async lose(): Promise<void> {
    this.turnOff()
    await rm(this.#file)
  }
}
