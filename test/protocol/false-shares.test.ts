import { describe, expect, test } from 'vitest'
import { openRelease } from '@holdfast/client/protocol'
import { castOf, codeOf, offered, releasedTo, requestOf } from '../support/cast.ts'
import { handOver, replaced, slotsOf } from '../support/lies.ts'

describe('false shares are named before anything is combined', () => {
  const lies: Readonly<Record<string, (own: Uint8Array, other: Uint8Array) => Uint8Array>> = {
    'one bit flipped': (own) => Uint8Array.from(own, (byte, i) => (i === 31 ? byte ^ 0x80 : byte)),
    'x = 0, which the library would return as "the" key': (own) =>
      Uint8Array.from([...own.subarray(0, 32), 0]),
    'x of another slot on one’s own values': (own, other) =>
      Uint8Array.from([...own.subarray(0, 32), other[32] as number]),
    'another slot’s share': (_, other) => other,
    'all zero': () => new Uint8Array(33),
  }
  for (const [name, lie] of Object.entries(lies)) {
    test(name, async () => {
      const cast = await castOf()
      const asked = await requestOf(cast)
      const input = await releasedTo(cast, asked, [1, 2])
      const own = (await offered(cast, 1)).share.bytes
      const other = (await offered(cast, 3)).share.bytes
      const approvals = replaced(input.release, await handOver(cast, asked, 1, lie(own, other)))
      const run = () => openRelease({ ...input, release: { ...input.release, approvals } })
      expect(await codeOf(run)).toBe('too_few_shares')
      expect(await slotsOf(run)).toEqual([1])
    })
  }

  test('a share of another split of the same owner', async () => {
    const cast = await castOf()
    const later = await castOf({ epoch: 2, previous: cast.built.coreHash })
    const asked = await requestOf(cast)
    const input = await releasedTo(cast, asked, [1, 2])
    const foreign = (await offered(later, 1)).share.bytes
    const approvals = replaced(input.release, await handOver(cast, asked, 1, foreign))
    expect(await slotsOf(() => openRelease({ ...input, release: { ...input.release, approvals } }))).toEqual([
      1,
    ])
  })

  test('a hand-over with another pin than the core’s', async () => {
    const cast = await castOf()
    const asked = await requestOf(cast)
    const input = await releasedTo(cast, asked, [1, 2])
    const { share } = await offered(cast, 1)
    const approvals = replaced(input.release, await handOver(cast, asked, 1, share.bytes, { epoch: 2 }))
    expect(await slotsOf(() => openRelease({ ...input, release: { ...input.release, approvals } }))).toEqual([
      1,
    ])
  })

  test('an approval replayed from another request of the same requester', async () => {
    const cast = await castOf()
    const first = await requestOf(cast, 'first')
    const second = { ...(await requestOf(cast, 'second')), requester: first.requester }
    const old = await releasedTo(cast, first, [1, 2])
    const input = await releasedTo(cast, await requestOf(cast, 'second'), [1, 2])
    const release = { ...input.release, approvals: old.release.approvals }
    expect(second.requestHash).toBe(input.requestHash)
    expect(await slotsOf(() => openRelease({ ...input, release }))).toEqual([1, 2])
  })

  test('an approval sealed to someone else', async () => {
    const cast = await castOf()
    const input = await releasedTo(cast, await requestOf(cast, 'mine'), [1, 2])
    const thief = await requestOf(cast, 'thief')
    expect(
      await slotsOf(() => openRelease({ ...input, requester: thief.requester, release: input.release })),
    ).toEqual([])
    expect(await codeOf(() => openRelease({ ...input, requester: thief.requester }))).toBe('backup_damaged')
  })

  test('fewer than the threshold', async () => {
    const cast = await castOf({ contacts: 5, threshold: 3 })
    const input = await releasedTo(cast, await requestOf(cast), [1, 2, 3])
    const release = { ...input.release, approvals: input.release.approvals.slice(1) }
    const run = () => openRelease({ ...input, release })
    expect(await codeOf(run)).toBe('too_few_shares')
    expect(await slotsOf(run)).toEqual([])
  })
})
