/** Opened parts, closed last first, each once, even if one of them fails. A part of compose.ts. */
export class Opened {
  readonly #closers: (() => Promise<unknown>)[] = []
  #closing: Promise<void> | undefined

  push(close: () => Promise<unknown>): void {
    this.#closers.push(close)
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      let failure: unknown
      for (const close of this.#closers.toReversed())
        await close().catch((error: unknown) => {
          failure ??= error
        })
      if (failure !== undefined) throw failure
    })()
    return this.#closing
  }
}
