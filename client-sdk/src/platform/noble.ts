import { nobleCurves } from './noble-curves.ts'
import { nobleSymmetric } from './noble-symmetric.ts'
import type { Primitives } from './primitives.ts'

/** Everything in audited JavaScript: the reference that every other platform is held to. */
export const noble: Primitives = { name: 'noble', ...nobleCurves, ...nobleSymmetric }
