import {
  manifestBody,
  parseBody,
  signMessage,
  toBase64url,
  type Json,
  type ReleaseView,
} from '@holdfast/client/protocol'
import type { Cast } from './cast.ts'
import { releasedTo, requestOf } from './cast.ts'
import { chanceOf } from './chance.ts'
import { bytesOf } from './frozen-epoch.ts'
import { handOver } from './lies.ts'

/** A vector that must fail: what is read, how, and the code (and slots) it fails with. */
export interface Failure {
  readonly name: string
  readonly read: 'canonical text' | 'base64url' | 'signed message' | 'invitation link' | 'release'
  readonly input: Json
  readonly code: string
  readonly slots: readonly number[]
}

const failing = (read: Failure['read'], code: string, rows: Readonly<Record<string, Json>>): Failure[] =>
  Object.entries(rows).map(([name, input]) => ({ name, read, input, code, slots: [] }))

const texts = failing('canonical text', 'malformed', {
  'white space': '{"a": 1}',
  'keys out of order': '{"b":1,"a":2}',
  'a key twice': '{"a":1,"a":1}',
  'an escape that is not needed': '{"a":"\\u0041"}',
  'upper-case escape': '"\\u001F"',
  'a fraction': '{"a":1.5}',
  'an exponent': '1e2',
  'minus zero': '-0',
  'beyond the safe integers': '9007199254740992',
  'half a surrogate pair': '"\\ud800"',
  'something after the value': '{}x',
  nothing: '',
  'deeper than 16': `${'['.repeat(17)}${']'.repeat(17)}`,
  'the key __proto__': '{"__proto__":1}',
})

const base64 = failing('base64url', 'malformed', {
  padding: 'AA==',
  'unused bits set': 'AB',
  'the other alphabet': '+/AA',
  'one character left over': 'AAAAA',
  'white space': 'AA AA',
})

interface Recovery {
  readonly requestHash: string
  readonly confirmed: readonly Json[]
  readonly release: ReleaseView
  readonly request: { readonly body: string; readonly signature: string }
}

const flipped = (text: string): string => {
  const bytes = Uint8Array.from(bytesOf(text))
  bytes[0] = (bytes[0] as number) ^ 1
  return toBase64url(bytes)
}

const signatures = ({ request }: Recovery): Failure[] => {
  const { requester } = JSON.parse(request.body) as { requester: { signing: string } }
  const key = requester.signing
  const message = { type: 'recovery', key, ...request }
  return failing('signed message', 'signature_rejected', {
    'another type': { ...message, type: 'release' },
    'one bit of the signature': { ...message, signature: flipped(request.signature) },
    'the same content with a space': { ...message, body: request.body.replace(':', ': ') },
    'a key of small order': { ...message, key: toBase64url(new Uint8Array(32)) },
    'S = 0 and R of small order': { ...message, signature: toBase64url(new Uint8Array(64).fill(1, 0, 1)) },
    'a signature cut short': { ...message, signature: request.signature.slice(0, 84) },
  })
}

const releases = async (cast: Cast, { confirmed, release, requestHash }: Recovery): Promise<Failure[]> => {
  const asked = await requestOf(cast)
  const [first, second] = release.approvals as [ReleaseView['approvals'][0], ReleaseView['approvals'][0]]
  const share = (name: string) => chanceOf(`vector/lie ${name}`).bytes(33)
  const zero = share('x = 0').fill(0, 32)
  const { seal } = chanceOf('vector/lie seal')
  const lie = async (bytes: Uint8Array) => handOver(cast, asked, 1, bytes, {}, seal)
  const thief = cast.contacts[0]?.identity.signing.seed ?? cast.owner.identity.signing.seed
  const forged = await signMessage('manifest', parseBody(release.manifest.body, manifestBody), thief)
  const replayed = await releasedTo(cast, await requestOf(cast, 'another'), [1, 3])
  const row = (name: string, code: string, change: object, slots: readonly number[] = []): Failure => ({
    name,
    read: 'release',
    input: { requestHash, confirmed, release: { ...release, ...change } } as unknown as Json,
    code,
    slots,
  })
  const unconfirmed = row('one session confirmed where two are needed', 'codes_unconfirmed', {})
  return [
    row('a share with x = 0', 'too_few_shares', { approvals: [await lie(zero), second] }, [1]),
    row(
      'a share of another split',
      'too_few_shares',
      { approvals: [await lie(share('other')), second] },
      [1],
    ),
    row(
      'a proof by another check key',
      'too_few_shares',
      { approvals: [{ ...first, proof: second.proof }, second] },
      [1],
    ),
    row(
      'approvals relabelled',
      'too_few_shares',
      {
        approvals: [
          { ...first, slot: 3 },
          { ...second, slot: 1 },
        ],
      },
      [1, 3],
    ),
    row(
      'approvals of another request',
      'too_few_shares',
      {
        approvals: replayed.release.approvals.map(({ proof }, i) => ({
          ...(i === 0 ? first : second),
          proof,
        })),
      },
      [1, 3],
    ),
    row('one approval where two are needed', 'too_few_shares', { approvals: [first] }),
    row('a manifest signed by somebody else', 'signature_rejected', { manifest: forged }),
    row('a payload with one bit changed', 'backup_damaged', { payload: flipped(release.payload) }),
    row('a factor with one bit changed', 'backup_damaged', { factor: flipped(release.factor) }),
    { ...unconfirmed, input: { requestHash, confirmed: confirmed.slice(1), release } as unknown as Json },
  ]
}

/** Every vector that must fail. */
export const frozenFailures = async (
  cast: Cast,
  recovery: Json,
  invitation: Json,
): Promise<readonly Failure[]> => {
  const frozen = recovery as unknown as Recovery
  const { link } = invitation as { readonly link: string }
  const links = failing('invitation link', 'invitation_rejected', {
    'no fragment': link.slice(0, link.indexOf('#')),
    'cut by one': link.slice(0, -1),
    'one more': `${link}A`,
    'another version': link.replace('#HF1I.', '#HF2I.'),
    'one character changed': link.replace(/.{10}$/, 'AAAAAAAAAA'),
  })
  return [...texts, ...base64, ...signatures(frozen), ...links, ...(await releases(cast, frozen))]
}
