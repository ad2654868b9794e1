/**
 * Who is calling, by the bearer token (RFC 6750) of a session.
 */
import { HoldfastError, type Caller as CallerKind } from '@holdfast/client/protocol'
import type { Caller, Tokens } from '../use-cases/ports.ts'

const BEARER = /^Bearer +([A-Za-z0-9_.-]{1,2048})$/i

/**
 * Null where the operation asks for nobody. Throws `sign_in_required` without a token, or with one of the wrong kind, and
 * `session_expired` for one that does not count (any more).
 */
export const authenticate = async (
  kind: CallerKind,
  authorization: string | undefined,
  tokens: Tokens,
  now: () => Promise<number>,
): Promise<Caller | null> => {
  if (kind === 'none') return null
  const token = BEARER.exec(authorization ?? '')?.[1]
  if (token === undefined) throw new HoldfastError('sign_in_required')
  const caller = await tokens.read(token, await now())
  if (caller === null) throw new HoldfastError('session_expired')
  if (caller.role !== kind) throw new HoldfastError('sign_in_required')
  return caller
}
