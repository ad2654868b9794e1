import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  b64,
  checkKey,
  combine,
  hashOf,
  hpkeOpen,
  identityOf,
  invitationMac,
  jcs,
  openBackup,
  schedule,
  sealInfo,
  sha256,
  sixDigits,
  sixtyDigits,
  slotBytes,
  unb64,
  verify,
} from '../support/second-implementation.ts'

interface Signed {
  readonly body: string
  readonly signature: string
}
interface Codes {
  readonly transcript: object
  readonly transcriptHash: string
  readonly contactNonce: string
  readonly requesterNonce: string
  readonly commitment: string
  readonly prk: string
  readonly codes: { readonly first: string; readonly second: string }
  readonly digits: {
    readonly first: string
    readonly second: string
    readonly firstQr: string
    readonly secondQr: string
  }
}
interface Core {
  readonly circle: string
  readonly epoch: number
  readonly owner: { readonly signing: string; readonly sealing: string }
  readonly releaseCommitment: string
  readonly slots: readonly {
    readonly slot: number
    readonly x: number
    readonly checkKey: string
    readonly entry: string
  }[]
}

const FOLDER = fileURLToPath(new URL('../../client-sdk/vectors/', import.meta.url))
const frozen = (file: string): never => JSON.parse(readFileSync(FOLDER + file, 'utf8')) as never
const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8')

describe('written from PROTOCOL.md alone, another implementation agrees with the frozen vectors', () => {
  test('keys and hashes', () => {
    const vector: {
      identities: {
        seed: string
        signingSeed: string
        sealingSecret: string
        identity: Core['owner']
        identityHash: string
        ticketKeys: string
      }[]
      ticket: string
      ticketHash: string
      subject: string
      subjectHash: string
      logEntry: object
      logEntryHash: string
    } = frozen('keys.json')
    for (const row of vector.identities) {
      const keys = identityOf(unb64(row.seed))
      expect(b64(keys.signingSeed)).toBe(row.signingSeed)
      expect(b64(keys.sealingSecret)).toBe(row.sealingSecret)
      expect({ signing: keys.signing, sealing: keys.sealing }).toEqual(row.identity)
      const both = [unb64(keys.signing), unb64(keys.sealing)]
      expect(b64(hashOf('identity', ...both))).toBe(row.identityHash)
      expect(b64(hashOf('ticket-keys', ...both))).toBe(row.ticketKeys)
    }
    expect(b64(hashOf('ticket', utf8(vector.ticket)))).toBe(vector.ticketHash)
    expect(b64(hashOf('subject', utf8('letters'), utf8(vector.subject)))).toBe(vector.subjectHash)
  })

  test('a statement of destinations', () => {
    const vector: { seed: string; signing: string; statement: Signed } = frozen('notices.json')
    const { signing, statement } = vector
    expect(identityOf(unb64(vector.seed)).signing).toBe(signing)
    expect(verify('destinations', statement.body, statement.signature, signing)).toBe(true)
    expect(verify('device', statement.body, statement.signature, signing)).toBe(false)
    expect(jcs(JSON.parse(statement.body))).toBe(statement.body)
  })

  test('an invitation: link and answer', () => {
    const vector: {
      ownerSeed: string
      contactSeed: string
      owner: string
      contact: string
      invitation: string
      secret: string
      link: string
      mac: string
      answer: Signed
    } = frozen('invitation.json')
    const owner = identityOf(unb64(vector.ownerSeed))
    const contact = identityOf(unb64(vector.contactSeed))
    const said = unb64(vector.link.slice(vector.link.indexOf('#HF1I.') + 6))
    const ownerHash = hashOf('identity', unb64(owner.signing), unb64(owner.sealing))
    const expected = Buffer.concat([
      unb64(vector.owner),
      unb64(vector.invitation),
      unb64(vector.secret),
      ownerHash,
    ])
    expect(said.subarray(0, 96)).toEqual(expected)
    expect(said.subarray(96)).toEqual(hashOf('invitation-link', expected).subarray(0, 4))
    const mac = invitationMac(
      unb64(vector.secret),
      utf8(vector.invitation),
      utf8(vector.owner),
      unb64(owner.signing),
      unb64(owner.sealing),
      utf8(vector.contact),
      unb64(contact.signing),
      unb64(contact.sealing),
    )
    expect(b64(mac)).toBe(vector.mac)
    expect(JSON.parse(vector.answer.body).mac).toBe(vector.mac)
    expect(verify('invitation-answer', vector.answer.body, vector.answer.signature, contact.signing)).toBe(
      true,
    )
  })

  test('an epoch, as each contact sees it', () => {
    const vector: {
      core: Core
      coreHash: string
      manifest: Signed
      slots: { slot: number; contactSeed: string; entry: object; share: string; sealed: string }[]
    } = frozen('epoch.json')
    const { core } = vector
    expect(b64(hashOf('core', utf8(jcs(core))))).toBe(vector.coreHash)
    expect(verify('manifest', vector.manifest.body, vector.manifest.signature, core.owner.signing)).toBe(true)
    for (const row of vector.slots) {
      const slot = core.slots[row.slot - 1]
      const { sealingSecret } = identityOf(unb64(row.contactSeed))
      const info = sealInfo('sealed-share', unb64(vector.coreHash), slotBytes(row.slot))
      const opened = Buffer.from(hpkeOpen(sealingSecret, unb64(row.sealed), info)).toString('utf8')
      expect(opened).toBe(jcs({ entry: row.entry, share: row.share }))
      expect(b64(hashOf('contact-entry', utf8(jcs(row.entry))))).toBe(slot?.entry)
      expect(unb64(row.share)[32]).toBe(slot?.x)
      expect(checkKey(unb64(row.share), core.circle, core.epoch, row.slot)).toBe(slot?.checkKey)
    }
  })

  test('codes and digits', () => {
    for (const row of frozen('codes.json') as Codes[]) {
      const hash = hashOf('transcript', utf8(jcs(row.transcript)))
      expect(b64(hash)).toBe(row.transcriptHash)
      const [contact, requester] = [unb64(row.contactNonce), unb64(row.requesterNonce)]
      expect(b64(hashOf('sas-commitment', contact, hash))).toBe(row.commitment)
      const { prk, ...codes } = sixDigits(hash, contact, requester)
      expect(b64(prk)).toBe(row.prk)
      expect(codes).toEqual(row.codes)
      const [one, two] = [sixtyDigits(hash, 'digits-1'), sixtyDigits(hash, 'digits-2')]
      expect({ first: one.digits, firstQr: one.qr, second: two.digits, secondQr: two.qr }).toEqual(row.digits)
    }
  })

  test('a whole recovery, from what was released to the seed', () => {
    const epoch: {
      core: Core
      coreHash: string
      secret: string
      releaseFactor: string
      prk: string
      encryptionKey: string
      keyCommitment: string
      application: string
    } = frozen('epoch.json')
    const vector: {
      requesterSealingSecret: string
      request: Signed
      requestHash: string
      recoveredSeed: string
      release: {
        manifest: Signed
        payload: string
        factor: string
        approvals: { slot: number; sequence: number; stolen: boolean; sealed: string; proof: string }[]
      }
    } = frozen('recovery.json')
    expect(b64(hashOf('request', utf8(vector.request.body)))).toBe(vector.requestHash)
    const body = JSON.parse(vector.release.manifest.body) as {
      core: Core
      commitment: string
      payloadHash: string
    }
    const { core } = body
    const hash = hashOf('core', utf8(jcs(core)))
    const requestHash = unb64(vector.requestHash)
    const secret = unb64(vector.requesterSealingSecret)
    const shares = vector.release.approvals.map(({ slot, sequence, stolen, sealed, proof }) => {
      const place = core.slots[slot - 1]
      const shareHash = b64(sha256(unb64(sealed)))
      const about = { requestHash: vector.requestHash, coreHash: b64(hash), epoch: core.epoch, slot }
      const said = jcs({ ...about, sequence, decision: 'approve', stolen, shareHash })
      expect(verify('decision-proof', said, proof, place?.checkKey ?? '')).toBe(true)
      const info = sealInfo('handed-share', hash, slotBytes(slot), requestHash)
      const handed = JSON.parse(Buffer.from(hpkeOpen(secret, unb64(sealed), info)).toString('utf8')) as {
        share: string
        owner: object
      }
      expect(handed.owner).toEqual(core.owner)
      const share = unb64(handed.share)
      expect(checkKey(share, core.circle, core.epoch, slot)).toBe(place?.checkKey)
      return share
    })
    const whole = combine(shares)
    expect(b64(whole)).toBe(epoch.secret)
    const factor = hpkeOpen(
      secret,
      unb64(vector.release.factor),
      sealInfo('handed-factor', hash, requestHash),
    )
    expect(b64(hashOf('release-commitment', factor))).toBe(core.releaseCommitment)
    const { prk, key, commitment } = schedule(hash, whole, factor)
    expect([b64(prk), b64(key), b64(commitment)]).toEqual([
      epoch.prk,
      epoch.encryptionKey,
      epoch.keyCommitment,
    ])
    expect(b64(commitment)).toBe(body.commitment)
    const payload = unb64(vector.release.payload)
    expect(b64(sha256(payload))).toBe(body.payloadHash)
    const [seed, application, entries] = openBackup(payload, key, hash, commitment)
    expect(b64(seed ?? Buffer.alloc(0))).toBe(vector.recoveredSeed)
    expect(b64(application ?? Buffer.alloc(0))).toBe(epoch.application)
    expect(JSON.parse(String(entries))).toHaveLength(3)
    const { signing, sealing } = identityOf(seed ?? Buffer.alloc(0))
    expect({ signing, sealing }).toEqual(core.owner)
  })
})
