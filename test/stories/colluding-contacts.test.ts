/** As many contacts as are needed put their shares together behind everyone's back. They have S, and still open nothing. */
import { contact, owner, requester } from '@holdfast/client'
import {
  type Core,
  Secret,
  combineShares,
  deriveKeys,
  equalBytes,
  fromBase64url,
  openPayload,
  parseShare,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { blobName } from '../../src/domain/circle-blobs.ts'
import { approveAll, ask, requestAt } from '../support/story-call.ts'
import { DAY, contactAt, openCircle, ownersView } from '../support/story-circle.ts'
import { ownShare } from '../../src/demo/liar.ts'
import { codeOf } from '../support/story-refusal.ts'
import { openStage, type Stage } from '../support/story-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

it('t shares, even with the ciphertext of a stolen disk, open nothing: the release factor is missing', async () => {
  const circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  const shares = await Promise.all(
    circle.contacts.map(async ({ client }, at) =>
      ownShare(client, await requestAt(contactAt(circle, at + 1), phone.recovery)),
    ),
  )
  const { active } = (await ownersView(circle.owner)).circle
  const manifest = JSON.parse(active?.manifest.body ?? '{}') as {
    core: Core
    commitment: string
    payloadHash: string
  }
  const { core, commitment, payloadHash } = manifest
  const xs = core.slots.map(({ x }) => x)
  const two = shares.slice(0, 2).map((share) => parseShare(share) ?? expect.fail('no share'))
  const secret = await combineShares(two, { threshold: 2, xs })
  const { records } = stage.service().service.deps
  const payload = await records.readBlob(blobName(circle.owner.account, payloadHash))
  const coreHash = fromBase64url(active?.coreHash ?? '') ?? expect.fail('no hash')

  const guesses = [
    new Uint8Array(32),
    secret.expose(),
    coreHash,
    ...shares.map((share) => share.slice(0, 32)),
  ]
  for (const guess of guesses) {
    const keys = deriveKeys({ coreHash, secret, releaseFactor: Secret.of(guess) })
    expect(equalBytes(keys.commitment, fromBase64url(commitment) ?? new Uint8Array())).toBe(false)
    const place = { key: keys.encryptionKey, coreHash, commitment: keys.commitment }
    expect(openPayload(payload ?? expect.fail('no payload'), place)).toBeNull()
  }
})

it('they may open a request and wait: the owner is told, and a veto in all that time ends it', async () => {
  const circle = await openCircle(stage)
  const theirs = await ask(stage, circle.owner.account)
  await approveAll(theirs, circle.contacts)
  expect(await codeOf(requester.recover(theirs.client))).toBe('not_releasable')
  const events = (await owner.readLog(circle.owner.client)).map(({ type }) => type)
  expect(events).toEqual(expect.arrayContaining(['recovery-opened', 'recovery-quorum']))
  stage.advance(DAY - 1)
  await owner.veto(circle.owner.client, theirs)
  stage.advance(DAY)
  expect(await codeOf(requester.recover(theirs.client))).toBe('recovery_ended')
  expect(await contact.requests(contactAt(circle, 1).client)).toEqual([])
})

it('neither the requester nor a contact learns from the service who the other contacts are', async () => {
  const circle = await openCircle(stage)
  const phone = await ask(stage, circle.owner.account)
  await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)])
  const seen = JSON.stringify([
    await requester.status(phone.client),
    await contact.shares(contactAt(circle, 3).client),
    await contact.requests(contactAt(circle, 3).client),
  ])
  for (const { account } of circle.contacts.slice(0, 2)) expect(seen).not.toContain(account)
})
