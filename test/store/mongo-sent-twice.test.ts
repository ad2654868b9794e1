/**
 * A write whose answer was lost is sent once more by the driver. Where the server has forgotten the first one, as after a crash of one
 * that keeps no such answers, it is carried out or refused anew: nothing of what the first has written may go with that.
 */
import { afterEach, expect, it } from 'vitest'
import { blobName } from '../../src/domain/circle-blobs.ts'
import { commitAccount } from '../../src/store/mongo/commit.ts'
import { migrate } from '../../src/store/mongo/migration.ts'
import { openMongoRecords } from '../../src/store/mongo/records.ts'
import { collectionsOn } from '../../src/store/mongo/schemas.ts'
import { newDatabase, onMongo } from '../support/mongo.ts'
import { accountOf, epochOf, newId, slotOf } from '../support/store.ts'

type Method<A extends readonly unknown[]> = (...args: A) => Promise<unknown>

/** Does the same again, and tells of the second time alone. */
const twice =
  <A extends readonly unknown[]>(method: Method<A>): Method<A> =>
  async (...args) => {
    await method(...args)
    return method(...args)
  }

onMongo('a write that reaches the server twice', () => {
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close()
  })

  const open = async () => {
    const { place, connection, remove } = newDatabase()
    closers.push(remove)
    await migrate(place)
    const records = await openMongoRecords(place)
    closers.push(() => records.close())
    return { records, collections: collectionsOn(await connection()) }
  }

  const proposal = () => {
    const account = accountOf()
    const [payloadHash, sealedHash] = [newId(), newId()]
    const pending = { ...epochOf([]), payloadHash, slots: [{ ...slotOf(newId()), sealedHash }] }
    const blobs = [payloadHash, sealedHash].map((hash, at) => ({
      hash: blobName(account.id, hash),
      bytes: new Uint8Array([at]),
    }))
    return {
      account,
      next: { ...account, circle: { ...account.circle, pending } } as unknown as typeof account,
      blobs,
    }
  }

  it('keeps the ciphertexts that the account names, though the second write is refused', async () => {
    const { records, collections } = await open()
    const { account, next, blobs } = proposal()
    await records.commit(account, { ifRevision: 0 })
    const { accounts } = collections
    accounts.updateOne = twice(accounts.updateOne.bind(accounts)) as never
    expect(await commitAccount(collections, next, { ifRevision: 1, blobs })).toBe('moved')
    expect((await records.load(account.id))?.account.revision).toBe(2)
    for (const { hash, bytes } of blobs) expect(await records.readBlob(hash)).toStrictEqual(bytes)
  })

  it('takes those back that it does not name, and no other', async () => {
    const { records, collections } = await open()
    const { account, next, blobs } = proposal()
    const [payload, share] = blobs as [(typeof blobs)[number], (typeof blobs)[number]]
    await records.commit(account, { ifRevision: 0 })
    await records.commit(next, { ifRevision: 1, blobs: [payload] })
    const other = { hash: blobName(account.id, newId()), bytes: share.bytes }
    expect(await commitAccount(collections, next, { ifRevision: 7, blobs: [payload, other] })).toBe('moved')
    expect(await commitAccount(collections, next, { ifRevision: 2, notAfter: 1, blobs: [other] })).toBe(
      'late',
    )
    expect(await records.readBlob(other.hash)).toBeNull()
    expect(await records.readBlob(payload.hash)).toStrictEqual(payload.bytes)
    // The copy that stayed goes with the name.
    await records.eraseBlob(payload.hash, 8)
    expect(await collections.blobs.countDocuments()).toBe(0)
  })

  it('puts every ciphertext once, and fails for none that stands already', async () => {
    const { records, collections } = await open()
    const { account, next, blobs } = proposal()
    await records.commit(account, { ifRevision: 0 })
    const rows = collections.blobs
    rows.insertMany = twice(rows.insertMany.bind(rows)) as never
    expect(await commitAccount(collections, next, { ifRevision: 1, blobs })).toBe('committed')
    expect(await rows.countDocuments()).toBe(blobs.length)
  })
})
