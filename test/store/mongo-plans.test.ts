/**
 * Which index serves what MongoDB is asked: every command that the records and the key store send is caught on its way, explained by
 * the server, and held against the table in docs/OPERATIONS.md.
 */
import mongoose from 'mongoose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Secret } from '@holdfast/client/protocol'
import { KeyRing } from '../../src/store/key-ring.ts'
import { openMongoKeyStore, type MongoKeyStore } from '../../src/store/mongo/key-store.ts'
import { migrate } from '../../src/store/mongo/migration.ts'
import { openMongoRecords } from '../../src/store/mongo/records.ts'
import type { Records } from '../../src/use-cases/ports.ts'
import { isStandIn, newDatabase, onMongo, type TestDatabase } from '../support/mongo.ts'
import { readDocument, rowsOf, sectionOf } from '../support/named-tests.ts'
import { accountOf, dueAccount, entryOf, epochOf, newId, slotOf } from '../support/store.ts'

const MINUTE = 60_000

/** By which field a collection is sharded: see schemas.ts. */
const SHARD_KEYS: Readonly<Record<string, string>> = {
  accounts: '_id',
  blobs: 'hash',
  log: 'account',
  claims: '_id',
  remembered: '_id',
  factor_keys: '_id',
}

/** Collections of one document, which lie on one shard. */
const WHOLE = new Set(['marks', 'checks'])

type Command = Readonly<Record<string, unknown>>

interface Sent {
  readonly lookUp: string
  /** `find accounts` and the like. */
  readonly asks: string
  readonly database: string
  readonly command: Command
}

const NAMES = ['find', 'aggregate', 'distinct', 'findAndModify', 'update', 'delete', 'count']

/** What a driver adds that an explained command must not have. */
const ADDED = [
  'lsid',
  'txnNumber',
  '$db',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
]

const isWrite = ({ asks }: Sent): boolean => /^(update|delete|findAndModify) /.test(asks)

/** The condition by which the command finds rows. */
const filterOf = ({ command }: Sent): Command => {
  const [update] = (command['updates'] ?? command['deletes'] ?? []) as readonly { q: Command }[]
  const [stage] = (command['pipeline'] ?? []) as readonly { $match?: Command }[]
  return update?.q ?? stage?.$match ?? ((command['filter'] ?? command['query'] ?? {}) as Command)
}

/** Whether only a replica set gives a plan for it that means something. */
const isBeyondStandIn = (each: Sent): boolean => {
  const conditions = Object.keys(filterOf(each))
  return isWrite(each) || (conditions.includes('_id') && conditions.length > 1)
}

onMongo('plans', () => {
  const places: TestDatabase[] = []
  const sent: Sent[] = []
  const called = new Set<string>()
  let lookUp = ''
  let records: Records
  let keys: MongoKeyStore

  const place = () => {
    const database = newDatabase()
    places.push(database)
    const { url } = database.place
    return { ...database.place, url: `${url}${url.includes('?') ? '&' : '/?'}monitorCommands=true` }
  }
  /** Writes down what the connection made last sends from now on. */
  const listen = (): void => {
    const client = mongoose.connections.at(-1)?.getClient()
    client?.on('commandStarted', ({ commandName, command, databaseName }) => {
      if (!NAMES.includes(commandName) || lookUp === '') return
      const kept = Object.entries(command as Command).filter(([name]) => !ADDED.includes(name))
      const asks = `${commandName} ${String((command as Command)[commandName])}`
      sent.push({ lookUp, asks, database: databaseName, command: Object.fromEntries(kept) })
    })
  }
  const during = async (name: string, act: () => Promise<unknown>): Promise<void> => {
    called.add(name)
    lookUp = name
    await act()
    lookUp = ''
  }

  beforeAll(async () => {
    const here = place()
    await migrate(here)
    records = await openMongoRecords(here)
    listen()
    const [keyPlace, wrappingKey] = [place(), Secret.random(32)]
    keys = await openMongoKeyStore({ ...keyPlace, wrappingKey })
    listen()
    for (let count = 0; count < 40; count += 1) await records.commit(accountOf(), { ifRevision: 0 })
    await records.claim('another', Date.now() + MINUTE)

    const [contact, now] = [newId(), await records.now()]
    const blob = { hash: newId(), bytes: new Uint8Array(3) }
    const account = dueAccount(now - MINUTE)
    const { circle } = accountOf()
    const epoch = epochOf([], { slots: [slotOf(contact, 1, 'offered')], activatedAt: null })
    const pending = { ...epoch, coolsAt: null, delayed: false, countersigned: [] }
    await records.commit(dueAccount(now + MINUTE), { ifRevision: 0 })
    await records.commit(accountOf({ circle: { ...circle, active: epochOf([contact]) } }), { ifRevision: 0 })
    await records.commit(accountOf({ circle: { ...circle, pending } }), { ifRevision: 0 })
    await records.commit(account, { ifRevision: 0, entries: [entryOf(1)], blobs: [blob] })

    await during('commit', async () => {
      const conditions = { ifRevision: 1, notBefore: now, notAfter: now + MINUTE }
      expect(await records.commit(account, { ...conditions, entries: [entryOf(2)] })).toBe('committed')
      expect(await records.commit(account, { ...conditions, blobs: [{ ...blob, hash: newId() }] })).toBe(
        'moved',
      )
    })
    await during('load', () => records.load(account.id))
    await during('loadAll', async () => expect(await records.loadAll([account.id, newId()])).toHaveLength(1))
    await during('now', () => records.now())
    await during('due', async () => expect(await records.due(10)).toEqual([account.id]))
    await during('upcoming', async () => expect(await records.upcoming(now + 2 * MINUTE, 10)).toHaveLength(1))
    await during('unrelayed', () => records.unrelayed(10))
    await during('accounts', async () => expect(await records.accounts(null, 10)).toHaveLength(10))
    await during('backlog', () => records.backlog(10))
    await during('circlesWith', async () => expect(await records.circlesWith(contact)).toHaveLength(1))
    await during('offersTo', async () => expect(await records.offersTo(contact, 10)).toHaveLength(1))
    await during('readBlob', () => records.readBlob(blob.hash))
    await during('readBlobs', async () =>
      expect((await records.readBlobs([blob.hash, newId()])).size).toBe(1),
    )
    await during('eraseBlob', () => records.eraseBlob(blob.hash, 1))
    await during('readLog', async () => expect(await records.readLog(account.id, 0, 10)).toHaveLength(2))
    await during('claim', async () => {
      expect(await records.claim('key', now + MINUTE)).toBe(true)
      expect(await records.claim('key', now + MINUTE)).toBe(false)
    })
    await during('remember', () => records.remember('key', 'value', now + MINUTE))
    await during('recall', async () => expect(await records.recall('key')).toBe('value'))
    await during('forget', async () => expect(await records.forget(account.id, 2)).toBe('committed'))
    await during('check', () => keys.check())
    await during('keep', () => keys.keep(account.id, 1, Secret.random(32)))
    await during('read', () => keys.read(account.id, 1))
    await during('reseal', async () => {
      const ring = new KeyRing([Secret.random(32), wrappingKey])
      const rotated = await openMongoKeyStore({ ...keyPlace, wrappingKey: ring })
      listen()
      expect(await rotated.reseal(account.id)).toBe(1)
      await rotated.close()
    })
    await during('stale', () => keys.stale())
    await during('isResealed', () => keys.isResealed())
    await during('noteResealed', () => keys.noteResealed())
    await during('highWater', () => keys.highWater(account.id))
    await during('isEnded', () => keys.isEnded(account.id, newId()))
    await during('erase', () => keys.erase(account.id, 1))
    await during('eraseBelow', () => keys.eraseBelow(account.id, 2))
    await during('endRequest', () => keys.endRequest(account.id, newId()))
  })
  afterAll(async () => {
    await records.close()
    await keys.close()
    for (const { remove } of places) await remove()
  })

  const scaling = sectionOf(readDocument('docs/OPERATIONS.md'), '## Scaling out')
  /** The document's rows: look-up and what it asks, with the indexes and how many shards. */
  const documented = new Map(
    rowsOf(sectionOf(scaling, '### What MongoDB is asked, and what serves it')).map(
      ([about = '', asks = '', indexes = '', shards = '']) => [
        `${about} ${asks}`.replaceAll('`', ''),
        { indexes: indexes.replaceAll('`', '').split(', '), shards },
      ],
    ),
  )
  const nameOf = ({ lookUp: about, asks }: Sent): string => `${about} ${asks}`

  const explain = async ({ command, database }: Sent): Promise<string> => {
    const connection = await (places[0] as TestDatabase).connection()
    const answer = await connection
      .useDb(database)
      .db?.command({ explain: command, verbosity: 'queryPlanner' })
    return JSON.stringify(answer)
  }
  const served = (plan: string): string | undefined =>
    /IDHACK|EXPRESS/.test(plan) ? '_id_' : /"indexName":"([^"]+)"/.exec(plan)?.[1]

  it('no look-up is left out', () => {
    const methods = [records, keys].flatMap((store) =>
      Object.getOwnPropertyNames(Object.getPrototypeOf(store)).filter(
        (name) => !['constructor', 'close'].includes(name),
      ),
    )
    expect([...called].toSorted()).toEqual(methods.toSorted())
  })

  it('everything that is asked stands in the document, and nothing else does', () => {
    expect([...new Set(sent.map(nameOf))].toSorted()).toEqual([...documented.keys()].toSorted())
  })

  const expectServed = async (each: Sent): Promise<void> => {
    const plan = await explain(each)
    const readsAll = documented.get(nameOf(each))?.indexes.includes('none') === true
    expect([nameOf(each), plan.includes('COLLSCAN')]).toEqual([nameOf(each), readsAll])
    if (readsAll) return
    expect([nameOf(each), documented.get(nameOf(each))?.indexes]).toEqual([
      nameOf(each),
      expect.arrayContaining([served(plan)]) as unknown,
    ])
  }

  it('every read is served by an index that the document names, and looks at nothing else', async () => {
    for (const each of sent.filter((one) => !isBeyondStandIn(one))) await expectServed(each)
  })

  const reason = 'SecantusDB explains no write, and knows no plan for a condition on `_id` and more'
  const onReplicaSet = isStandIn ? it.skip : it
  onReplicaSet(
    `every write as well, and a step through the accounts${isStandIn ? ` (skipped: ${reason})` : ''}`,
    async () => {
      for (const each of sent.filter(isBeyondStandIn)) await expectServed(each)
    },
  )

  onReplicaSet(
    `what is asked in an order comes from the index in it${isStandIn ? ' (skipped: SecantusDB sorts in memory)' : ''}`,
    async () => {
      for (const each of sent.filter(({ command }) => command['sort'] !== undefined))
        expect([nameOf(each), (await explain(each)).includes('"SORT"')]).toEqual([nameOf(each), false])
    },
  )

  it('whatever names the key of its shard asks that one alone; the document names those that ask all', () => {
    for (const each of sent) {
      const collection = each.asks.split(' ')[1] ?? ''
      const condition = filterOf(each)[SHARD_KEYS[collection] ?? '']
      const isOne = WHOLE.has(collection) || typeof condition === 'string' || isListOfNames(condition)
      expect([nameOf(each), isOne ? 'one' : 'all']).toEqual([
        nameOf(each),
        documented.get(nameOf(each))?.shards,
      ])
    }
  })
})

/** `$in`: as many shards as there are names, at most. */
const isListOfNames = (condition: unknown): boolean =>
  typeof condition === 'object' &&
  condition !== null &&
  '$in' in condition &&
  Array.isArray(condition.$in) &&
  condition.$in.every((one) => typeof one === 'string')
