/** What the server's thread and the queue database's thread say to each other. */

export interface ThreadStart {
  readonly folder: string
}

export type ToThread =
  | {
      readonly kind: 'query'
      readonly id: number
      readonly text: string
      readonly params: readonly unknown[]
    }
  | { readonly kind: 'close' }

export type FromThread =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'rows'
      readonly id: number
      readonly rows: readonly unknown[]
      readonly rowCount: number | null
    }
  | { readonly kind: 'error'; readonly id: number; readonly error: QueryFailure }
  | { readonly kind: 'notification'; readonly channel: string; readonly payload: string }

/** `code`: SQLSTATE. BullMQ reads its own error codes from `code` and `detail`. */
export interface QueryFailure {
  readonly message: string
  readonly code: string | null
  readonly detail: string | null
}
