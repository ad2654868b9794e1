import { contact, owner, requester } from '@holdfast/client'
import { fileStorage } from '@holdfast/client/node'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { acceptOffer, openSdkCircle } from '../support/sdk-circle.ts'
import { ask, at, coded, requestAt, seedOf, talk } from '../support/sdk-recovery.ts'
import { type TestService, signTicket, startService } from '../support/service.ts'

let service: TestService
beforeAll(async () => {
  service = await startService({ env: { HOLDFAST_BACK_OFF_SECONDS: '0', HOLDFAST_CONTEST_SECONDS: '30' } })
})
afterAll(() => service.close())

const soon = (): AbortSignal => AbortSignal.timeout(20_000)

const text = new TextEncoder()

describe.concurrent('a lost phone', () => {
  it('the key comes back byte for byte, with the app’s bytes, and the new device is the owner’s', async () => {
    const payload = text.encode('a note of the app')
    const circle = await openSdkCircle(service, { contacts: 3, input: { waitingSeconds: 1, payload } })
    const { account: id, client: lost } = circle.owner
    const device = await ask(service, id)
    expect((await requester.status(device)).state).toBe('collecting')
    for (const slot of [1, 3])
      await contact.approve(at(circle, slot), await talk(device, at(circle, slot), id))

    const seen: string[] = []
    const back = await requester.recoverWhenReady(device, {
      signal: soon(),
      intervalMs: 200,
      onProgress: (view) => seen.push(view.state),
    })
    expect(Buffer.from(back.seed.expose()).toString('base64url')).toBe(await seedOf(lost))
    expect(back.recoveredSeed.expose()).toEqual(back.seed.expose())
    expect(Buffer.from(back.payload).toString()).toBe('a note of the app')
    expect(back.liars).toEqual([])
    expect(seen[0]).toBe('waiting')

    // Again, as after a crash: the same, without asking the service.
    expect((await requester.recover(device)).payload).toEqual(back.payload)
    await requester.forget(device)
    expect(await device.storage.get('recovered')).toBeNull()
    expect(await device.storage.get('request')).toBeNull()

    // The new device is signed in, knows the contacts as verified as before, and leads to a new circle at once.
    expect((await owner.status(device)).account).toBe(id)
    const known = await owner.contacts(device)
    expect(known.map(({ account: one, verified }) => [one, verified])).toEqual(
      circle.contacts.map((one) => [one.account, 'link']),
    )
    const { epoch } = await owner.protect(device, { threshold: 2, waitingSeconds: 1 })
    expect(epoch).toBe(2)
    for (const one of circle.contacts) await acceptOffer(one)
    expect((await owner.status(device)).circle.active?.epoch).toBe(2)
    const log = await owner.readLog(device)
    expect(log.map(({ type }) => type)).toContain('recovery-completed')
    expect(await owner.readLog(device)).toEqual([])
  })

  it('with 60 digits where nobody is online together, from a device that is switched off between all steps', async () => {
    const circle = await openSdkCircle(service, { contacts: 2, input: { waitingSeconds: 1 } })
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-digits-'))
    // Every step by a new client over the same file: nothing may live in memory alone.
    const device = () => service.client(fileStorage(join(folder, 'state.json')))
    await ask(service, circle.owner.account, { client: device() })
    for (const slot of [1, 2]) {
      const helper = at(circle, slot)
      const request = await requestAt(helper, circle.owner.account)
      const { show } = await contact.compareDigits(helper, request)
      const shown = await requester.showDigits(device(), { slot })
      expect(shown.digits).toMatch(/^\d{60}$/)
      expect(shown.digits).not.toBe(show.digits)
      // One contact types digits in groups, the other scans.
      const code = slot === 1 ? (shown.digits.match(/.{5}/g) ?? []).join(' ') : shown.qr
      const { readBack } = await contact.typeCode(helper, { ...request, code })
      expect(readBack).toBe(show.digits)
      await requester.typeCode(device(), { slot, code: slot === 1 ? show.digits : show.qr })
      await contact.approve(helper, request)
    }
    const back = await requester.recoverWhenReady(device(), { signal: soon(), intervalMs: 200 })
    expect(Buffer.from(back.seed.expose()).toString('base64url')).toBe(await seedOf(circle.owner.client))
    await rm(folder, { recursive: true })
  })

  it('every call can be repeated, as after a lost answer, and changes nothing', async () => {
    const circle = await openSdkCircle(service, { contacts: 2, input: { waitingSeconds: 1 } })
    const { account: id } = circle.owner
    const device = service.client()
    const ticket = await signTicket(await requester.prepare(device, { account: id, cause: 'lost' }))
    const twice = async <T>(call: () => Promise<T>): Promise<T> => {
      await call()
      return call()
    }
    await twice(() => requester.open(device, { ticket }))
    for (const slot of [1, 2]) {
      const helper = at(circle, slot)
      const request = await requestAt(helper, id)
      await twice(() => contact.compare(helper, request))
      await twice(() => requester.answer(device, { slot }))
      await twice(() => contact.compare(helper, request))
      await twice(() => contact.reveal(helper, request))
      const code = (await twice(() => requester.readOut(device, { slot }))) ?? ''
      const { readBack } = await twice(() => contact.typeCode(helper, { ...request, code }))
      await twice(() => requester.typeCode(device, { slot, code: readBack }))
      await twice(() => contact.approve(helper, request))
    }
    // One comparison each, and each counted once.
    const { comparisons } = JSON.parse((await device.storage.get('request')) ?? '') as {
      comparisons: { attempts: number; state: string }[]
    }
    expect(comparisons.map(({ attempts, state }) => [attempts, state])).toEqual([
      [1, 'confirmed'],
      [1, 'confirmed'],
    ])
    const entries = await owner.readLog(circle.owner.client)
    expect(entries.filter(({ type }) => type === 'recovery-answered')).toHaveLength(2)
    await requester.recoverWhenReady(device, { signal: soon(), intervalMs: 200 })
    await twice(() => requester.recover(device))
  })
})

describe.concurrent('a stolen phone', () => {
  it('the account moves to a new identity, the old phone is out, and the contacts follow', async () => {
    const circle = await openSdkCircle(service, { contacts: 3, input: { waitingSeconds: 1 } })
    const { account: id, client: stolen } = circle.owner
    const device = await ask(service, id, { cause: 'stolen' })
    for (const slot of [1, 2]) {
      const request = await talk(device, at(circle, slot), id)
      expect(request.cause).toBe('stolen')
      await contact.approve(at(circle, slot), { ...request, stolen: true })
    }
    const back = await requester.recoverWhenReady(device, { signal: soon(), intervalMs: 200 })
    expect(Buffer.from(back.recoveredSeed.expose()).toString('base64url')).toBe(await seedOf(stolen))
    expect(back.seed.expose()).not.toEqual(back.recoveredSeed.expose())
    await expect(owner.status(stolen)).rejects.toEqual(coded('signature_rejected'))

    // Contacts who were told the new keys by voice take the new circle at once. The third has to meet the owner again.
    await owner.protect(device, { threshold: 2, waitingSeconds: 1, acceptances: 3 })
    await acceptOffer(circle.contacts[0] as never)
    await acceptOffer(circle.contacts[1] as never)
    await expect(acceptOffer(circle.contacts[2] as never)).rejects.toEqual(coded('signature_rejected'))
    const { link } = await owner.invite(device, { base: 'https://app.example/' })
    await expect(contact.acceptInvitation(at(circle, 3), link)).rejects.toEqual(coded('identity_changed'))
    await contact.acceptInvitation(at(circle, 3), link, { replace: true })
    await acceptOffer(circle.contacts[2] as never)
    expect((await owner.status(device)).circle.active?.epoch).toBe(2)
  })

  it('the number of contacts that the circle names beats a veto from the phone, and the veto key beats them', async () => {
    const key = await owner.makeVetoKey()
    const circle = await openSdkCircle(service, {
      contacts: 4,
      input: { waitingSeconds: 2, stolenQuorum: 3, vetoKey: key.publicKey },
    })
    const { account: id, client: phone } = circle.owner
    const device = await ask(service, id, { cause: 'stolen' })
    const approvals: contact.Request[] = []
    for (const slot of [1, 2]) {
      approvals.push(await talk(device, at(circle, slot), id))
      await contact.approve(at(circle, slot), { ...(approvals[slot - 1] as contact.Request), stolen: true })
    }
    const { recovery } = approvals[0] as contact.Request
    expect((await owner.veto(phone, { recovery })).outcome).toBe('contested')
    expect((await owner.veto(phone, { recovery })).outcome).toBe('contested')
    await contact.approve(at(circle, 3), { ...(await talk(device, at(circle, 3), id)), stolen: true })
    await expect(owner.veto(phone, { recovery })).rejects.toEqual(coded('veto_overruled'))
    const vetoKey = (key.secret.match(/.{1,8}/g) ?? []).join(' ')
    const veto = await owner.vetoWithKey(service.client(), { account: id, recovery, vetoKey })
    expect(veto.outcome).toBe('vetoed')
    await expect(requester.recoverWhenReady(device, { signal: soon() })).rejects.toEqual(
      coded('recovery_ended'),
    )
  })
})
