import { describe, expect, test } from 'vitest'
import {
  buildCompletion,
  publicHalf,
  readCancel,
  readRelease,
  readVeto,
  signCancel,
  signRelease,
  signVeto,
  toBase64url,
  verifyCompletion,
} from '@holdfast/client/protocol'
import { castOf, codeOf, personOf, requestOf } from '../support/cast.ts'

test('veto, cancel and release come back as they were signed, under their own key only', async () => {
  const cast = await castOf()
  const { requester, recovery } = await requestOf(cast)
  const { account, identity } = cast.owner
  const owner = publicHalf(identity).signing
  const key = publicHalf(requester).signing
  const veto = await signVeto({ account, recovery, by: 'identity', seed: identity.signing.seed })
  expect(await readVeto(veto.message, owner)).toEqual({ account, recovery, by: 'identity' })
  expect(await codeOf(() => readVeto(veto.message, key))).toBe('signature_rejected')
  const cancel = await signCancel({ account, recovery, requester })
  expect(await readCancel(cancel.message, key)).toEqual({ account, recovery })
  const release = await signRelease({ account, recovery, requester })
  expect(await readRelease(release.message, key)).toEqual({ account, recovery })
  // Equal bodies, different types: the label keeps a release from being replayed as a cancellation.
  expect(cancel.message.body).toBe(release.message.body)
  expect(await codeOf(() => readCancel(release.message, key))).toBe('signature_rejected')
  expect(await codeOf(() => readRelease(cancel.message, key))).toBe('signature_rejected')
})

describe('a completion', () => {
  const completing = async (stolen: boolean) => {
    const cast = await castOf()
    const { requester, recovery } = await requestOf(cast)
    const next = stolen ? (await personOf('next')).identity : null
    const device = toBase64url((await personOf('device')).identity.signing.publicKey)
    const { coreHash } = cast.built
    const { account, identity } = cast.owner
    const completion = await buildCompletion({
      account,
      recovery,
      coreHash,
      requester,
      identity,
      next,
      device,
    })
    const nextIdentity = next === null ? null : publicHalf(next)
    const known = { account, recovery, coreHash, requester: publicHalf(requester), nextIdentity }
    return { completion, ...known, owner: publicHalf(identity), device }
  }

  test.each([false, true])('is signed by every key it is about (stolen: %s)', async (stolen) => {
    const input = await completing(stolen)
    const body = await verifyCompletion(input)
    expect(body.device).toBe(input.device)
    expect(body.next).toEqual(input.nextIdentity)
    const other = publicHalf((await personOf('other')).identity)
    for (const change of [
      { account: input.recovery },
      { recovery: input.account },
      { coreHash: input.device },
      { requester: other },
      { owner: other },
      { nextIdentity: stolen ? null : other },
      { nextIdentity: other },
    ])
      expect(await codeOf(() => verifyCompletion({ ...input, ...change }))).toBe('signature_rejected')
  })

  test('cannot do without one of the signatures, or swap them', async () => {
    const input = await completing(true)
    const { signatures } = input.completion
    for (const change of [
      { request: signatures.identity },
      { identity: signatures.request },
      { next: signatures.identity },
      { next: null },
    ]) {
      const completion = { ...input.completion, signatures: { ...signatures, ...change } }
      expect(await codeOf(() => verifyCompletion({ ...input, completion }))).toBe('signature_rejected')
    }
    const lost = await completing(false)
    const more = {
      ...lost.completion,
      signatures: { ...lost.completion.signatures, next: signatures.identity },
    }
    expect(await codeOf(() => verifyCompletion({ ...lost, completion: more }))).toBe('signature_rejected')
  })
})
