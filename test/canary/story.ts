/**
 * A whole recovery in which every secret is noted: who tells it says where the service is, how time passes, and what there is to
 * look at meanwhile.
 */
import { randomBytes } from 'node:crypto'
import { account, contact, owner, requester, watch, memoryStorage, type Client } from '@holdfast/client'
import { socketTransport } from '@holdfast/client/live'
import {
  type Core,
  Secret,
  combineShares,
  deriveKeys as payloadKeys,
  fromBase64url,
  openHandedFactor,
  parseInvitationLink,
  parseShare,
  requestHash,
} from '@holdfast/client/protocol'
import { expect, vi } from 'vitest'
import { deriveKeys } from '../../src/service-keys.ts'
import {
  ask,
  compareCodes,
  oneUseKeys,
  pullOnly,
  requestAt,
  type StoryRequester,
} from '../support/story-call.ts'
import { acceptOffers, contactAt, protect, type ProtectChanges } from '../support/story-circle.ts'
import { ownShare } from '../../src/demo/liar.ts'
import type { StoryPerson, Town } from '../support/story-stage.ts'
import type { Secrets } from './secrets.ts'

export interface Told {
  readonly town: Town
  readonly secrets: Secrets
  /** Of the service, 32 bytes. */
  readonly masterKey: Uint8Array
  /** Periods of the circle, as far as they are to differ. */
  readonly periods?: ProtectChanges
  /** Says for this person where to be told, where there are ways to be told. */
  reach?(person: StoryPerson): Promise<void>
  /** The wait between quorum and release. */
  pass(): Promise<void>
  /** Takes down all that there is to see at this moment. */
  lookAround(moment: string): Promise<void>
  /** The key that wraps the release factor of an epoch. */
  readEpochKey(account: string, epoch: number): Promise<Secret | null>
}

const newPerson = async ({ town, secrets }: Told, name: string): Promise<StoryPerson> => {
  const storage = memoryStorage()
  const client = town.client({ storage })
  const ticket = await town.ticket(await account.prepare(client, { seed: randomBytes(32) }))
  secrets.notePass(`${name}: ticket`, ticket)
  return { client, storage, account: await account.register(client, { ticket }) }
}

const connect = (client: Client, role: 'device' | 'requester', signal: AbortSignal): Promise<void> =>
  new Promise((connected) => {
    watch(client, { role, transport: socketTransport, signal }, (event) => {
      if (event === null) connected()
    })
  })

const noteService = async ({ secrets, masterKey }: Told): Promise<void> => {
  secrets.note('master key', masterKey)
  const keys = await deriveKeys(Secret.of(masterKey))
  secrets.note('service: signing seed', keys.service.signing.seed.expose())
  secrets.note('service: release key', keys.service.release.secret.expose())
  secrets.note('service: challenge key', keys.service.challenge.expose())
  secrets.note('service: decoy key', keys.service.decoy.expose())
  secrets.note('service: token key', keys.tokens.expose())
  secrets.note('service: wrapping key of the key store', keys.keyStore.expose())
}

/** What t contacts and the service together would know. */
const noteCircle = async (
  { secrets, readEpochKey }: Told,
  friends: readonly StoryPerson[],
  asking: StoryRequester,
  core: Core,
  coreHash: string,
): Promise<void> => {
  const shares = await Promise.all(
    friends.map(async (friend) => ownShare(friend.client, await requestAt(friend, asking.recovery))),
  )
  shares.forEach((share, at) => secrets.note(`share ${at + 1}`, share.subarray(0, 32)))
  const xs = core.slots.map(({ x }) => x)
  const two = shares.slice(0, 2).map((share) => parseShare(share) ?? expect.fail('no share'))
  const secret = await combineShares(two, { threshold: 2, xs })
  secrets.note('S', secret.expose())
  const epochKey = await readEpochKey(core.account, core.epoch)
  secrets.note('key of the epoch', epochKey?.expose() ?? expect.fail('no key'))

  const release = await pullOnly(asking)
  const opened = JSON.parse((await asking.storage.get('request')) ?? '{}') as {
    opened: { message: { body: string; signature: string } }
  }
  const factor = await openHandedFactor({
    core,
    coreHash,
    factor: release.factor,
    requestHash: requestHash(opened.opened.message),
    sealing: (await oneUseKeys(asking)).sealing.secret,
  })
  const releaseFactor = factor ?? expect.fail('no release factor')
  secrets.note('R', releaseFactor.expose())
  const hash = fromBase64url(coreHash) ?? expect.fail('no hash')
  secrets.note('payload key', payloadKeys({ coreHash: hash, secret, releaseFactor }).encryptionKey.expose())
}

/** Compares codes both ways; both codes are secrets of the two people, of a comparison that counts. */
const compare = async ({ secrets }: Told, asking: StoryRequester, friend: StoryPerson): Promise<void> => {
  const { slot } = await compareCodes(asking, friend)
  const code = await requester.readOut(asking.client, { slot })
  secrets.noteText(`code of slot ${slot}`, code ?? '')
}

/** From registering to the recovered key. */
export const tellRecovery = async (told: Told): Promise<void> => {
  const { town, secrets, periods, pass, lookAround } = told
  await noteService(told)
  const payload = randomBytes(2000)
  for (let from = 0; from < payload.length; from += 500)
    secrets.note(`payload from ${from}`, payload.subarray(from, from + 32))
  const vetoKey = await owner.makeVetoKey()
  secrets.note('veto key', Buffer.from(vetoKey.secret, 'base64url'))

  const people: StoryPerson[] = []
  for (const name of ['owner', 'contact 1', 'contact 2', 'contact 3'])
    people.push(await newPerson(told, name))
  for (const person of people) await told.reach?.(person)
  const [holder, ...contacts] = people as [StoryPerson, ...StoryPerson[]]
  const circle = { owner: holder, contacts }
  for (const [at, friend] of contacts.entries()) {
    const { link } = await owner.invite(holder.client, { base: 'https://app.example/' })
    secrets.note(`invitation ${at + 1}`, parseInvitationLink(link).secret.expose())
    await contact.acceptInvitation(friend.client, link)
    await owner.contacts(holder.client)
  }
  await owner.invite(holder.client, { base: 'https://app.example/' })
  await protect(circle, { payload, vetoKey: vetoKey.publicKey, ...periods })
  for (const friend of contacts) await acceptOffers(friend)
  for (const [at, { storage }] of people.entries()) await secrets.noteDevice(`person ${at}`, storage)

  const ended = new AbortController()
  await connect(holder.client, 'device', ended.signal)
  const asking = await ask(town, holder.account, { cause: 'stolen' })
  await secrets.noteDevice('requester', asking.storage)
  const { opened } = JSON.parse((await asking.storage.get('request')) ?? '{}') as {
    opened: { ticket: string }
  }
  secrets.notePass('requester: ticket', opened.ticket)
  await connect(asking.client, 'requester', ended.signal)

  await compare(told, asking, contactAt(circle, 1))
  await compare(told, asking, contactAt(circle, 2))
  // Begun and never opened: only this contact's device may know the nonce.
  const third = contactAt(circle, 3)
  await contact.compare(third.client, await requestAt(third, asking.recovery))
  const [unopened] = JSON.parse((await third.storage.get('comparisons')) ?? '[]') as { nonce: string }[]
  secrets.note('nonce that was never revealed', Buffer.from(unopened?.nonce ?? '', 'base64url'))
  for (const slot of [1, 2]) {
    const helper = contactAt(circle, slot)
    await contact.approve(helper.client, { owner: holder.account, ...asking })
  }
  await lookAround('while waiting')

  await pass()
  // Where ten minutes have passed, all sign in again.
  const { active } = (await owner.status(holder.client)).circle
  const { core } = JSON.parse(active?.manifest.body ?? '{}') as { core: Core }
  await noteCircle(told, contacts, asking, core, active?.coreHash ?? '')
  await lookAround('when released')
  const recovered = await requester.recover(asking.client)
  secrets.note('recovered seed', recovered.recoveredSeed.expose())
  secrets.note('next seed', recovered.seed.expose())
  await secrets.noteDevice('new phone', asking.storage)
  const isErased = async () => {
    const { entries } = await asking.client.call('readLog', { query: {} })
    return entries.some(({ type }) => type === 'factor-erased')
  }
  await vi.waitUntil(isErased, { timeout: 10_000 })
  ended.abort()
  await lookAround('at the end')
}
