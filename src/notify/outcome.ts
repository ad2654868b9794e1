/**
 * What came of a try, by what the other end said.
 */
import type { SendFailure } from '@holdfast/client/protocol'
import type { SendOutcome } from '../use-cases/channels.ts'

export const SENT: SendOutcome = { state: 'sent' }
export const WAITING: SendOutcome = { state: 'waiting' }
export const failed = (reason: SendFailure, again: boolean): SendOutcome => ({
  state: 'failed',
  reason,
  again,
})
