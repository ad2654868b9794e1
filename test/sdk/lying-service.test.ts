import {
  type Client,
  account,
  contact,
  createClient,
  memoryStorage,
  owner,
  requester,
} from '@holdfast/client'
import type { AccountView, AnswerOf, OperationName } from '@holdfast/client/protocol'
import { ROUTES, Secret, answerCodes, identityFromSeed, sessionStartBody } from '@holdfast/client/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { acceptOffer, openSdkCircle } from '../support/sdk-circle.ts'
import { ask, at, coded, requestAt, talk } from '../support/sdk-recovery.ts'
import { TEST_APP, type TestService, signTicket, startService } from '../support/service.ts'

let service: TestService
beforeAll(async () => {
  service = await startService({ env: { HOLDFAST_BACK_OFF_SECONDS: '0' } })
})
afterAll(() => service.close())

type Lies = { [N in OperationName]?: (truth: AnswerOf<N>) => AnswerOf<N> }

/** A client whose service tells lies, as long as they are in the object; and every body that it was sent. */
const deceived = (storage = memoryStorage()) => {
  const lies: Lies = {}
  const sent: { readonly name: OperationName; readonly body: unknown }[] = []
  const names = Object.keys(ROUTES) as OperationName[]
  const send: typeof fetch = async (input, init) => {
    const { pathname } = new URL(String(input))
    const name = names.find((one) => {
      const { method, path } = ROUTES[one]
      return method === init?.method && new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`).test(pathname)
    }) as OperationName
    sent.push({ name, body: JSON.parse(typeof init?.body === 'string' ? init.body : 'null') as unknown })
    const response = await fetch(input, init)
    const lie = lies[name] as ((truth: unknown) => unknown) | undefined
    return lie === undefined || !response.ok ? response : Response.json(lie(await response.json()))
  }
  const client = createClient({ url: service.url, app: TEST_APP, storage, fetch: send })
  return { client, lies, sent }
}

const deceivedPerson = async () => {
  const person = deceived()
  const ticket = await signTicket(await account.prepare(person.client))
  return { ...person, account: await account.register(person.client, { ticket }) }
}

describe.concurrent('towards the owner', () => {
  it('one key for the comparison and another for keeping: the compared one is kept', async () => {
    const { client, lies, account: id } = await deceivedPerson()
    const [friend, mole] = [await service.person(), await service.person()]
    const { digits } = await account.safetyNumberWith(friend.client, id)
    let asked = 0
    const other = await mole.client.call('readIdentity', { params: { account: id } })
    lies.readIdentity = (truth) => ((asked += 1) === 1 ? truth : { ...truth, statement: other.statement })
    const met = await owner.verifyInPerson(client, { account: friend.account, scanned: digits })
    expect(met.identity).toEqual(await account.fetchIdentity(mole.client, friend.account))
    // Another’s statement under this name is refused, whoever signed it.
    await expect(owner.addUnverified(client, mole.account)).rejects.toEqual(coded('signature_rejected'))
  })

  it('a false answer to one invitation spoils that one alone, and is told once', async () => {
    const { client, lies } = await deceivedPerson()
    const friends = [await service.person(), await service.person()]
    for (const friend of friends) {
      const { link } = await owner.invite(client, { base: 'https://app.example/' })
      await contact.acceptInvitation(friend.client, link)
    }
    lies.readAccount = (truth) => {
      const [one, two] = truth.invitations as [AccountView['invitations'][0], AccountView['invitations'][0]]
      return { ...truth, invitations: [{ ...one, answer: two.answer }, two] }
    }
    await expect(owner.contacts(client)).rejects.toEqual(coded('invitation_rejected'))
    expect((await owner.contacts(client)).map((one) => one.account)).toEqual([friends[1]?.account])
  })

  it('an older circle, another’s circle, a log that was cut or rewritten', async () => {
    const circle = await openSdkCircle(service, { contacts: 2, input: { coolingSeconds: 1 } })
    const { client, lies } = deceived(circle.owner.client.storage)
    const first = (await owner.status(client)).circle.active
    await owner.protect(client, { threshold: 2, waitingSeconds: 1, coolingSeconds: 1 })
    for (const one of circle.contacts) await acceptOffer(one)
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect((await owner.status(client)).circle.active?.epoch).toBe(2)
    lies.readAccount = (truth) => ({ ...truth, circle: { ...truth.circle, active: first } })
    await expect(owner.status(client)).rejects.toEqual(coded('stale_circle'))
    const foreign = (await owner.status((await openSdkCircle(service)).owner.client)).circle.active
    lies.readAccount = (truth) => ({ ...truth, circle: { ...truth.circle, active: foreign } })
    await expect(owner.status(client)).rejects.toEqual(coded('signature_rejected'))

    const known = (await owner.readLog(client)).length
    expect(known).toBeGreaterThan(5)
    lies.readLog = (truth) => ({ ...truth, sequence: known - 1 })
    await expect(owner.readLog(client)).rejects.toEqual(coded('log_broken'))
    lies.readLog = (truth) => ({ ...truth, hash: first?.coreHash ?? null })
    await expect(owner.readLog(client)).rejects.toEqual(coded('log_broken'))
    await client.storage.delete('log')
    lies.readLog = (truth) => ({ ...truth, entries: truth.entries.filter(({ sequence }) => sequence !== 3) })
    await expect(owner.readLog(client)).rejects.toEqual(coded('log_broken'))
  })
})

describe.concurrent('towards a contact', () => {
  it('no two answers carry one number, even if the service hides the first', async () => {
    const circle = await openSdkCircle(service, { contacts: 2 })
    const helper = deceived(at(circle, 1).storage)
    await ask(service, circle.owner.account)
    const request = await requestAt(helper.client, circle.owner.account)
    helper.lies.listContactRecoveries = (truth) => ({
      ...truth,
      recoveries: truth.recoveries.map((one) => ({ ...one, answer: null })),
    })
    await contact.alarm(helper.client, request)
    await contact.alarm(helper.client, request)
    const numbers = helper.sent
      .filter(({ name }) => name === 'decide')
      .map(
        ({ body }) =>
          JSON.parse((body as { message: { body: string } }).message.body) as { sequence: number },
      )
      .map(({ sequence }) => sequence)
    expect(numbers).toEqual([1, 2])
  })

  it('opens its commitment to one answer alone, whatever is shown later', async () => {
    const circle = await openSdkCircle(service, { contacts: 2 })
    const helper = deceived(at(circle, 1).storage)
    const { account: id } = circle.owner
    const device = await ask(service, id)
    const request = await requestAt(helper.client, id)
    await contact.compare(helper.client, request)
    await requester.answer(device, { slot: 1 })
    await contact.reveal(helper.client, request)
    // The same requester answers the same commitment again, as a requester could who works with the service.
    const { requesterSeed, recovery } = JSON.parse((await device.storage.get('request')) ?? '') as Record<
      string,
      string
    >
    const seed = Secret.of(Buffer.from(requesterSeed ?? '', 'base64url'))
    const requesterKeys = await identityFromSeed(seed)
    const shown = (await requestAt(helper.client, id)).view.session
    const start = sessionStartBody.parse(JSON.parse(shown?.start.body ?? ''))
    const { message } = await answerCodes({
      ...{ recovery: recovery ?? '', slot: 1, attempt: 1, requester: requesterKeys },
      commitment: start.mode === 'codes' ? start.commitment : '',
    })
    helper.lies.listContactRecoveries = (truth) => ({
      ...truth,
      recoveries: truth.recoveries.map((one) => ({
        ...one,
        session: one.session && { ...one.session, step: 'answered' as const, answer: message },
      })),
    })
    await expect(contact.reveal(helper.client, request)).rejects.toEqual(coded('session_conflict'))
    const code = (await requester.readOut(device, { slot: 1 })) ?? ''
    await contact.typeCode(helper.client, { ...request, code })
  })
})

describe.concurrent('towards the requester', () => {
  const begun = async () => {
    const circle = await openSdkCircle(service, { contacts: 2 })
    const device = deceived()
    await ask(service, circle.owner.account, { client: device.client })
    return { circle, device, id: circle.owner.account }
  }
  const compareAt = async (helper: Client, device: Client, id: string) => {
    const request = await requestAt(helper, id)
    await contact.compare(helper, request)
    await requester.answer(device, { slot: request.slot })
    await contact.reveal(helper, request)
    return request
  }

  it('another circle than at opening', async () => {
    const { device } = await begun()
    device.lies.readRecovery = (truth) => ({ ...truth, coreHash: 'A'.repeat(43) })
    await expect(requester.status(device.client)).rejects.toEqual(coded('stale_circle'))
  })

  it('another nonce than the contact committed to: said at once, and for good', async () => {
    const { circle, device, id } = await begun()
    await compareAt(at(circle, 1), device.client, id)
    device.lies.readRecovery = (truth) => ({
      ...truth,
      sessions: truth.sessions.map((one) => ({ ...one, contactNonce: 'A'.repeat(43) })),
    })
    await expect(requester.readOut(device.client, { slot: 1 })).rejects.toEqual(coded('codes_differ'))
    delete device.lies.readRecovery
    const second = { slot: 1, code: '123456' }
    await expect(requester.typeCode(device.client, second)).rejects.toEqual(coded('codes_differ'))
  })

  it('“that comparison is over”, so that another can be tried beside it: then it is over here too', async () => {
    const { circle, device, id } = await begun()
    const first = await compareAt(at(circle, 1), device.client, id)
    const second = await requestAt(at(circle, 2), id)
    await contact.compare(at(circle, 2), second)
    await expect(requester.answer(device.client, { slot: 2 })).rejects.toEqual(coded('session_conflict'))
    device.lies.readRecovery = (truth) => ({
      ...truth,
      sessions: truth.sessions.map((one) => (one.slot === 1 ? { ...one, step: 'differed' as const } : one)),
    })
    await requester.answer(device.client, { slot: 2 })
    delete device.lies.readRecovery
    await expect(requester.readOut(device.client, { slot: 1 })).rejects.toEqual(coded('session_conflict'))
    await expect(requester.typeCode(device.client, { slot: 1, code: '123456' })).rejects.toEqual(
      coded('session_conflict'),
    )
    expect(first.slot).toBe(1)
  })

  it('a fourth code for one slot, by counting from one again', async () => {
    const { circle, device, id } = await begun()
    const helper = at(circle, 1)
    for (const _ of [1, 2, 3]) {
      await compareAt(helper, device.client, id)
      await requester.abandon(device.client, { slot: 1 })
    }
    device.lies.readRecovery = (truth) => ({
      ...truth,
      sessions: truth.sessions.map((one) => ({
        ...one,
        attempt: 1,
        step: 'started' as const,
        commitment: 'A'.repeat(43),
      })),
    })
    await expect(requester.answer(device.client, { slot: 1 })).rejects.toEqual(coded('codes_exhausted'))
    expect(device.sent.filter(({ name }) => name === 'answerSession')).toHaveLength(3)
  })

  it('a release of another circle, or with shares that were never compared', async () => {
    const { circle, device, id } = await begun()
    await contact.approve(at(circle, 1), await talk(device.client, at(circle, 1), id))
    const helper = at(circle, 2)
    const request = await requestAt(helper, id)
    await contact.compare(helper, request)
    await requester.answer(device.client, { slot: 2 })
    await contact.reveal(helper, request)
    const code = (await requester.readOut(device.client, { slot: 2 })) ?? ''
    // The contact believes; this device never heard the code back.
    await contact.typeCode(helper, { ...request, code })
    await contact.approve(helper, request)
    const until = async (promise: () => Promise<unknown>) => {
      for (;;) {
        const error = await promise().catch((thrown: unknown) => thrown as { code: string })
        if ((error as { code?: string }).code !== 'not_releasable') return error
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    }
    expect(await until(() => requester.recover(device.client))).toEqual(coded('codes_unconfirmed'))
    expect(await device.client.storage.get('recovered')).toBeNull()
    expect(await device.client.storage.get('device')).toBeNull()
  })
})
