import { type ErrorCode, HoldfastError } from './protocol/index.ts'

/** More than all the devices of one person ever use between two looks of one of them. */
const MOST_AHEAD = 1000

/**
 * The next of numbers that only grow, of which another device of the same person may have used some: `own` is the last that
 * this device knows, `said` the last that the service names. Throws `otherwise` where that is more than 1,000 ahead: one lie
 * would use up the numbers for good.
 */
export const nextNumber = (own: number, said: number, otherwise: ErrorCode): number => {
  if (said > own + MOST_AHEAD) throw new HoldfastError(otherwise)
  return Math.max(own, said) + 1
}
