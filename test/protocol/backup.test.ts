import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize, packBackup, Secret, unpackBackup } from '@holdfast/client/protocol'
import { castOf } from '../support/cast.ts'

describe('a backup', () => {
  test('packs and unpacks', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 500 }),
        (seed, application) => {
          const back = unpackBackup(packBackup({ identitySeed: Secret.of(seed), application, entries: [] }))
          expect(back?.identitySeed.expose()).toEqual(seed)
          expect(back?.application).toEqual(application)
        },
      ),
    )
  })

  test('any other bytes give null', async () => {
    const { built } = await castOf()
    const packed = packBackup({
      identitySeed: Secret.of(new Uint8Array(32)),
      application: new Uint8Array(5),
      entries: built.entries,
    })
    for (let length = 0; length < packed.length; length += 1)
      expect(unpackBackup(packed.slice(0, length))).toBeNull()
    expect(unpackBackup(Uint8Array.from([...packed, 0, 0, 0, 0]))).toBeNull()
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => unpackBackup(bytes) === null))
  })

  test('entries of 32 contacts fit', async () => {
    const cast = await castOf({ contacts: 32, threshold: 2 })
    expect(canonicalize(cast.built.entries).length).toBeLessThan(8192)
  })
})
