import { platform } from '#platform'
import type { Primitives } from './primitives.ts'

let active: Primitives = platform

/** The primitives in use: those of the platform, unless a test or the bench chose others. */
export const primitives = (): Primitives => active

/**
 * Runs everything that follows on other primitives, for differential tests and the bench. Not part of the public surface:
 * an app has no reason to choose. Returns the ones in use before, so that they can be put back.
 */
export function usePrimitives(next: Primitives): Primitives {
  const before = active
  active = next
  return before
}
