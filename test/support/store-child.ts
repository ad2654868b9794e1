/**
 * A second process for tests of the embedded store: node store-child.ts <role> <folder>.
 * Answers on standard output, one line each.
 */
import { isHoldfastError } from '@holdfast/client/protocol'
import { lockFolder } from '../../src/store/embedded/lock.ts'
import { openEmbeddedRecords } from '../../src/store/embedded/records.ts'
import { accountOf, dueAccount, entryOf } from './store.ts'

const [role, folder = ''] = process.argv.slice(2)

/** Resolves when the line has left this process, so that a kill after it cannot take it back. */
const say = (line: string): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.write(`${line}\n`, () => resolve())
  })

const forever = (): Promise<never> => new Promise(() => setInterval(() => undefined, 60_000))

const roles: Readonly<Record<string, () => Promise<unknown>>> = {
  /** Locks, says `locked` or the error's name, and stays. */
  async lock() {
    try {
      await lockFolder(folder)
      await say('locked')
    } catch (error) {
      await say(error instanceof Error ? error.name : 'unknown')
      return
    }
    await forever()
  },

  /** Commits without end on ten accounts at once; says `<account> <revision>` after each. */
  async commit() {
    const records = await openEmbeddedRecords({ folder })
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const account = dueAccount(Date.now() + 3_600_000)
        for (let revision = 0; ; revision += 1) {
          const blob = { hash: `${account.id}-${revision}`, bytes: new Uint8Array(2_000).fill(revision) }
          const entries = [entryOf(revision + 1)]
          await records.commit(account, { ifRevision: revision, blobs: [blob], entries })
          await say(`${account.id} ${revision + 1}`)
        }
      }),
    )
  },

  /** Commits ever more until it is refused; then says the code, and for what was refused and what was not what is there. */
  async fill() {
    const records = await openEmbeddedRecords({ folder })
    for (let count = 0; count < 1_000; count += 1) {
      const account = accountOf()
      const blob = { hash: account.id, bytes: new Uint8Array(60_000).fill(7) }
      try {
        await records.commit(account, { ifRevision: 0, blobs: [blob], entries: [entryOf(1)] })
      } catch (error) {
        await say(isHoldfastError(error) ? error.code : String(error))
        const left = [
          await records.load(account.id),
          await records.readBlob(account.id),
          ...(await records.readLog(account.id, 0, 10)),
        ]
        await say(left.every((part) => part === null) ? 'nothing changed' : 'something changed')
        await say(`${count} before`)
        return
      }
      await say(account.id)
    }
  },
}

await roles[role ?? '']?.()
process.exit(0)
