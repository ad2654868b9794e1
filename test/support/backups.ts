/**
 * A data folder that tests write to, back up by the operator's commands, and put back.
 */
import { join } from 'node:path'
import { Secret } from '@holdfast/client/protocol'
import { expect } from 'vitest'
import { openFolderKeyStore } from '../../src/store/embedded/key-store.ts'
import { openEmbeddedRecords, type EmbeddedRecords } from '../../src/store/embedded/records.ts'
import { openRestoreGuard } from '../../src/store/embedded/restore-guard.ts'
import { finishRestore } from '../../src/store/embedded/restore.ts'
import { deriveKeys } from '../../src/service-keys.ts'
import type { KeyStore } from '../../src/use-cases/ports.ts'
import { runCommand } from './command.ts'
import { accountOf, entryOf } from './store.ts'

const master = Secret.random(32)
const wrappingKey = (await deriveKeys(master)).keyStore
const masterText = Buffer.from(master.expose()).toString('base64url')

export interface OpenFolder {
  readonly records: EmbeddedRecords
  readonly keyStore: KeyStore
  readonly restored: boolean
  close(): Promise<void>
}

/** `root`: in which data and backups lie, asked for at each call. */
export const backupsIn = (root: () => string) => {
  const at = (...names: readonly string[]) => join(root(), ...names)
  const env = (data: string) => ({
    HOLDFAST_MODE: 'development',
    HOLDFAST_MASTER_KEY: masterText,
    HOLDFAST_DATA_DIR: at(data),
  })
  return {
    at,
    env,
    backup: (data = 'data', name = 'one') =>
      runCommand(
        'backup',
        ['--records-to', at(`records-${name}`), '--keys-to', at(`keys-${name}`)],
        env(data),
      ),
    restore: (data: string, more: readonly string[] = [], name = 'one') =>
      runCommand(
        'restore',
        ['--records-from', at(`records-${name}`), '--keys-from', at(`keys-${name}`), ...more],
        env(data),
      ),
    /** As the service opens it. */
    async open(data = 'data'): Promise<OpenFolder> {
      await finishRestore(at(data, 'records'))
      const records = await openEmbeddedRecords({ folder: at(data, 'records') })
      const keyStore = await openFolderKeyStore({ folder: at(data, 'keys'), wrappingKey })
      const guard = await openRestoreGuard({ folder: at(data, 'keys'), records })
      return {
        records,
        keyStore,
        restored: guard.restored,
        async close() {
          await guard.close()
          await records.close()
        },
      }
    },
    /** Every change brings a ciphertext and a log entry with it, and goes to the first account before the second. */
    async change({ records }: OpenFolder, id: string, revision: number): Promise<void> {
      const blob = { hash: `${id}.${revision}`, bytes: new Uint8Array(200).fill(revision % 256) }
      const entries = [entryOf(revision + 1)]
      const account = accountOf({ id, app: `app-${revision + 1}` })
      const conditions = { ifRevision: revision, blobs: [blob], entries }
      expect(await records.commit(account, conditions)).toBe('committed')
    },
    revisionOf: async ({ records }: OpenFolder, id: string): Promise<number> =>
      (await records.load(id))?.account.revision ?? 0,
  }
}
