/**
 * The SDK's insides that the bench needs and no package exports.
 */
import type * as Active from '../../client-sdk/src/platform/active.ts'
import type * as Hpke from '../../client-sdk/src/platform/hpke.ts'
import type * as Node from '../../client-sdk/src/platform/node.ts'
import type * as Noble from '../../client-sdk/src/platform/noble.ts'
import type * as Hkdf from '../../client-sdk/src/platform/hkdf.ts'
import { builtModule } from './built.ts'

export type { Primitives } from '../../client-sdk/src/platform/primitives.ts'

const PLATFORM = 'client-sdk/dist/platform'
export const { usePrimitives } = await builtModule<typeof Active>(`${PLATFORM}/active.js`)
export const { suiteOver, keyPairOf } = await builtModule<typeof Hpke>(`${PLATFORM}/hpke.js`)
export const { platform } = await builtModule<typeof Node>(`${PLATFORM}/node.js`)
export const { noble } = await builtModule<typeof Noble>(`${PLATFORM}/noble.js`)
export const { hkdfExpandWith } = await builtModule<typeof Hkdf>(`${PLATFORM}/hkdf.js`)
