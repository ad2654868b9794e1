/**
 * What the stop page makes of every answer: nothing is claimed that the service did not say.
 */
import { ERROR_CODES, HoldfastError } from '@holdfast/client/protocol'
import { expect, it } from 'vitest'
import { afterLook, afterRefusal, afterVeto } from '../../src/web/stop/state.ts'

it('a veto that was taken is told as what it came to', () => {
  expect(afterVeto({ outcome: 'vetoed', until: null })).toMatchObject({ result: 'stopped', askAgain: null })
  expect(afterVeto({ outcome: 'contested', until: 5 })).toMatchObject({ result: 'contested', until: 5 })
  expect(afterVeto({ outcome: 'contested', until: null })).toMatchObject({
    result: 'goesOn',
    askAgain: 'veto-key',
  })
})

it('no refusal is told as a stop, and those that pass can be tried again with the same key', () => {
  const results = new Map(
    ERROR_CODES.map((code) => [code, afterRefusal(new HoldfastError(code), 'device')] as const),
  )
  expect([...results.values()].some((state) => state.at === 'result' && state.result === 'stopped')).toBe(
    false,
  )
  expect(results.get('veto_too_late')).toMatchObject({ result: 'late', askAgain: null })
  expect(results.get('recovery_ended')).toMatchObject({ result: 'ended', askAgain: null })
  expect(results.get('veto_overruled')).toMatchObject({ result: 'overruled', askAgain: 'veto-key' })
  expect(results.get('signature_rejected')).toMatchObject({ result: 'notYours' })
  expect(results.get('malformed')).toMatchObject({ at: 'ask', isWrong: true })
  for (const code of ['unavailable', 'timeout', 'rate_limited', 'busy', 'internal'] as const)
    expect(results.get(code)).toMatchObject({ result: 'failed', askAgain: 'device' })
  expect(afterRefusal(new TypeError('planted'), 'veto-key')).toMatchObject({
    result: 'failed',
    askAgain: 'veto-key',
  })
})

it('a request is asked about only while it can be stopped', () => {
  for (const state of ['collecting', 'waiting', 'contested', 'releasable'])
    expect(afterLook(state, 7, false)).toMatchObject({ at: 'ask', means: 'device', releasableAt: 7 })
  expect(afterLook('waiting', 7, true)).toMatchObject({ at: 'ask', means: 'veto-key' })
  for (const state of ['released', 'completed'])
    expect(afterLook(state, null, false)).toMatchObject({ result: 'late' })
  for (const state of ['declined', 'cancelled', 'expired', 'superseded'])
    expect(afterLook(state, null, false)).toMatchObject({ result: 'ended' })
  expect(afterLook('vetoed', null, false)).toMatchObject({ result: 'stopped' })
})
