/**
 * Keys of release factors in a folder of their own, apart from the records: one small file per account, so that erasing a
 * key rewrites all that ever stood beside it. In LMDB an overwritten value would stay in the file's free pages.
 */
import { chmod, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError, Secret, equalBytes } from '@holdfast/client/protocol'
import type { KeyStore } from '../../use-cases/ports.ts'
import { storageError } from './disk-full.ts'
import { makeFolder, readText, replaceFile } from '../durable-file.ts'
import type { KeyRing } from '../key-ring.ts'
import { CHECK_FILE, ENDED_KEPT, PART, keyFile, nameOf, parseKeys, type AccountKeys } from './key-file.ts'
import { KeyWrap } from './key-wrap.ts'

/** Thrown at boot: keys in this folder were sealed under another wrapping key, and could never be read. */
export class WrongWrappingKey extends Error {
  override readonly name = 'WrongWrappingKey'
  constructor(folder: string) {
    super(
      `The keys in ${folder} were sealed with another master key. Set the HOLDFAST_MASTER_KEY, or add to HOLDFAST_AT_REST_KEYS the key, that they were made with.`,
    )
  }
}

/** Thrown at boot: records without the keys of their release factors. No backup in them could ever be released. */
export class KeysMissing extends Error {
  override readonly name = 'KeysMissing'
  constructor(folder: string) {
    super(
      `There are records, but no keys in ${folder}. Put the key store back, or check the mount: without it no backup can be recovered.`,
    )
  }
}

/**
 * Opens or creates the folder (mode 0700, files 0600). Throws {@link WrongWrappingKey}, {@link KeysMissing}, or RangeError for a
 * short key.
 */
export const openFolderKeyStore = async (options: {
  readonly folder: string
  readonly wrappingKey: Secret | KeyRing
  /** False where there are records already, so that a folder without keys is a mistake. True unless given. */
  readonly mayBeNew?: boolean
  /** Called while a new version of a file lies on the disk beside the old one. */
  readonly onWritten?: (() => void) | undefined
}): Promise<KeyStore> => {
  const { folder } = options
  const wrap = new KeyWrap(options.wrappingKey)
  await makeFolder(folder)
  await chmod(folder, 0o700)
  await verifyWrappingKey(folder, wrap, options.mayBeNew ?? true)
  return new FolderKeyStore(folder, wrap, options.onWritten)
}

/** Opens the check file, or writes one into a folder without keys. A wrong key must be noticed before it seals anything. */
const verifyWrappingKey = async (folder: string, wrap: KeyWrap, mayBeNew: boolean): Promise<void> => {
  const path = join(folder, CHECK_FILE)
  const sealed = await readText(path)
  if (sealed !== null) {
    try {
      wrap.open(CHECK_FILE, 0, sealed).erase()
    } catch {
      throw new WrongWrappingKey(folder)
    }
    return
  }
  const names = await readdir(folder)
  // Keys without the check file: a copy that left it out. Which key they need cannot be known here.
  if (names.some((name) => PART.test(name))) throw new WrongWrappingKey(folder)
  if (!mayBeNew) throw new KeysMissing(folder)
  await replaceFile(path, wrap.seal(CHECK_FILE, 0, Secret.of(new Uint8Array(32))))
}

class FolderKeyStore implements KeyStore {
  readonly #folder: string
  readonly #wrap: KeyWrap
  readonly #onWritten: (() => void) | undefined
  /** The last change under way per account: two at once would each write what the other has not seen. */
  readonly #changes = new Map<string, Promise<unknown>>()
  #noted: Promise<void> = Promise.resolve()

  constructor(folder: string, wrap: KeyWrap, onWritten?: () => void) {
    this.#folder = folder
    this.#wrap = wrap
    this.#onWritten = onWritten
  }

  async check(): Promise<void> {
    const sealed = await readText(join(this.#folder, CHECK_FILE))
    if (sealed === null) throw new HoldfastError('unavailable')
    this.#wrap.open(CHECK_FILE, 0, sealed).erase()
  }

  /** Throws `epoch_rejected` below the high-water mark, or where another key stands for the epoch: read that one first. */
  keep(account: string, epoch: number, key: Secret): Promise<void> {
    return this.#change(account, ({ highWater, keys, ...rest }) => {
      if (epoch < highWater) throw new HoldfastError('epoch_rejected')
      const before = keys[epoch]
      if (before !== undefined) {
        const standing = this.#wrap.open(account, epoch, before)
        const same = equalBytes(standing.expose(), key.expose())
        standing.erase()
        if (!same) throw new HoldfastError('epoch_rejected')
      }
      return {
        ...rest,
        highWater,
        keys: { ...keys, [epoch]: before ?? this.#wrap.seal(account, epoch, key) },
      }
    })
  }

  async read(account: string, epoch: number): Promise<Secret | null> {
    const { highWater, keys } = await this.#load(account)
    const sealed = keys[epoch]
    return sealed === undefined || epoch < highWater ? null : this.#wrap.open(account, epoch, sealed)
  }

  erase(account: string, epoch: number): Promise<void> {
    return this.#change(account, ({ highWater, keys, ...rest }) => {
      const left = Object.entries(keys).filter(([kept]) => Number(kept) !== epoch)
      return { ...rest, highWater, keys: Object.fromEntries(left) }
    })
  }

  eraseBelow(account: string, epoch: number): Promise<void> {
    return this.#change(account, ({ highWater, keys, ...rest }) => {
      const mark = Math.max(highWater, epoch)
      const left = Object.entries(keys).filter(([kept]) => Number(kept) >= mark)
      return { ...rest, highWater: mark, keys: Object.fromEntries(left) }
    })
  }

  async highWater(account: string): Promise<number> {
    return (await this.#load(account)).highWater
  }

  endRequest(account: string, recovery: string): Promise<void> {
    return this.#change(account, ({ ended = [], ...rest }) => ({
      ...rest,
      ended: ended.includes(recovery) ? ended : [...ended, recovery].slice(-ENDED_KEPT),
    }))
  }

  async isEnded(account: string, recovery: string): Promise<boolean> {
    return (await this.#load(account)).ended?.includes(recovery) === true
  }

  async reseal(account: string): Promise<number> {
    const isStale = (sealed: string): boolean => !this.#wrap.isCurrent(sealed)
    if (!Object.values((await this.#load(account)).keys).some(isStale)) return 0
    let resealed = 0
    await this.#change(account, ({ keys, ...rest }) => {
      const anew = Object.entries(keys).map(([epoch, sealed]): readonly [string, string] => {
        if (!isStale(sealed)) return [epoch, sealed]
        resealed += 1
        return [epoch, this.#wrap.reseal(account, Number(epoch), sealed)]
      })
      return { ...rest, keys: Object.fromEntries(anew) }
    })
    return resealed
  }

  async stale(): Promise<number> {
    let found = 0
    for (const part of await readdir(this.#folder)) {
      if (!PART.test(part)) continue
      for (const name of await readdir(join(this.#folder, part))) {
        if (!name.endsWith('.json')) continue
        const { keys } = parseKeys(await readText(join(this.#folder, part, name)))
        found += Object.values(keys).filter((sealed) => !this.#wrap.isCurrent(sealed)).length
      }
    }
    return found
  }

  async isResealed(): Promise<boolean> {
    return this.#wrap.isCurrent((await readText(join(this.#folder, CHECK_FILE))) ?? '')
  }

  noteResealed(): Promise<void> {
    const sealed = this.#wrap.seal(CHECK_FILE, 0, Secret.of(new Uint8Array(32)))
    const note = async () => replaceFile(join(this.#folder, CHECK_FILE), sealed)
    const noted = this.#noted.then(note, note)
    this.#noted = noted
    return noted
  }

  /** One after the other per account. Writes even where nothing differs: an earlier try may have failed to reach the disk. */
  #change(account: string, decide: (before: AccountKeys) => AccountKeys): Promise<void> {
    const before = this.#changes.get(account) ?? Promise.resolve()
    const change = before
      .catch(() => undefined)
      .then(async () => {
        const after = decide(await this.#load(account))
        await replaceFile(this.#pathOf(account), JSON.stringify(after), this.#onWritten)
      })
      .catch(async (error: unknown) => {
        throw await storageError(error)
      })
      .finally(() => {
        if (this.#changes.get(account) === change) this.#changes.delete(account)
      })
    this.#changes.set(account, change)
    return change
  }

  /** Throws `internal` for a damaged file: taking it for a missing one would forget the high-water mark. */
  async #load(account: string): Promise<AccountKeys> {
    return parseKeys(await readText(this.#pathOf(account)))
  }

  #pathOf(account: string): string {
    return keyFile(this.#folder, nameOf(account))
  }
}
