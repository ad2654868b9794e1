import * as panva from '@panva/hpke-noble'
import { AEAD_EXPORT_ONLY, CipherSuite, type AEADFactory } from 'hpke'
import { describe, expect, it } from 'vitest'
import { aeadOver, kdfOver, kemOver } from '../../client-sdk/src/platform/hpke.ts'
import { codePaths, type CodePath } from '../support/code-paths.ts'
import { describeVectors, hex, toHex } from '../support/vectors.ts'

interface Vector {
  readonly mode: string
  readonly kem_id: string
  readonly kdf_id: string
  readonly aead_id: string
  readonly info: string
  readonly ikmE: string
  readonly ikmR: string
  readonly skRm: string
  readonly pkRm: string
  readonly enc: string
  readonly shared_secret: string
  readonly encryptions: readonly { seq: number; pt: string; aad: string; ct: string }[]
  readonly exports: readonly { exporter_context: string; L: string; exported_value: string }[]
}

// RFC 9180 §A.2.1, written out so that a plain clone runs it too.
const A_2_1: Vector = {
  mode: '0',
  kem_id: '32',
  kdf_id: '1',
  aead_id: '3',
  info: '4f6465206f6e2061204772656369616e2055726e',
  ikmE: '909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b',
  ikmR: '1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df',
  skRm: '8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb',
  pkRm: '4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a',
  enc: '1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a',
  shared_secret: '0bbe78490412b4bbea4812666f7916932b828bba79942424abb65244930d69a7',
  encryptions: [
    {
      seq: 0,
      pt: '4265617574792069732074727574682c20747275746820626561757479',
      aad: '436f756e742d30',
      ct: '1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28',
    },
  ],
  exports: [
    {
      exporter_context: '',
      L: '32',
      exported_value: '4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e',
    },
  ],
}

const paths = await codePaths()

/** The path's KEM with the vector's ephemeral key, and the receiving key pair. */
const setUp = async ({ primitives }: CodePath, vector: Vector, aead: AEADFactory) => {
  const kem = kemOver(primitives)
  const fixed = { ...kem, GenerateKeyPair: () => kem.DeriveKeyPair(hex(vector.ikmE), false) }
  const suite = new CipherSuite(
    () => fixed,
    () => kdfOver(primitives),
    aead,
  )
  const receiver = await kem.DeriveKeyPair(hex(vector.ikmR), false)
  return { kem: fixed, suite, receiver }
}

const checkVector = (path: CodePath, vector: Vector): void => {
  it('derives the key pairs and the shared secret', async () => {
    const { kem, receiver } = await setUp(path, vector, AEAD_EXPORT_ONLY)
    expect(toHex(await kem.SerializePublicKey(receiver.publicKey))).toBe(vector.pkRm)
    const imported = await kem.DeserializePrivateKey(hex(vector.skRm), false)
    const publicKey = await kem.DeserializePublicKey(hex(vector.pkRm))
    const { enc, shared_secret } = await kem.Encap(publicKey)
    expect(toHex(enc)).toBe(vector.enc)
    expect(toHex(shared_secret)).toBe(vector.shared_secret)
    expect(toHex(await kem.Decap(hex(vector.enc), receiver.privateKey, receiver.publicKey))).toBe(
      vector.shared_secret,
    )
    expect(toHex(await kem.Decap(hex(vector.enc), imported, publicKey))).toBe(vector.shared_secret)
  })

  const exportOnly = vector.aead_id === '65535'
  if (!exportOnly && vector.aead_id !== '3') return

  it(`gives all ${vector.exports.length} exports`, async () => {
    const { suite, receiver } = await setUp(
      path,
      vector,
      exportOnly ? AEAD_EXPORT_ONLY : () => aeadOver(path.primitives),
    )
    const { ctx } = await suite.SetupSender(receiver.publicKey, { info: hex(vector.info) })
    const back = await suite.SetupRecipient(receiver, hex(vector.enc), { info: hex(vector.info) })
    for (const { exporter_context, L, exported_value } of vector.exports) {
      expect(toHex(await ctx.Export(hex(exporter_context), Number(L)))).toBe(exported_value)
      expect(toHex(await back.Export(hex(exporter_context), Number(L)))).toBe(exported_value)
    }
  })
  if (exportOnly) return

  it(`seals and opens all ${vector.encryptions.length} messages`, async () => {
    const { suite, receiver } = await setUp(path, vector, () => aeadOver(path.primitives))
    const { ctx } = await suite.SetupSender(receiver.publicKey, { info: hex(vector.info) })
    const back = await suite.SetupRecipient(receiver, hex(vector.enc), { info: hex(vector.info) })
    let seen = 0
    for (let seq = 0; seq <= Math.max(...vector.encryptions.map((message) => message.seq)); seq += 1) {
      const message = vector.encryptions.find((one) => one.seq === seq)
      const pt = hex(message?.pt ?? '')
      const aad = hex(message?.aad ?? '')
      const ct = await ctx.Seal(pt, aad)
      expect(toHex(await back.Open(ct, aad))).toBe(toHex(pt))
      if (message !== undefined) expect(toHex(ct)).toBe(message.ct)
      if (message !== undefined) seen += 1
    }
    expect(seen).toBe(vector.encryptions.length)
  })

  it('does so through sealing.ts, and refuses each of them altered by one bit', async () => {
    const first = vector.encryptions[0]
    if (first === undefined) throw new Error('a vector without messages')
    const context = { info: hex(vector.info), aad: hex(first.aad) }
    await path.run(async ({ sealing, Secret }) => {
      const sealed = await sealing.sealDeterministically(
        hex(vector.pkRm),
        hex(first.pt),
        context,
        hex(vector.ikmE),
      )
      expect(toHex(sealed)).toBe(vector.enc + first.ct)
      const secret = Secret.of(hex(vector.skRm))
      expect(toHex((await sealing.openWith(secret, sealed, context)) ?? hex(''))).toBe(first.pt)
      for (let bit = 0; bit < sealed.length * 8; bit += 7) {
        const altered = Uint8Array.from(sealed)
        altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(await sealing.openWith(secret, altered, context), `bit ${bit}`).toBeNull()
      }
    })
  })
}

for (const path of paths) {
  describe(`RFC 9180 §A.2.1 on ${path.name}`, () => checkVector(path, A_2_1))
}

// Another's KEM, KDF and AEAD: what one side seals the other opens.
const foreign = new CipherSuite(
  panva.KEM_DHKEM_X25519_HKDF_SHA256,
  panva.KDF_HKDF_SHA256,
  panva.AEAD_ChaCha20Poly1305,
)

it.each(paths)('$name and @panva/hpke-noble open what the other sealed', async (path) => {
  const context = { info: hex('01'), aad: hex('02') }
  const text = hex('c0ffee')
  const receiver = await foreign.DeriveKeyPair(new Uint8Array(32).fill(8), true)
  const publicKey = await foreign.SerializePublicKey(receiver.publicKey)
  const secret = await foreign.SerializePrivateKey(receiver.privateKey)
  await path.run(async ({ sealing, Secret }) => {
    const ours = await sealing.sealTo(publicKey, text, context)
    expect(await foreign.Open(receiver, ours.subarray(0, 32), ours.subarray(32), context)).toEqual(text)
    const { encapsulatedSecret, ciphertext } = await foreign.Seal(receiver.publicKey, text, context)
    const theirs = Uint8Array.of(...encapsulatedSecret, ...ciphertext)
    expect(await sealing.openWith(Secret.of(secret), theirs, context)).toEqual(text)
  })
})

describeVectors<readonly Vector[]>(
  'hpke-rfc9180.json',
  'RFC 9180, all base-mode vectors with this KEM and KDF',
  (all) => {
    const vectors = all.filter(
      ({ mode, kem_id, kdf_id }) => mode === '0' && kem_id === '32' && kdf_id === '1',
    )
    it('finds them in the file', () =>
      expect(vectors.map((vector) => vector.aead_id).sort()).toEqual(['1', '3', '65535']))
    for (const vector of vectors) {
      for (const path of paths)
        describe(`AEAD ${vector.aead_id} on ${path.name}`, () => checkVector(path, vector))
    }
  },
)
