import { Secret, utf8 } from '@holdfast/client/protocol'
import { describe, expect, it } from 'vitest'
import { KeyRing, atRestOf, ringOf } from '../../src/store/key-ring.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('a ring of keys', () => {
  const [first, second, third] = [Secret.random(32), Secret.random(32), Secret.random(32)]
  const plain = utf8('what must not be read')

  it('seals with the first and opens with any, and says which one sealed', () => {
    const [before, both, after] = [new KeyRing([first]), new KeyRing([second, first]), new KeyRing([second])]
    const old = before.seal('place', plain)
    expect([before.isCurrent(old), both.isCurrent(old), after.isCurrent(old)]).toEqual([true, false, false])
    expect(text(both.open('place', old))).toBe('what must not be read')
    const anew = both.seal('place', plain)
    expect([both.isCurrent(anew), after.isCurrent(anew)]).toEqual([true, true])
    expect(text(after.open('place', anew))).toBe('what must not be read')
    for (const open of [() => after.open('place', old), () => before.open('place', anew)])
      expect(open).toThrow(expect.objectContaining({ code: 'internal' }))
    expect(both.sealsWith).toBe(after.sealsWith)
    expect(both.sealsWith).not.toBe(before.sealsWith)
  })

  it('opens what older versions sealed without naming a key, and does not take it for current', () => {
    const ring = new KeyRing([third, second, first])
    const old = ringOf(first).seal('place', plain).split('.')[1] ?? ''
    expect(text(ring.open('place', old))).toBe('what must not be read')
    expect(ring.isCurrent(old)).toBe(false)
    expect(ringOf(first).isCurrent(old)).toBe(false)
  })

  it('opens nothing at another place, nothing that was changed, and nothing of a key store for anybody else', () => {
    const ring = new KeyRing([first, second])
    const sealed = ring.seal('["account",1]', plain)
    const [id = '', body = ''] = sealed.split('.')
    const flipped = `${id}.${body.slice(0, -2)}${body.endsWith('AA') ? 'BA' : 'AA'}`
    const other = `${ringOf(second).sealsWith}.${body}`
    for (const [place, value] of [
      ['["account",2]', sealed],
      ['["account",1]', flipped],
      ['["account",1]', other],
      ['["account",1]', `${id}.`],
      ['["account",1]', 'AAAA'],
      ['["account",1]', ''],
    ] as const)
      expect(() => ring.open(place, value), value).toThrow(expect.objectContaining({ code: 'internal' }))
    const atRest = atRestOf(ring)
    expect(() => atRest.open('["account",1]', sealed)).toThrow()
    const own = atRest.seal('here', plain)
    expect(text(atRest.open('here', own))).toBe('what must not be read')
    expect(() => ring.open('here', own)).toThrow()
  })

  it('does not show its keys, nor seal twice to the same', () => {
    const ring = new KeyRing([first])
    const hex = Buffer.from(first.expose()).toString('base64url')
    expect(hex).not.toContain(ring.sealsWith)
    expect(ring.seal('place', plain)).not.toBe(ring.seal('place', plain))
    expect(() => new KeyRing([])).toThrow(RangeError)
    expect(() => new KeyRing([Secret.random(31)])).toThrow(RangeError)
  })
})
