/**
 * Storage in the browser's IndexedDB: survives reloads, is private to the origin, and shared by its tabs one after another.
 */
import { HoldfastError } from '../protocol/errors.ts'
import type { Storage } from './storage.ts'

const STORE = 'values'

const finished = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

const committed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    // Also where the disk is full: that shows only when the transaction commits.
    transaction.onabort = () => reject(transaction.error)
  })

/** Opens (or makes) the database `name`. Throws `storage_failed`, for example when the disk is full. */
export const indexedDbStorage = (name = 'holdfast'): Storage => {
  let opened: Promise<IDBDatabase> | undefined
  const forget = (): void => {
    opened = undefined
  }
  const open = async (): Promise<IDBDatabase> => {
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    const database = await finished(request)
    // The browser closes it, for example when the user clears the site's data: the next call opens it anew.
    database.onclose = forget
    database.onversionchange = () => {
      database.close()
      forget()
    }
    return database
  }
  const begin = async (mode: IDBTransactionMode): Promise<IDBTransaction> => {
    try {
      return (await (opened ??= open())).transaction(STORE, mode, { durability: 'strict' })
    } catch (cause) {
      forget()
      throw cause
    }
  }
  const using = <T>(
    mode: IDBTransactionMode,
    work: (transaction: IDBTransaction) => Promise<T>,
  ): Promise<T> =>
    begin(mode)
      .then(work)
      .catch((cause: unknown) => {
        throw new HoldfastError('storage_failed', { cause })
      })
  const write = (change: (store: IDBObjectStore) => void): Promise<void> =>
    using('readwrite', (transaction) => {
      change(transaction.objectStore(STORE))
      return committed(transaction)
    })
  const storage: Storage = {
    get: async (key) => {
      const value: unknown = await using('readonly', (transaction) =>
        finished(transaction.objectStore(STORE).get(key)),
      )
      return typeof value === 'string' ? value : null
    },
    set: (key, value) => write((store) => store.put(value, key)),
    delete: (key) => write((store) => store.delete(key)),
  }
  // Only pages on secure origins have locks; the others have no WebCrypto either, and are for development.
  const { locks } = navigator
  if (locks === undefined) return storage
  return {
    ...storage,
    exclusively: <T>(work: () => Promise<T>) => locks.request(`holdfast:${name}`, work) as Promise<T>,
  }
}
