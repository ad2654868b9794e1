/** Records as an older version left them, which listed an account for each entry of its log that had not left the document. */
import { expect } from 'vitest'
import { isSpent } from '../../src/domain/accounts.ts'
import type { Account } from '../../src/domain/account.ts'
import type { Records } from '../../src/use-cases/ports.ts'
import { type RelayOutboxDeps, relayOutbox } from '../../src/use-cases/relay-outbox.ts'
import { accountOf, entryOf, recoveryOf } from './store.ts'
import { SETTINGS } from './world.ts'

/** `written`: gives records that hold these accounts, each listed as unrelayed, whatever its document says. */
export const relaysOlderRows = async (
  written: (accounts: readonly Account[]) => Promise<Records>,
): Promise<void> => {
  const outbox = { entries: [entryOf(1), entryOf(2)], notices: [], erasures: [] }
  const waiting = accountOf({ outbox, recoveries: [recoveryOf({ expiresAt: 9e12 })] })
  const spent = accountOf({ outbox })
  expect(isSpent(spent, 1)).toBe(true)
  const both = [waiting.id, spent.id]
  const records = await written([waiting, spent])
  const listed = async () => (await records.unrelayed(100)).filter((id) => both.includes(id))
  expect((await listed()).toSorted()).toEqual(both.toSorted())
  const fails = async (): Promise<never> => expect.fail('there is nobody to tell and nothing to erase')
  const deps = {
    records,
    keyStore: new Proxy({}, { get: () => fails }),
    notices: { deliver: fails },
    jobs: { relay: () => undefined, wake: () => undefined, close: async () => undefined },
    settings: SETTINGS,
  } as unknown as RelayOutboxDeps
  for (const id of [...both, ...both]) await relayOutbox(deps)(id)
  expect(await listed()).toEqual([])
  expect((await records.load(waiting.id))?.account, 'written once').toEqual({ ...waiting, revision: 2 })
  expect(await records.load(spent.id), 'forgotten').toBeNull()
}
