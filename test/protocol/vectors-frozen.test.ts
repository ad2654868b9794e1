import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  destinationsBody,
  fromBase64url,
  HoldfastError,
  identityFromSeed,
  isHoldfastError,
  openRelease,
  parseBody,
  parseCanonical,
  parseInvitationLink,
  Secret,
  toBase64url,
  verifyText,
  type Confirmed,
  type IdentityKeys,
  type ReleaseView,
  type SignedType,
} from '@holdfast/client/protocol'
import { usePrimitives } from '../../client-sdk/src/platform/active.ts'
import { noble } from '../../client-sdk/src/platform/noble.ts'
import { platform as node } from '../../client-sdk/src/platform/node.ts'
import { platform as web } from '../../client-sdk/src/platform/web.ts'
import { frozenVectors } from '../support/frozen.ts'
import type { Failure } from '../support/frozen-failures.ts'

const FOLDER = fileURLToPath(new URL('../../client-sdk/vectors/', import.meta.url))
const made = await frozenVectors()

if (process.env['HOLDFAST_FREEZE'] === '1')
  for (const [file, content] of Object.entries(made))
    writeFileSync(FOLDER + file, `${JSON.stringify(content, null, 2)}\n`)

const frozen = (file: string): never => JSON.parse(readFileSync(FOLDER + file, 'utf8')) as never

describe('the frozen vectors reproduce', () => {
  for (const [file, content] of Object.entries(made))
    test(file, () => expect(frozen(file)).toEqual(JSON.parse(JSON.stringify(content))))
})

interface Recovery {
  readonly requesterSigningSeed: string
  readonly requesterSealingSecret: string
  readonly requestHash: string
  readonly confirmed: readonly Confirmed[]
  readonly release: ReleaseView
  readonly recoveredSeed: string
}

const secretOf = (text: string): Secret => Secret.of(fromBase64url(text) ?? new Uint8Array(0))

/** The requester's one-use keys, from the vector's secrets. */
const requesterOf = async (recovery: Recovery): Promise<IdentityKeys> => {
  const keys = await identityFromSeed(Secret.random(32))
  const sealing = { ...keys.sealing, secret: secretOf(recovery.requesterSealingSecret) }
  return { ...keys, sealing }
}

const recovery: Recovery = frozen('recovery.json')
const requester = await requesterOf(recovery)

describe('what was released opens to the seed', () => {
  for (const path of [node, web, noble]) {
    test(path.name, async () => {
      const before = usePrimitives(path)
      try {
        const { release, confirmed, requestHash } = recovery
        const keys = await requesterOf(recovery)
        const back = await openRelease({ release, confirmed, requestHash, requester: keys })
        expect(toBase64url(back.identitySeed.expose())).toBe(recovery.recoveredSeed)
        expect(back.liars).toEqual([])
      } finally {
        usePrimitives(before)
      }
    })
  }
})

const refused = (condition: boolean, code: 'malformed' | 'signature_rejected'): void => {
  if (!condition) throw new HoldfastError(code)
}

const READERS: Readonly<Record<Failure['read'], (input: never) => unknown>> = {
  'canonical text': parseCanonical,
  base64url: (input: string) => refused(fromBase64url(input) !== null, 'malformed'),
  'invitation link': parseInvitationLink,
  'signed message': async (input: { type: SignedType; body: string; signature: string; key: string }) =>
    refused(await verifyText(input.type, input.body, input.signature, input.key), 'signature_rejected'),
  release: (input: Pick<Recovery, 'release' | 'confirmed' | 'requestHash'>) =>
    openRelease({ ...input, requester }),
}

const failures: readonly Failure[] = frozen('must-fail.json')

describe('what must fail does, and says why', () => {
  test('there are failures of every kind', () => {
    expect(new Set(failures.map(({ read }) => read)).size).toBe(Object.keys(READERS).length)
  })

  for (const { read, name, input, code, slots } of failures) {
    test(`${read}: ${name}: ${code}`, async () => {
      let error: unknown
      try {
        await READERS[read](input as never)
      } catch (caught) {
        error = caught
      }
      expect(isHoldfastError(error) ? [error.code, error.slots] : error).toEqual([code, slots])
    })
  }
})

describe('where nobody can be told', () => {
  const { refused: bodies }: { refused: Readonly<Record<string, string>> } = frozen('notices.json')
  for (const [name, body] of Object.entries(bodies))
    test(`${name}: malformed`, () => {
      expect(() => parseBody(body, destinationsBody)).toThrow(expect.objectContaining({ code: 'malformed' }))
    })
})
