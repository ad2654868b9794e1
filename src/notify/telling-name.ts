/**
 * A telling's name where others see it. Its id holds account ids, which are nobody else's affair.
 */
import { createHash } from 'node:crypto'

/** 32 characters of base64url; the same whenever it is sent again. */
export const tellingName = (id: string): string =>
  createHash('sha256').update(`holdfast telling ${id}`).digest('base64url').slice(0, 32)
