/**
 * A whole recovery with everything recorded, and then a search for every secret of it, in ten encodings, wherever the service
 * keeps or says anything.
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY } from '../support/story-circle.ts'
import { openStage, type Stage } from '../support/story-stage.ts'
import { ENCODING_NAMES } from './encodings.ts'
import { controlIn, noteTokens, passesIn } from './control.ts'
import { filesIn } from './files.ts'
import { searchFor } from './search.ts'
import { Secrets } from './secrets.ts'
import { tellRecovery } from './story.ts'
import { type Wire, tapWire } from './wire.ts'

const secrets = new Secrets()
const masterKey = randomBytes(32)
let stage: Stage
let wire: Wire
/** What there was to see at each moment, by area. */
const seen = new Map<string, Buffer>()

const lookAround = async (moment: string): Promise<void> => {
  for (const area of ['records', 'keys', 'queue'])
    seen.set(`${area}, ${moment}`, await filesIn(join(stage.folder, area)))
  seen.set(`notices, ${moment}`, await readFile(join(stage.folder, 'notices.jsonl')))
}

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

describe('a recovery with everything recorded', () => {
  beforeAll(async () => {
    await tellRecovery({
      town: stage,
      secrets,
      masterKey,
      pass: async () => stage.advance(DAY),
      lookAround,
      readEpochKey: (account, epoch) => stage.service().service.deps.keyStore.read(account, epoch),
    })
    seen.set('log lines', Buffer.from(stage.service().lines.join('\n')))
    seen.set('wire', wire.read())
    noteTokens(secrets, wire)
  }, 60_000)

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
    const { misplaced, found } = passesIn(secrets, seen.get('wire') ?? Buffer.alloc(0))
    expect(misplaced).toEqual([])
    // Each of them was there to be found.
    expect(found).toEqual(secrets.passes)
  })

  it('positive control: a secret planted in ten encodings is found in all ten, in every area', () => {
    for (const [area, bytes] of seen) expect(controlIn(bytes), area).toEqual([...ENCODING_NAMES].toSorted())
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
