/**
 * What `--json` prints at the end: one object.
 */
import type { ErrorCode } from '@holdfast/client/protocol'

export interface Step {
  readonly name: string
  readonly ms: number
}

export interface Result {
  /** True if identity seed and key file came back byte for byte, and the service has the recovery complete. */
  readonly recovered: boolean
  readonly contacts: number
  readonly threshold: number
  readonly waitingSeconds: number
  /** SHA-256, hex, of what was protected and of what came back; null if nothing did. */
  readonly key: { readonly bytes: number; readonly sha256: string; readonly recoveredSha256: string | null }
  readonly steps: readonly Step[]
  readonly totalMs: number
  /** States of both requests that owner and contacts saw, in order. */
  readonly states: { readonly thief: readonly string[]; readonly owner: readonly string[] }
  /** What the owner's veto of the thief's request did. */
  readonly veto: string | null
  /** Contacts who handed over a false share, as the new phone named them. */
  readonly liars: readonly { readonly slot: number; readonly name: string }[]
  readonly error?: {
    readonly code: ErrorCode | 'usage' | 'interrupted' | 'unexpected'
    readonly message: string
  }
}
