/** Requests, codes and answers that do not belong: each has its code, and changes nothing. */
import { account, contact, owner, requester, type ErrorCode } from '@holdfast/client'
import {
  type DecisionBody,
  OPERATIONS,
  OPERATION_NAMES,
  signMessage,
  signVeto,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type StoryRequester,
  approveAll,
  ask,
  compareCodes,
  pullOnly,
  requestAt,
} from '../support/story-call.ts'
import { DAY, type StoryCircle, contactAt, openCircle, ownersView } from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { expectUnchanged, quietView } from '../support/story-unchanged.ts'
import { openStage, type Stage } from '../support/story-stage.ts'

let stage: Stage
let circle: StoryCircle
beforeAll(async () => {
  stage = await openStage({ env: { HOLDFAST_BACK_OFF_SECONDS: '0' } })
  circle = await openCircle(stage)
})
afterAll(() => stage.close())

const expectRefused = (call: () => Promise<unknown>, code: ErrorCode): Promise<void> =>
  expectUnchanged(stage, circle.owner, call, code)

const asking = (ticket: Parameters<typeof ask>[2]) => () => ask(stage, circle.owner.account, ticket)
const seconds = (): number => Math.floor(stage.now() / 1000)

/** Stands in where a ticket's keys are given by their hash. */
const NO_KEYS = { signing: 'A'.repeat(43), sealing: 'A'.repeat(43) }

describe('tickets', () => {
  it('expired, from the future, too long, or without what they must say', async () => {
    for (const ticket of [
      { exp: seconds() - 60 },
      { iat: seconds() + 120, exp: seconds() + 240 },
      { exp: seconds() + 3600 },
      { aud: 'somebody-else' },
      { purpose: 'register' as const },
      { jti: 'short' },
      { sub: '' },
    ])
      await expectRefused(asking({ ticket }), 'ticket_rejected')
  })

  it('of another app, for another account, for other keys, or forged', async () => {
    await expectRefused(asking({ ticket: { iss: stage.otherApp.app } }), 'ticket_rejected')
    const stranger = await stage.person()
    await expectRefused(asking({ ticket: { account: stranger.account } }), 'ticket_rejected')
    await expectRefused(asking({ ticket: { keys: 'B'.repeat(42) + 'A' } }), 'ticket_rejected')
    const phone = stage.client()
    const wish = await requester.prepare(phone, { account: circle.owner.account, cause: 'lost' })
    const forged = await stage.otherApp.ticket('recover', wish.account, NO_KEYS, {
      keys: wish.keys,
      iss: stage.app.app,
    })
    await expectRefused(() => requester.open(phone, { ticket: forged }), 'ticket_rejected')
    await expectRefused(() => requester.open(phone, { ticket: 'no ticket at all' }), 'ticket_rejected')
  })

  it('used once before', async () => {
    const phone = await ask(stage, circle.owner.account)
    const record = JSON.parse((await phone.storage.get('request')) ?? '{}') as { opened: { ticket: string } }
    await requester.cancel(phone.client)
    // Another request by the same keys, with the same ticket.
    const other = { ...record, recovery: 'A'.repeat(22), opened: null, coreHash: null }
    await phone.storage.set('request', JSON.stringify(other))
    const { ticket } = record.opened
    await expectRefused(() => requester.open(phone.client, { ticket }), 'ticket_rejected')
  })
})

describe('codes and answers', () => {
  it('a wrong code three times: "this may be an impostor", and then no more', async () => {
    const phone = await ask(stage, circle.owner.account)
    const friend = contactAt(circle, 1)
    const request = await requestAt(friend, phone.recovery)
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const { slot } = await contact.compare(friend.client, request)
      await requester.answer(phone.client, { slot })
      await contact.reveal(friend.client, request)
      const code = await requester.readOut(phone.client, { slot })
      const wrong = code === '000000' ? '000001' : '000000'
      expect(await codeOf(contact.typeCode(friend.client, { ...request, code: wrong }))).toBe('codes_differ')
      expect(await codeOf(contact.approve(friend.client, request))).toBe('codes_unconfirmed')
    }
    await expectRefused(() => contact.compare(friend.client, request), 'codes_exhausted')
    // The others are not concerned.
    await compareCodes(phone, contactAt(circle, 2))
    await requester.cancel(phone.client)
  })

  it('an approval for another request, signed by the right contact', async () => {
    const [one, two] = [await ask(stage, circle.owner.account), await ask(stage, circle.owner.account)]
    const friend = contactAt(circle, 1)
    const request = await compareCodes(one, friend)
    await compareCodes(two, friend)
    const { keys } = await account.readSelf(friend.client)
    const send = friend.client.call.bind(friend.client)
    let kept: DecisionBody | null = null
    const altered = {
      ...friend.client,
      call: (async (name, input, options) => {
        if (name !== 'decide') return send(name, input, options)
        const { body } = input as { body: { message: { body: string }; proof: string; sealed: string } }
        kept = { ...(JSON.parse(body.message.body) as DecisionBody), recovery: two.recovery }
        const message = await signMessage('decision', kept, keys.signing.seed)
        return send('decide', { body: { ...body, message } })
      }) as typeof friend.client.call,
    }
    await expectRefused(() => contact.approve(altered, request), 'approval_rejected')
    expect(kept).not.toBeNull()
    for (const phone of [one, two]) await requester.cancel(phone.client)
  })

  it('a veto, and a pull, that somebody else signed', async () => {
    const phone = await ask(stage, circle.owner.account)
    const other = await ask(stage, circle.owner.account)
    const stranger = contactAt(circle, 3)
    const { keys } = await account.readSelf(stranger.client)
    const { recovery } = phone
    const veto = await signVeto({
      ...{ account: circle.owner.account, recovery },
      ...{ by: 'identity' as const, seed: keys.signing.seed },
    })
    await expectRefused(() => stranger.client.call('veto', { body: veto }), 'signature_rejected')
    await expectRefused(() => owner.veto(stranger.client, phone), 'recovery_ended')
    const confused: StoryRequester = { ...other, recovery }
    await expectRefused(() => pullOnly(confused), 'signature_rejected')
    for (const one of [phone, other]) await requester.cancel(one.client)
  })

  it('an answer by somebody who is no contact', async () => {
    const phone = await ask(stage, circle.owner.account)
    const request = await requestAt(contactAt(circle, 1), phone.recovery)
    const stranger = await stage.person()
    await expectRefused(() => contact.alarm(stranger.client, request), 'recovery_ended')
    expect(await contact.requests(stranger.client)).toEqual([])
    await requester.cancel(phone.client)
  })

  it('a release before its time, and a second completion', async () => {
    const phone = await ask(stage, circle.owner.account)
    await expectRefused(() => pullOnly(phone), 'not_releasable')
    await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)])
    await expectRefused(() => pullOnly(phone), 'not_releasable')
    stage.advance(DAY)
    const send = phone.client.call.bind(phone.client)
    let completion: unknown = null
    const watched = {
      ...phone.client,
      call: (async (name, input, options) => {
        if (name === 'completeRecovery') completion = input
        return send(name, input, options)
      }) as typeof phone.client.call,
    }
    await requester.recover(watched)
    circle = { ...circle, owner: { ...circle.owner, client: phone.client } }
    expect(completion).not.toBeNull()
    await expectRefused(() => send('completeRecovery', completion as never), 'already_completed')
    await expectRefused(() => pullOnly(phone), 'already_completed')
  })
})

describe('bodies that are none', () => {
  const BODIES: readonly string[] = [
    '',
    '{',
    'null',
    '[]',
    '"text"',
    '{}',
    '{"unknown":1}',
    '{"__proto__":{}}',
  ]
  const POSTS = OPERATION_NAMES.filter((name) => OPERATIONS[name].method === 'POST')

  it('are malformed for every operation, as whoever they are sent', async () => {
    const phone = await ask(stage, circle.owner.account)
    const before = await quietView(stage, circle.owner)
    const tokens = {
      none: '',
      device: await circle.owner.client.sessions.token('device'),
      requester: await phone.client.sessions.token('requester'),
    }
    for (const name of POSTS)
      for (const body of BODIES) {
        const { caller, path } = OPERATIONS[name]
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${tokens[caller]}` }
        const answer = await fetch(`${stage.url}${path}`, { method: 'POST', headers, body })
        expect([name, body, answer.status, await answer.json()]).toEqual([
          name,
          body,
          400,
          expect.objectContaining({ code: 'malformed', advice: 'fix-request' }),
        ])
      }
    expect(await ownersView(circle.owner)).toEqual(before)
  })
})
