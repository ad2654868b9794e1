/**
 * Release-factor keys at rest: sealed under a key from configuration, so that a copy of the place alone gives none away.
 */
import { Secret } from '@holdfast/client/protocol'
import { ringOf, type KeyRing } from '../key-ring.ts'

/** Binds a sealed key to its place, so that one epoch's key put in another's place does not open. */
const placeOf = (account: string, epoch: number): string => JSON.stringify([account, epoch])

export class KeyWrap {
  readonly #ring: KeyRing

  constructor(keys: Secret | KeyRing) {
    this.#ring = ringOf(keys)
  }

  seal(account: string, epoch: number, key: Secret): string {
    return this.#ring.seal(placeOf(account, epoch), key.expose())
  }

  /** Throws `internal` if it was not sealed by one of the ring's keys for this place. */
  open(account: string, epoch: number, sealed: string): Secret {
    const opened = this.#ring.open(placeOf(account, epoch), sealed)
    const key = Secret.of(opened)
    opened.fill(0)
    return key
  }

  isCurrent(sealed: string): boolean {
    return this.#ring.isCurrent(sealed)
  }

  /** The same key, sealed anew by the one that seals now. */
  reseal(account: string, epoch: number, sealed: string): string {
    const key = this.open(account, epoch, sealed)
    const anew = this.seal(account, epoch, key)
    key.erase()
    return anew
  }
}
