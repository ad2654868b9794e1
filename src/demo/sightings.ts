/**
 * States of requests, as owner and contacts come to know them in the course of the story.
 */
import { contact, owner } from '@holdfast/client'
import type { EventName } from '@holdfast/client/protocol'
import type { Device } from './device.ts'

/** What an event says about a request without anybody looking. One state may be over before one can look. */
const TOLD: { readonly [Event in EventName]?: string } = {
  'recovery-opened': 'collecting',
  'recovery-quorum': 'waiting',
  'recovery-releasable': 'releasable',
  'recovery-released': 'released',
  'recovery-completed': 'completed',
}

export class Sightings {
  readonly #seen = new Map<string, string[]>()

  /** What was seen of a request, in order, each once. */
  of(recovery: string): readonly string[] {
    return this.#seen.get(recovery) ?? []
  }

  /** Takes what this device is told from now on. */
  follow(device: Device): void {
    device.onEvent(({ recovery, event }) => {
      const state = TOLD[event]
      if (recovery !== null && state !== undefined) this.#add(recovery, state)
    })
  }

  async byOwner(device: Device): Promise<void> {
    for (const { recovery, state } of (await owner.status(device.client)).recoveries)
      this.#add(recovery, state)
  }

  async byContact(device: Device): Promise<void> {
    for (const { recovery, view } of await contact.requests(device.client)) this.#add(recovery, view.state)
  }

  #add(recovery: string, state: string): void {
    const seen = this.#seen.get(recovery) ?? []
    if (!seen.includes(state)) this.#seen.set(recovery, [...seen, state])
  }
}
