import { createHmac } from 'node:crypto'
import { x25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { kemOver } from '../../client-sdk/src/platform/hpke.ts'
import { concat, toBase64url } from '../../client-sdk/src/protocol/bytes.ts'
import { acceptableSealingKey } from '../../client-sdk/src/protocol/public-keys.ts'
import { codePaths, type CodePath } from '../support/code-paths.ts'
import { describeVectors, hex, toHex } from '../support/vectors.ts'

interface Wycheproof<Group, Test> {
  readonly numberOfTests: number
  readonly testGroups: readonly (Group & { readonly tests: readonly (Test & Common)[] })[]
}
interface Common {
  readonly tcId: number
  readonly comment: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
  readonly flags: readonly string[]
}
type Signature = { readonly msg: string; readonly sig: string }
type Agreement = { readonly public: string; readonly private: string; readonly shared: string }
type Aead = Record<'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag', string>

const paths = await codePaths()

/** Runs a check over every case and names those that went wrong, so that one failure does not hide the others. */
const all = async <T extends Common>(
  cases: readonly T[],
  check: (one: T) => Promise<boolean>,
): Promise<void> => {
  const wrong: string[] = []
  for (const one of cases) if (!(await check(one))) wrong.push(`${one.tcId} ${one.comment} (${one.result})`)
  expect(wrong).toEqual([])
}

const PRIVATE = 'c8a9d5a91091ad851c668b0736c1c9a02936c0d3ad62670858088047ba057475'
const PUBLIC = '504a36999f489cd2fdbc08baff3d88fa00569ba986cba22548ffde80f9806829'

const XCHACHA = {
  key: hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
  nonce: hex('404142434445464748494a4b4c4d4e4f5051525354555657'),
  aad: hex('50515253c0c1c2c3c4c5c6c7'),
  plaintext: new TextEncoder().encode(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  ),
}

// ExtractAndExpand of RFC 9180 §4.1, written anew on node:crypto, so that the raw X25519 outcome of the file can be compared
// with what a KEM gives.
const kemSecret = (dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array): string => {
  const suite = concat(Buffer.from('HPKE-v1KEM'), Uint8Array.of(0, 0x20))
  const mac = (key: Uint8Array, ...parts: Uint8Array[]) =>
    createHmac('sha256', key)
      .update(concat(...parts))
      .digest()
  const prk = mac(new Uint8Array(32), suite, Buffer.from('eae_prk'), dh)
  const info = concat(Uint8Array.of(0, 32), suite, Buffer.from('shared_secret'), enc, recipient)
  return toHex(mac(prk, info, Uint8Array.of(1)))
}

/** Whether the path's KEM comes to the given X25519 secret; a secret of zero must be refused by throwing. */
const agrees = async ({ primitives }: CodePath, one: Agreement): Promise<boolean> => {
  const kem = kemOver(primitives)
  const recipient = x25519.getPublicKey(hex(one.private))
  const handle = await primitives.sealingKey(hex(one.private))
  if (toHex(handle.publicKey) !== toHex(recipient)) return false
  const secret = await kem.DeserializePrivateKey(hex(one.private), false)
  const publicKey = await kem.DeserializePublicKey(recipient)
  const decapsulated = await kem.Decap(hex(one.public), secret, publicKey).then(toHex, () => 'refused')
  const zero = /^0+$/.test(one.shared)
  return decapsulated === (zero ? 'refused' : kemSecret(hex(one.shared), hex(one.public), recipient))
}

// RFC 8032 §7.1 test 3, Wycheproof's first X25519 case, draft-irtf-cfrg-xchacha-03 §A.3.1: so that a plain clone runs something too.
describe.each(paths)('written out here, on $name', (path) => {
  it('verifies RFC 8032 §7.1 test 3, and not with another message', async () => {
    const key = toBase64url(hex('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025'))
    const signature = hex(
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    )
    await path.run(async ({ signing }) => {
      expect(await signing.verifyBytes(hex('af82'), signature, key)).toBe(true)
      expect(await signing.verifyBytes(hex('af83'), signature, key)).toBe(false)
    })
    const handle = await path.primitives.signingKey(
      hex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7'),
    )
    expect(toBase64url(handle.publicKey)).toBe(key)
    expect(toHex(await handle.sign(hex('af82')))).toBe(toHex(signature))
  })

  it('agrees on case 1 of the X25519 file', async () => {
    const shared = '436a2c040cf45fea9b29a0cb81b1f41458f863d0d61b453d0a982720d6d61320'
    expect(await agrees(path, { private: PRIVATE, public: PUBLIC, shared })).toBe(true)
    expect(
      await agrees(path, { private: PRIVATE, public: PUBLIC, shared: shared.replace('436a', '436b') }),
    ).toBe(false)
  })

  it('opens draft-irtf-cfrg-xchacha-03 §A.3.1, and not with an altered tag', () => {
    const { xchachaOpen, xchachaSeal } = path.primitives
    const sealed = xchachaSeal(XCHACHA.key, XCHACHA.nonce, XCHACHA.aad, XCHACHA.plaintext)
    expect(toHex(sealed).slice(-32)).toBe('c0875924c1c7987947deafd8780acf49')
    expect(xchachaOpen(XCHACHA.key, XCHACHA.nonce, XCHACHA.aad, sealed)).toEqual(XCHACHA.plaintext)
    sealed[sealed.length - 1] = (sealed.at(-1) as number) ^ 1
    expect(xchachaOpen(XCHACHA.key, XCHACHA.nonce, XCHACHA.aad, sealed)).toBeNull()
  })
})

describeVectors<Wycheproof<{ publicKey: { pk: string } }, Signature>>(
  'wycheproof-ed25519.json',
  'Wycheproof Ed25519',
  ({ numberOfTests, testGroups }) => {
    const cases = testGroups.flatMap((group) =>
      group.tests.map((test) => ({ ...test, key: hex(group.publicKey.pk) })),
    )
    it('has all its cases', () => expect(cases.length).toBe(numberOfTests))
    it.each(paths)(`gives the stated outcome for all on $name`, (path) =>
      path.run(({ signing }) =>
        all(cases, async ({ msg, sig, key, result }) => {
          const valid = await signing.verifyBytes(hex(msg), hex(sig), toBase64url(key))
          return valid === (result === 'valid')
        }),
      ),
    )
  },
)

describeVectors<Wycheproof<object, Agreement>>('wycheproof-x25519.json', 'Wycheproof X25519', (file) => {
  const cases = file.testGroups.flatMap((group) => group.tests)
  it('has all its cases', () => expect(cases.length).toBe(file.numberOfTests))
  it.each(paths)('comes to the stated secret, and refuses a zero one, on $name', (path) =>
    all(cases, (one) => agrees(path, one)),
  )
  it('knows every key of the file that must not be registered', () =>
    all(cases, async ({ public: key, flags }) => {
      const refused = flags.includes('LowOrderPublic') || flags.includes('NonCanonicalPublic')
      return acceptableSealingKey(hex(key)) === !refused
    }))
})

describeVectors<Wycheproof<{ ivSize: number }, Aead>>(
  'wycheproof-xchacha20-poly1305.json',
  'Wycheproof XChaCha20-Poly1305',
  ({ numberOfTests, testGroups }) => {
    const cases = testGroups.flatMap((group) => group.tests)
    it('has all its cases', () => expect(cases.length).toBe(numberOfTests))
    it.each(paths)('seals and opens the valid ones and no other on $name', ({ primitives }) =>
      all(cases, async ({ key, iv, aad, msg, ct, tag, result, flags }) => {
        const inputs = [hex(key), hex(iv), hex(aad)] as const
        if (flags.includes('InvalidNonceSize')) {
          expect(() => primitives.xchachaOpen(...inputs, hex(ct + tag))).toThrow()
          expect(() => primitives.xchachaSeal(...inputs, hex(msg))).toThrow()
          return result === 'invalid'
        }
        const opened = primitives.xchachaOpen(...inputs, hex(ct + tag))
        if (result === 'invalid') return opened === null
        return (
          opened !== null &&
          toHex(opened) === msg &&
          toHex(primitives.xchachaSeal(...inputs, hex(msg))) === ct + tag
        )
      }),
    )
  },
)
