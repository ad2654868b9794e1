import { account, contact, owner, requester } from '@holdfast/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { acceptOffer, openSdkCircle } from '../support/sdk-circle.ts'
import { ask, at, coded, requestAt, talk, untilTrue } from '../support/sdk-recovery.ts'
import { type TestService, startService } from '../support/service.ts'

let service: TestService
beforeAll(async () => {
  service = await startService({ env: { HOLDFAST_BACK_OFF_SECONDS: '0', HOLDFAST_CONTEST_SECONDS: '30' } })
})
afterAll(() => service.close())

describe.concurrent('whom one does not believe', () => {
  it('the owner vetoes: the request is over, and the requester can begin anew', async () => {
    const circle = await openSdkCircle(service, { contacts: 2, input: { waitingSeconds: 60 } })
    const { account: id, client } = circle.owner
    const device = await ask(service, id)
    for (const slot of [1, 2])
      await contact.approve(at(circle, slot), await talk(device, at(circle, slot), id))
    const { recoveries } = await owner.status(client)
    const { recovery, state } = recoveries[0] as { recovery: string; state: string }
    expect(state).toBe('waiting')
    await expect(requester.recover(device)).rejects.toEqual(coded('not_releasable'))
    expect(await owner.veto(client, { recovery })).toEqual({ outcome: 'vetoed', until: null })
    expect((await owner.veto(client, { recovery })).outcome).toBe('vetoed')
    expect((await requester.status(device)).state).toBe('ended')
    await expect(requester.recover(device)).rejects.toEqual(coded('recovery_ended'))
    await requester.cancel(device)
    await ask(service, id, { client: device })
    expect((await requester.status(device)).state).toBe('collecting')
    await requester.cancel(device)
    await expect(requester.status(device)).rejects.toEqual(coded('not_found'))
  })

  it('a wrong code is a state of its own: no second guess, the next comparison, three in all', async () => {
    const circle = await openSdkCircle(service, { contacts: 2 })
    const { account: id } = circle.owner
    const device = await ask(service, id)
    const helper = at(circle, 1)
    const request = await requestAt(helper, id)
    for (const attempt of [1, 2, 3]) {
      await contact.compare(helper, request)
      await requester.answer(device, { slot: 1 })
      await contact.reveal(helper, request)
      const code = (await requester.readOut(device, { slot: 1 })) ?? ''
      const wrong = code === '000000' ? '000001' : '000000'
      // No code at all is a slip of the finger, and does not count.
      await expect(contact.typeCode(helper, { ...request, code: code.slice(1) })).rejects.toEqual(
        coded('malformed'),
      )
      // The contact’s device, or the requester’s: on both what was typed first stands.
      const mistyped = (one: string) =>
        attempt < 3
          ? contact.typeCode(helper, { ...request, code: one })
          : requester.typeCode(device, { slot: 1, code: one })
      const right = attempt < 3 ? code : (await contact.typeCode(helper, { ...request, code })).readBack
      await expect(mistyped(right === wrong ? '000002' : wrong)).rejects.toEqual(coded('codes_differ'))
      await expect(mistyped(right)).rejects.toEqual(coded('codes_differ'))
      if (attempt < 3)
        await expect(contact.approve(helper, request)).rejects.toEqual(coded('codes_unconfirmed'))
    }
    await expect(contact.compare(helper, request)).rejects.toEqual(coded('codes_exhausted'))
    // To say no takes no code.
    await contact.alarm(helper, request)
    expect((await owner.status(circle.owner.client)).recoveries[0]?.alarmed).toBe(true)
    expect((await requester.status(device)).answers).toBe(1)
    await contact.declineRequest(helper, request)
  })

  it('of two guesses at one time one counts', async () => {
    const circle = await openSdkCircle(service, { contacts: 2 })
    const { account: id } = circle.owner
    const device = await ask(service, id)
    const helper = at(circle, 1)
    const request = await requestAt(helper, id)
    await contact.compare(helper, request)
    // Two taps: still one nonce, counted once.
    await Promise.all([1, 2].map(() => requester.answer(device, { slot: 1 })))
    await Promise.all([1, 2].map(() => contact.reveal(helper, request)))
    const code = (await requester.readOut(device, { slot: 1 })) ?? ''
    const codes = [code === '000000' ? '000001' : '000000', code]
    const guesses = await Promise.allSettled(
      codes.map((one) => contact.typeCode(helper, { ...request, code: one })),
    )
    const [{ state, attempts } = { state: '', attempts: 0 }] = JSON.parse(
      (await helper.storage.get('comparisons')) ?? '',
    ) as { state: string; attempts: number }[]
    expect(attempts).toBe(1)
    expect(guesses.map(({ status }) => status)).toEqual([
      'rejected',
      state === 'confirmed' ? 'fulfilled' : 'rejected',
    ])
  })

  it('one comparison at a time; one that hangs can be given up, and is then never confirmed', async () => {
    const circle = await openSdkCircle(service, { contacts: 2 })
    const { account: id } = circle.owner
    const device = await ask(service, id)
    const [one, two] = [at(circle, 1), at(circle, 2)]
    const first = await requestAt(one, id)
    const second = await requestAt(two, id)
    await contact.compare(one, first)
    await contact.compare(two, second)
    await requester.answer(device, { slot: 1 })
    await expect(requester.answer(device, { slot: 2 })).rejects.toEqual(coded('session_conflict'))
    await contact.reveal(one, first)
    await expect(requester.answer(device, { slot: 2 })).rejects.toEqual(coded('session_conflict'))
    const code = (await requester.readOut(device, { slot: 1 })) ?? ''
    await requester.abandon(device, { slot: 1 })
    await requester.answer(device, { slot: 2 })
    const { readBack } = await contact.typeCode(one, { ...first, code })
    await expect(requester.typeCode(device, { slot: 1, code: readBack })).rejects.toEqual(
      coded('session_conflict'),
    )
    await expect(requester.readOut(device, { slot: 1 })).rejects.toEqual(coded('session_conflict'))
  })

  it('a request of an owner whom the contact’s device does not know says so, and does not hide the others', async () => {
    const circle = await openSdkCircle(service, { contacts: 2 })
    const { account: id } = circle.owner
    const helper = at(circle, 1)
    const other = await openSdkCircle(service, { contacts: 2 })
    const { link } = await owner.invite(other.owner.client, { base: 'https://app.example/' })
    await contact.acceptInvitation(helper, link)
    const all = (await owner.contacts(other.owner.client)).map((one) => one.account)
    await owner.protect(other.owner.client, {
      contacts: all,
      threshold: 2,
      waitingSeconds: 1,
      coolingSeconds: 1,
    })
    for (const one of [...other.contacts, { client: helper, account: '' }]) await acceptOffer(one)
    await untilTrue(async () => (await owner.status(other.owner.client)).circle.active?.epoch === 2)
    await contact.shares(helper)
    await ask(service, id)
    await ask(service, other.owner.account)
    // The device forgets whom it met, as after a restore from an old backup.
    const known = JSON.parse((await helper.storage.get('owners')) ?? '[]') as { account: string }[]
    await helper.storage.set('owners', JSON.stringify(known.filter((one) => one.account !== id)))
    const found = await contact.requests(helper)
    expect(found.map((one) => [one.owner, one.doubt]).sort()).toEqual(
      [
        [id, 'not_found'],
        [other.owner.account, null],
      ].sort(),
    )
    await expect(contact.compare(helper, found.find((one) => one.owner === id) as never)).rejects.toEqual(
      coded('not_found'),
    )
  })

  it('an unknown account is asked for in vain, and looks like any other', async () => {
    const stranger = Buffer.alloc(16, 7).toString('base64url')
    const device = await ask(service, stranger)
    const known = await ask(service, (await openSdkCircle(service)).owner.account)
    const [decoy, real] = [await requester.status(device), await requester.status(known)]
    expect(Object.keys(decoy)).toEqual(Object.keys(real))
    expect(decoy.state).toBe(real.state)
    await expect(requester.answer(device, { slot: 1 })).rejects.toEqual(coded('session_conflict'))
    await expect(requester.recover(device)).rejects.toEqual(coded('not_releasable'))
  })
})

describe.concurrent('changes of a circle', () => {
  it('a later circle cools, unless enough present contacts and each who leaves consent; before that it can be withdrawn', async () => {
    const circle = await openSdkCircle(service, {
      contacts: 3,
      input: { waitingSeconds: 60, coolingSeconds: 3600 },
    })
    const { client } = circle.owner
    const stay = circle.contacts.slice(0, 2)
    const next = { contacts: stay.map((one) => one.account), threshold: 2, waitingSeconds: 60 }
    const first = await owner.protect(client, next)
    expect(first.warnings.map(({ code }) => code)).toEqual(['all-needed'])
    for (const one of stay) await acceptOffer(one)
    const pending = (await owner.status(client)).circle.pending
    expect(pending?.coreHash).toBe(first.coreHash)
    await owner.cancelChange(client, { coreHash: first.coreHash })
    expect((await owner.status(client)).circle.pending).toBeNull()
    await expect(owner.cancelChange(client, { coreHash: first.coreHash })).rejects.toEqual(
      coded('change_not_pending'),
    )

    await owner.protect(client, next)
    for (const one of stay) await acceptOffer(one)
    for (const [index, one] of circle.contacts.entries()) {
      const change = (await contact.shares(one.client)).changes[0] as contact.Change
      expect(change.leaving).toBe(index === 2)
      await contact.countersign(one.client, change)
    }
    expect((await owner.status(client)).circle.active?.epoch).toBe(3)
    // Their pins have moved: a request for the new circle is theirs to answer.
    await ask(service, circle.owner.account)
    expect((await requestAt(at(circle, 1), circle.owner.account)).doubt).toBeNull()
    expect(await contact.requests(at(circle, 3))).toEqual([])
  })

  it('a deletion can be withdrawn while it cools, also with the veto key alone', async () => {
    const key = await owner.makeVetoKey()
    const circle = await openSdkCircle(service, {
      contacts: 2,
      input: { coolingSeconds: 3600, vetoKey: key.publicKey },
    })
    const { client, account: id } = circle.owner
    const coreHash = (await owner.status(client)).circle.active?.coreHash ?? ''
    for (const withdraw of [{ coreHash }, { coreHash, account: id, vetoKey: key.secret }]) {
      await owner.deleteCircle(client)
      await owner
        .deleteCircle(client)
        .catch((error: unknown) => expect(error).toEqual(coded('change_pending')))
      const { changes } = await contact.shares(at(circle, 1))
      expect(changes.map(({ kind }) => kind)).toEqual(['deletion'])
      await owner.cancelChange('vetoKey' in withdraw ? service.client() : client, withdraw)
      expect((await owner.status(client)).circle.deletion).toBeNull()
    }
  })

  it('a deletion takes effect once it has cooled, and the next circle cools like any change', async () => {
    const circle = await openSdkCircle(service, { contacts: 2, input: { coolingSeconds: 2 } })
    const { client } = circle.owner
    await owner.deleteCircle(client)
    await untilTrue(async () => (await owner.status(client)).circle.active === null)
    await expect(owner.deleteCircle(client)).rejects.toEqual(coded('no_circle'))
    // Nothing is first again: the next one cools as the deleted one would have.
    await owner.protect(client, { threshold: 2, waitingSeconds: 1, coolingSeconds: 1 })
    for (const one of circle.contacts) await acceptOffer(one)
    expect((await owner.status(client)).circle.pending?.coolsAt).not.toBeNull()
  })

  it('refusals come before anything is sent: who, how many, how verified', async () => {
    const people = await Promise.all([1, 2, 3].map(() => service.person()))
    const { client, account: id } = await service.person()
    for (const one of people) await owner.addUnverified(client, one.account)
    const protect = (input: Partial<owner.ProtectInput>) => owner.protect(client, { threshold: 2, ...input })
    await expect(protect({})).rejects.toEqual(coded('contacts_unverified'))
    const [first, second] = people as [(typeof people)[0], (typeof people)[0]]
    const numbers = await account.safetyNumberWith(first.client, id)
    expect(numbers).toEqual(await account.safetyNumberWith(client, first.account))
    await expect(
      owner.verifyInPerson(client, { account: second.account, scanned: numbers.digits }),
    ).rejects.toEqual(coded('codes_differ'))
    const met = await owner.verifyInPerson(client, { account: first.account, scanned: numbers.qr })
    expect(met.verified).toBe('in-person')
    const other = await account.safetyNumberWith(second.client, id)
    const groups = (other.digits.match(/.{5}/g) ?? []).join(' ')
    await owner.verifyInPerson(client, { account: second.account, scanned: groups })
    // By link afterwards: still as verified as in person.
    const { link } = await owner.invite(client, { base: 'https://app.example/' })
    await contact.acceptInvitation(first.client, link)
    expect((await owner.contacts(client)).map(({ verified }) => verified)).toEqual([
      'in-person',
      'in-person',
      'none',
    ])
    await expect(protect({ threshold: 1 })).rejects.toEqual(coded('threshold_out_of_range'))
    await expect(protect({ threshold: 4 })).rejects.toEqual(coded('threshold_out_of_range'))
    await expect(protect({ contacts: [first.account, first.account] })).rejects.toEqual(
      coded('contact_duplicate'),
    )
    await expect(protect({ contacts: [first.account, id] })).rejects.toEqual(coded('contact_unknown'))
    await expect(protect({ payload: new Uint8Array(65_537) })).rejects.toEqual(coded('payload_too_large'))
    await expect(protect({ stolenQuorum: 2 })).rejects.toEqual(coded('policy_out_of_bounds'))
    expect((await owner.status(client)).circle.pending).toBeNull()
    const { warnings } = await protect({ waitingSeconds: 3600 })
    expect(warnings).toEqual([expect.objectContaining({ code: 'unverified', slots: [3] })])
  })
})
