const HIDDEN = '[secret]'

/**
 * Bytes that must not reach a log, a screen or an error by accident: in any print-out they read `[secret]`. Whoever needs them
 * says so with {@link Secret.expose}.
 */
export class Secret {
  #bytes: Uint8Array | null

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** A secret over a copy of `bytes`; the caller erases its own. */
  static of(bytes: Uint8Array): Secret {
    return new Secret(Uint8Array.from(bytes))
  }

  /** `length` bytes from the platform's generator. */
  static random(length: number): Secret {
    return new Secret(randomBytes(length))
  }

  /** Number of bytes, 0 once erased. */
  get length(): number {
    return this.#bytes?.length ?? 0
  }

  /** The bytes themselves, not a copy: not to be written to, kept or logged. Throws a TypeError once erased. */
  expose(): Uint8Array {
    if (this.#bytes === null) throw new TypeError('this secret was erased')
    return this.#bytes
  }

  /** Overwrites the bytes. JavaScript may have moved them before, so that this narrows the time they stay in memory, no more. */
  erase(): void {
    this.#bytes?.fill(0)
    this.#bytes = null
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [Symbol.toPrimitive](): string {
    return HIDDEN
  }

  // What Node's util.inspect, console.log and assertion messages call.
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN
  }
}

/** Random bytes that are no secret, such as nonces and salts. The protocol takes randomness nowhere else than in this file. */
export const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
