import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Secret, toBase64url } from '@holdfast/client/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WrongWrappingKey, openFolderKeyStore } from '../../src/store/embedded/key-store.ts'
import type { KeyStore } from '../../src/use-cases/ports.ts'
import { filesIn, newFolder, newId } from '../support/store.ts'

const bytesOf = (secret: Secret | null): Uint8Array | null => secret && Uint8Array.from(secret.expose())

describe('the key store', () => {
  const wrappingKey = Secret.random(32)
  let folder: { readonly path: string; readonly remove: () => Promise<void> }
  let keys: KeyStore
  let account: string
  const open = () => openFolderKeyStore({ folder: folder.path, wrappingKey })
  /** The only file of keys there is. */
  const keyFile = async () => {
    const files = (await filesIn(folder.path)).filter(({ path }) => path.endsWith('.json'))
    return files[0]?.path ?? ''
  }
  beforeEach(async () => {
    folder = await newFolder()
    keys = await open()
    account = newId()
  })
  afterEach(() => folder.remove())

  it('gives back what it keeps, also after opening anew, and null for what it never kept', async () => {
    const [first, second] = [Secret.random(32), Secret.random(32)]
    await keys.keep(account, 1, first)
    await keys.keep(account, 2, second)
    for (const store of [keys, await open()]) {
      expect(bytesOf(await store.read(account, 1))).toEqual(bytesOf(first))
      expect(bytesOf(await store.read(account, 2))).toEqual(bytesOf(second))
      expect(await store.read(account, 3)).toBeNull()
      expect(await store.read(newId(), 1)).toBeNull()
      expect(await store.highWater(account)).toBe(0)
      expect(await store.highWater(newId())).toBe(0)
    }
  })

  it('says so when the folder is no longer there, or is another one', async () => {
    await keys.check()
    const other = await newFolder()
    await openFolderKeyStore({ folder: other.path, wrappingKey: Secret.random(32) })
    await rm(folder.path, { recursive: true })
    await expect(keys.check()).rejects.toMatchObject({ code: 'unavailable' })
    await cp(other.path, folder.path, { recursive: true })
    await expect(keys.check()).rejects.toMatchObject({ code: 'internal' })
    await other.remove()
  })

  it('changes nothing when the same key is kept again, and refuses another for the same epoch', async () => {
    const key = Secret.random(32)
    await keys.keep(account, 1, key)
    const before = await readFile(await keyFile())
    await keys.keep(account, 1, key)
    expect(await readFile(await keyFile())).toEqual(before)
    await expect(keys.keep(account, 1, Secret.random(32))).rejects.toMatchObject({ code: 'epoch_rejected' })
    expect(bytesOf(await keys.read(account, 1))).toEqual(bytesOf(key))
  })

  it('knows the last 32 requests that have ended, whatever else happens to the account', async () => {
    const requests = Array.from({ length: 33 }, (_, index) => `request ${index}`)
    await keys.keep(account, 1, Secret.random(32))
    for (const request of requests) await keys.endRequest(account, request)
    await keys.endRequest(account, 'request 32')
    await keys.keep(account, 2, Secret.random(32))
    await keys.erase(account, 2)
    await keys.eraseBelow(account, 2)
    const store = await open()
    const known = await Promise.all(requests.map((request) => store.isEnded(account, request)))
    expect(known).toEqual(requests.map((_, index) => index > 0))
    expect(await store.isEnded(newId(), 'request 32')).toBe(false)
  })

  it('erases one epoch alone, again and again', async () => {
    await keys.keep(account, 1, Secret.random(32))
    await keys.keep(account, 2, Secret.random(32))
    await keys.erase(account, 2)
    await keys.erase(account, 2)
    expect(await keys.read(account, 2)).toBeNull()
    expect(await keys.read(account, 1)).not.toBeNull()
    expect(await keys.highWater(account)).toBe(0)
  })

  it('erases all below an epoch, raises the mark for good, and lets nothing come back below it', async () => {
    for (const epoch of [1, 2, 3, 10]) await keys.keep(account, epoch, Secret.random(32))
    await keys.eraseBelow(account, 3)
    await keys.eraseBelow(account, 2)
    expect(
      await Promise.all([1, 2, 3, 10].map(async (epoch) => (await keys.read(account, epoch)) !== null)),
    ).toEqual([false, false, true, true])
    expect(await (await open()).highWater(account)).toBe(3)
    await expect(keys.keep(account, 2, Secret.random(32))).rejects.toMatchObject({ code: 'epoch_rejected' })
    await keys.eraseBelow(account, 11)
    expect(await keys.read(account, 10)).toBeNull()
    expect(await keys.highWater(account)).toBe(11)
  })

  it('leaves no byte of an erased key in any file: neither the key, nor what it was sealed to', async () => {
    const [erased, left] = [Secret.random(32), Secret.random(32)]
    await keys.keep(account, 1, erased)
    const stored = JSON.parse(await readFile(await keyFile(), 'utf8')) as { keys: Record<string, string> }
    const sealed = stored.keys['1'] ?? ''
    await keys.keep(account, 2, left)
    // What a crash between writing and renaming would have left behind.
    await cp(await keyFile(), `${await keyFile()}.next`)
    const inFiles = async (needle: string | Uint8Array): Promise<number> =>
      (await filesIn(folder.path)).filter(({ bytes }) =>
        bytes.includes(typeof needle === 'string' ? needle : Buffer.from(needle)),
      ).length
    expect(await inFiles(sealed)).toBe(2)
    await keys.eraseBelow(account, 2)
    expect(await inFiles(sealed)).toBe(0)
    expect(await inFiles(Buffer.from(sealed, 'base64url').subarray(24))).toBe(0)
    for (const key of [erased, left]) {
      expect(await inFiles(key.expose())).toBe(0)
      expect(await inFiles(toBase64url(key.expose()))).toBe(0)
      expect(await inFiles(Buffer.from(key.expose()).toString('hex'))).toBe(0)
    }
    expect(bytesOf(await keys.read(account, 2))).toEqual(bytesOf(left))
  })

  it('loses nothing when 40 keys of one account are kept and erased at once', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, epoch) => keys.keep(account, epoch + 1, Secret.random(32))),
    )
    await Promise.all([keys.erase(account, 40), keys.eraseBelow(account, 10), keys.eraseBelow(account, 20)])
    const kept: number[] = []
    for (let epoch = 1; epoch <= 40; epoch += 1) if (await keys.read(account, epoch)) kept.push(epoch)
    expect(kept).toEqual(Array.from({ length: 20 }, (_, index) => index + 20))
  })

  it('refuses to begin anew beside records that need the keys it lost', async () => {
    await rm(folder.path, { recursive: true, force: true })
    const lost = openFolderKeyStore({ folder: folder.path, wrappingKey, mayBeNew: false })
    await expect(lost).rejects.toThrow(/no keys/)
    await expect(openFolderKeyStore({ folder: folder.path, wrappingKey })).resolves.toBeDefined()
  })

  it('refuses another wrapping key at opening, and a short one', async () => {
    await keys.keep(account, 1, Secret.random(32))
    const openWith = (key: Secret) => openFolderKeyStore({ folder: folder.path, wrappingKey: key })
    await expect(openWith(Secret.random(32))).rejects.toThrow(WrongWrappingKey)
    await expect(openWith(Secret.random(31))).rejects.toThrow(RangeError)
    // A copy that left the check file out must not be taken for a new folder.
    await rm(join(folder.path, 'wrapping-key.check'))
    await expect(openWith(wrappingKey)).rejects.toThrow(WrongWrappingKey)
  })

  it('does not open a key that was moved to another epoch or account, and does not take damage for emptiness', async () => {
    await keys.keep(account, 1, Secret.random(32))
    const file = await keyFile()
    const stored = JSON.parse(await readFile(file, 'utf8')) as { keys: Record<string, string> }
    await writeFile(file, JSON.stringify({ highWater: 0, keys: { 2: stored.keys['1'] } }))
    await expect(keys.read(account, 2)).rejects.toMatchObject({ code: 'internal' })

    const other = newId()
    await keys.keep(other, 1, Secret.random(32))
    const files = (await filesIn(folder.path)).filter(({ path }) => path.endsWith('.json') && path !== file)
    await writeFile(files[0]?.path ?? '', JSON.stringify(stored))
    await expect(keys.read(other, 1)).rejects.toMatchObject({ code: 'internal' })

    for (const damaged of ['', '{}', '{"highWater":1', '[]', '{"highWater":"1","keys":{}}']) {
      await writeFile(file, damaged)
      await expect(keys.highWater(account)).rejects.toMatchObject({ code: 'internal' })
      await expect(keys.keep(account, 5, Secret.random(32))).rejects.toMatchObject({ code: 'internal' })
    }
  })

  it('reports what it cannot write by a code, and keeps what was there', async () => {
    const key = Secret.random(32)
    await keys.keep(account, 1, key)
    const file = await keyFile()
    await mkdir(`${file}.next`)
    await expect(keys.keep(account, 2, Secret.random(32))).rejects.toMatchObject({ code: 'unavailable' })
    expect(bytesOf(await keys.read(account, 1))).toEqual(bytesOf(key))
    await rm(`${file}.next`, { recursive: true })
    await keys.keep(account, 2, Secret.random(32))
  })

  it.skipIf(process.platform === 'win32')('is readable by this user only', async () => {
    await keys.keep(account, 1, Secret.random(32))
    const file = await keyFile()
    const modes = await Promise.all(
      [file, join(folder.path, 'wrapping-key.check'), dirname(file), folder.path].map(
        async (path) => (await stat(path)).mode & 0o777,
      ),
    )
    expect(modes).toEqual([0o600, 0o600, 0o700, 0o700])
  })
})
