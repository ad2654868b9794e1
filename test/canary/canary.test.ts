/**
 * A whole recovery with everything recorded, and then a search for every secret of it, in ten encodings, wherever the service
 * keeps or says anything.
 */
import { randomBytes } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
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
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { deriveKeys } from '../../src/service-keys.ts'
import { ask, compareCodes, oneUseKeys, pullOnly, requestAt } from '../support/story-call.ts'
import { DAY, acceptOffers, contactAt, protect } from '../support/story-circle.ts'
import { ownShare } from '../support/story-liar.ts'
import { openStage, type Stage, type StoryPerson } from '../support/story-stage.ts'
import { ENCODINGS, ENCODING_NAMES } from './encodings.ts'
import { searchFor } from './search.ts'
import { Secrets } from './secrets.ts'
import { type Wire, tapWire } from './wire.ts'

const secrets = new Secrets()
const masterKey = randomBytes(32)
let stage: Stage
let wire: Wire
/** What there was to see at each moment, by area. */
const seen = new Map<string, Buffer>()

/** All files below a folder of the data folder, one after the other. */
const filesIn = async (...path: readonly string[]): Promise<Buffer> => {
  const folder = join(stage.folder, ...path)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Buffer.concat(await Promise.all(files.map((file) => readFile(file))))
}

const lookAround = async (moment: string): Promise<void> => {
  for (const area of ['records', 'keys', 'queue']) seen.set(`${area}, ${moment}`, await filesIn(area))
  seen.set(`notices, ${moment}`, await readFile(join(stage.folder, 'notices.jsonl')))
}

const newPerson = async (name: string): Promise<StoryPerson> => {
  const storage = memoryStorage()
  const client = stage.client({ storage })
  const ticket = await stage.ticket(await account.prepare(client, { seed: randomBytes(32) }))
  secrets.notePass(`${name}: ticket`, ticket)
  return { client, storage, account: await account.register(client, { ticket }) }
}

const connect = (client: Client, role: 'device' | 'requester', signal: AbortSignal): Promise<void> =>
  new Promise((connected) => {
    watch(client, { role, transport: socketTransport, signal }, (event) => {
      if (event === null) connected()
    })
  })

beforeAll(async () => {
  const plain = await openStage({
    queue: 'pglite',
    env: { HOLDFAST_MASTER_KEY: masterKey.toString('base64url') },
  })
  wire = await tapWire(plain.url)
  stage = { ...plain, client: (options = {}) => plain.client({ url: wire.url, ...options }) }
  await stage.service().service.started()
}, 60_000)
afterAll(async () => {
  await wire.close()
  await stage.close()
})

const noteService = async (): Promise<void> => {
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
  friends: readonly StoryPerson[],
  asking: Awaited<ReturnType<typeof ask>>,
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
  const epochKey = await stage.service().service.deps.keyStore.read(core.account, core.epoch)
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

describe('a recovery with everything recorded', () => {
  beforeAll(async () => {
    await noteService()
    const payload = randomBytes(2000)
    for (let from = 0; from < payload.length; from += 500)
      secrets.note(`payload from ${from}`, payload.subarray(from, from + 32))
    const vetoKey = await owner.makeVetoKey()
    secrets.note('veto key', Buffer.from(vetoKey.secret, 'base64url'))

    const people: StoryPerson[] = []
    for (const name of ['owner', 'contact 1', 'contact 2', 'contact 3']) people.push(await newPerson(name))
    const [holder, ...contacts] = people as [StoryPerson, ...StoryPerson[]]
    const circle = { owner: holder, contacts }
    for (const [at, friend] of contacts.entries()) {
      const { link } = await owner.invite(holder.client, { base: 'https://app.example/' })
      secrets.note(`invitation ${at + 1}`, parseInvitationLink(link).secret.expose())
      await contact.acceptInvitation(friend.client, link)
      await owner.contacts(holder.client)
    }
    await owner.invite(holder.client, { base: 'https://app.example/' })
    await protect(circle, { payload, vetoKey: vetoKey.publicKey })
    for (const friend of contacts) await acceptOffers(friend)
    for (const [at, { storage }] of people.entries()) await secrets.noteDevice(`person ${at}`, storage)

    const ended = new AbortController()
    await connect(holder.client, 'device', ended.signal)
    const asking = await ask(stage, holder.account, { cause: 'stolen' })
    await secrets.noteDevice('requester', asking.storage)
    const { opened } = JSON.parse((await asking.storage.get('request')) ?? '{}') as {
      opened: { ticket: string }
    }
    secrets.notePass('requester: ticket', opened.ticket)
    await connect(asking.client, 'requester', ended.signal)

    await compare(asking, contactAt(circle, 1))
    await compare(asking, contactAt(circle, 2))
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

    stage.advance(DAY)
    // Ten minutes have passed: all sign in again.
    const { active } = (await owner.status(holder.client)).circle
    const { core } = JSON.parse(active?.manifest.body ?? '{}') as { core: Core }
    await noteCircle(contacts, asking, core, active?.coreHash ?? '')
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
    seen.set('log lines', Buffer.from(stage.service().lines.join('\n')))
    seen.set('wire', wire.read())
    // Every token that was ever issued, or shown over a socket.
    const issued = wire
      .read()
      .toString('latin1')
      .matchAll(/"token":"([^"]+)"/g)
    for (const [at, token] of [...new Set([...issued].map(([, text = '']) => text))].entries())
      secrets.notePass(`token ${at + 1}`, token)
  }, 60_000)

  /** Compares codes both ways; both codes are secrets of the two people, of a comparison that counts. */
  const compare = async (asking: Awaited<ReturnType<typeof ask>>, friend: StoryPerson): Promise<void> => {
    const { slot } = await compareCodes(asking, friend)
    const code = await requester.readOut(asking.client, { slot })
    secrets.noteText(`code of slot ${slot}`, code ?? '')
  }

  it('every kind of secret is being looked for, and there is something to look at', () => {
    const names = [...secrets.all.keys()].join('\n')
    for (const kind of [
      /^token 6$/m,
      /requester: ticket/,
      /requester request.requesterSeed/,
      /requester request.nextSeed/,
      /person 0 device.seed/,
      /person 0 invitations/,
      /^share 3$/m,
      /^S$/m,
      /^R$/m,
      /payload key/,
      /code of slot 2/,
      /veto key/,
      /master key/,
      /key of the epoch/,
    ])
      expect(names).toMatch(kind)
    for (const [area, bytes] of seen) expect(bytes.length, area).toBeGreaterThan(100)
    expect(wire.frames().some((frame) => frame.includes('recovery-released'))).toBe(true)
  })

  it('nothing of it in records, keys, queue, notices and log, at any moment: no exceptions', () => {
    const search = searchFor(secrets.all)
    for (const [area, bytes] of seen) if (area !== 'wire') expect(search.in(bytes), area).toEqual([])
  })

  it('nothing of it on the wire but tokens and tickets in the one place that is theirs', () => {
    const search = searchFor(secrets.all)
    const place = /(Bearer |"token":"|"ticket":")$/
    const bytes = seen.get('wire') ?? Buffer.alloc(0)
    const { passes } = secrets
    const before = (at: number) => bytes.subarray(Math.max(0, at - 10), at).toString('latin1')
    const isInPlace = ({ secret, encoding, at }: { secret: string; encoding: string; at: number }) =>
      passes.has(secret) && encoding === 'raw' && place.test(before(at))
    const hits = search.in(bytes)
    expect(hits.filter((hit) => !isInPlace(hit))).toEqual([])
    // Each of them was there to be found.
    expect(new Set(hits.map(({ secret }) => secret))).toEqual(passes)
  })

  it('positive control: a secret planted in ten encodings is found in all ten, in every area', () => {
    const planted = new Map([['planted', Uint8Array.from(randomBytes(32))]])
    const search = searchFor(planted)
    const secret = planted.get('planted') ?? new Uint8Array()
    for (const [area, bytes] of seen) {
      const forms = ENCODING_NAMES.map((encoding) => ENCODINGS[encoding](secret)[0] ?? Buffer.alloc(0))
      // One after the other at places of their own, so that none tears another apart.
      const step = Math.floor(bytes.length / forms.length)
      const copy = Buffer.concat(
        forms.flatMap((form, at) => [bytes.subarray(at * step, (at + 1) * step), form]),
      )
      const found = new Set(search.in(copy).map(({ encoding }) => encoding))
      expect([...found].sort(), area).toEqual([...ENCODING_NAMES].sort())
    }
    console.log(
      `${secrets.all.size} secrets, ${seen.size} areas, ${[...seen.values()].reduce((sum, { length }) => sum + length, 0)} bytes, ` +
        `${ENCODING_NAMES.length} encodings: 0 hits; control ${ENCODING_NAMES.length}/10`,
    )
    expect(ENCODING_NAMES).toHaveLength(10)
  })

  it('positive control: encoded together with what stands around it, at every alignment', () => {
    const secret = randomBytes(32)
    const search = searchFor(new Map([['planted', Uint8Array.from(secret)]]))
    for (let before = 0; before < 6; before += 1) {
      const around = Buffer.concat([randomBytes(before), secret, randomBytes(7)])
      for (const encoding of ['base64', 'base64url', 'hex'] as const)
        expect(search.in(Buffer.from(around.toString(encoding))), `${encoding} after ${before}`).not.toEqual(
          [],
        )
      expect(search.in(Buffer.from(JSON.stringify([...around]))), `array after ${before}`).not.toEqual([])
    }
  })
})
