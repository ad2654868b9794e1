import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  answerInvitation,
  checkInvitationAnswer,
  invitationMac,
  makeInvitation,
  parseInvitationLink,
  publicHalf,
  Secret,
  signMessage,
  stateIdentity,
  toBase64url,
} from '@holdfast/client/protocol'
import { APP, codeOf, personOf, type Person } from '../support/cast.ts'

const BASE = 'https://letters.example/join'

const stated = ({ account, identity }: Person) => stateIdentity({ app: APP, account, identity, statedAt: 1 })

const meeting = async () => {
  const owner = await personOf('owner')
  const contact = await personOf('contact')
  const made = makeInvitation({ account: owner.account, identity: publicHalf(owner.identity), base: BASE })
  const answered = {
    ...parseInvitationLink(made.link),
    statement: await stated(owner),
    account: contact.account,
    identity: contact.identity,
  }
  const checked = {
    invitation: made.invitation,
    secret: made.secret,
    account: owner.account,
    identity: publicHalf(owner.identity),
  }
  return { owner, contact, made, answered, checked }
}

test('both sides hold each other’s keys afterwards', async () => {
  const { owner, contact, made, answered, checked } = await meeting()
  expect(answered.owner).toBe(owner.account)
  expect(answered.invitation).toBe(made.invitation)
  expect(answered.secret.expose()).toEqual(made.secret.expose())
  const { message, ownerIdentity } = await answerInvitation(answered)
  expect(ownerIdentity).toEqual(publicHalf(owner.identity))
  expect(await checkInvitationAnswer({ ...checked, message })).toEqual({
    contact: contact.account,
    contactIdentity: publicHalf(contact.identity),
  })
})

test('nothing of the secret is in what the service sees', async () => {
  const { made, answered } = await meeting()
  const { message } = await answerInvitation(answered)
  expect(JSON.stringify(message)).not.toContain(toBase64url(made.secret.expose()))
  expect(String(made.secret)).toBe('[secret]')
})

describe('a service that swaps a key', () => {
  test('of the owner: the contact answers nothing', async () => {
    const { owner, answered } = await meeting()
    const thief = await personOf('thief')
    const posing = await stated({ ...thief, account: owner.account })
    expect(await codeOf(() => answerInvitation({ ...answered, statement: posing }))).toBe(
      'invitation_rejected',
    )
    const other = await stated(thief)
    expect(await codeOf(() => answerInvitation({ ...answered, statement: other }))).toBe(
      'invitation_rejected',
    )
    const spoilt = {
      ...answered.statement,
      body: answered.statement.body.replace('"statedAt":1', '"statedAt":2'),
    }
    expect(await codeOf(() => answerInvitation({ ...answered, statement: spoilt }))).toBe(
      'signature_rejected',
    )
  })

  test('of the contact: the owner takes none', async () => {
    const { answered, checked, contact } = await meeting()
    const thief = await personOf('thief')
    const guessed = { ...answered, secret: Secret.of(new Uint8Array(32)), identity: thief.identity }
    const { message } = await answerInvitation({ ...guessed, account: contact.account })
    expect(await codeOf(() => checkInvitationAnswer({ ...checked, message }))).toBe('invitation_rejected')
  })

  test('an answer meant for another invitation or owner', async () => {
    const { answered, checked } = await meeting()
    const { message } = await answerInvitation(answered)
    const invitation = toBase64url(new Uint8Array(16))
    expect(await codeOf(() => checkInvitationAnswer({ ...checked, message, invitation }))).toBe(
      'invitation_rejected',
    )
    expect(await codeOf(() => checkInvitationAnswer({ ...checked, message, account: invitation }))).toBe(
      'invitation_rejected',
    )
    const { identity } = await personOf('other')
    expect(
      await codeOf(() => checkInvitationAnswer({ ...checked, message, identity: publicHalf(identity) })),
    ).toBe('invitation_rejected')
  })
})

describe('an answer with the right MAC', () => {
  test('that names another owner or invitation', async () => {
    const { answered, checked, contact } = await meeting()
    const { message } = await answerInvitation(answered)
    for (const change of [{ owner: contact.account }, { invitation: contact.account }]) {
      const body = { ...JSON.parse(message.body), ...change }
      const said = await signMessage('invitation-answer', body, contact.identity.signing.seed)
      expect(await codeOf(() => checkInvitationAnswer({ ...checked, message: said }))).toBe(
        'invitation_rejected',
      )
    }
  })

  test('by the owner’s own account', async () => {
    const { made, checked, owner, contact } = await meeting()
    const contactIdentity = publicHalf(contact.identity)
    const both = {
      invitation: made.invitation,
      owner: owner.account,
      contact: owner.account,
      contactIdentity,
    }
    const mac = invitationMac({ ...both, secret: made.secret, ownerIdentity: publicHalf(owner.identity) })
    const body = { ...both, mac: toBase64url(mac) }
    const message = await signMessage('invitation-answer', body, contact.identity.signing.seed)
    expect(await codeOf(() => checkInvitationAnswer({ ...checked, message }))).toBe('invitation_rejected')
  })
})

test('one’s own invitation', async () => {
  const { answered, owner } = await meeting()
  expect(await codeOf(() => answerInvitation({ ...answered, account: owner.account }))).toBe(
    'contact_is_owner',
  )
})

describe('a link', () => {
  test('damaged anywhere in its fragment is refused at once: every bit', async () => {
    const { made } = await meeting()
    const start = made.link.indexOf('#')
    for (let at = start; at < made.link.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const code = made.link.charCodeAt(at) ^ (1 << bit)
        const link = made.link.slice(0, at) + String.fromCharCode(code) + made.link.slice(at + 1)
        expect(await codeOf(() => parseInvitationLink(link))).toBe('invitation_rejected')
      }
    }
  })

  test('cut, lengthened or with a second fragment is refused', async () => {
    const { made } = await meeting()
    for (let length = 0; length < made.link.length; length += 1)
      expect(await codeOf(() => parseInvitationLink(made.link.slice(0, length)))).toBe('invitation_rejected')
    for (const link of [`${made.link}A`, `${made.link}=`, `${made.link}#`, `#x${made.link}`])
      expect(await codeOf(() => parseInvitationLink(link))).toBe('invitation_rejected')
  })

  test('any other text is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        expect(await codeOf(() => parseInvitationLink(`#HF1I.${text}`))).toBe('invitation_rejected')
      }),
    )
  })

  test('a base with a fragment of its own is refused', async () => {
    const { account, identity } = await personOf('owner')
    const input = { account, identity: publicHalf(identity), base: `${BASE}#there` }
    expect(await codeOf(() => makeInvitation(input))).toBe('malformed')
    expect(await codeOf(() => makeInvitation({ ...input, base: BASE, account: 'short' }))).toBe('malformed')
  })
})
