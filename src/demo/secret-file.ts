/**
 * The key that the story is about: read from a file or made, and written back.
 */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, lstat, open, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { MAX_APPLICATION_BYTES } from '@holdfast/client/protocol'
import type { Options } from './options.ts'
import { refusalOf, usage } from './refusal.ts'

export interface Key {
  /** How the story calls it. */
  readonly name: string
  readonly bytes: Uint8Array
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Reads no more than is allowed, also from what has no length, such as a pipe. */
const readKey = async (path: string): Promise<Uint8Array> => {
  const file = await open(path, 'r').catch(() => {
    throw usage('--secret-file cannot be read.')
  })
  try {
    const buffer = Buffer.alloc(MAX_APPLICATION_BYTES + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length).catch(() => {
        throw usage('--secret-file cannot be read.')
      })
      if (bytesRead === 0) break
      length += bytesRead
    }
    if (length > MAX_APPLICATION_BYTES) throw refusalOf('payload_too_large')
    return Uint8Array.from(buffer.subarray(0, length))
  } finally {
    await file.close()
  }
}

/** The file's bytes; without a file, an Ed25519 private key as OpenSSL would write it. Throws a Refusal. */
export const takeKey = async ({ secretFile }: Options): Promise<Key> => {
  if (secretFile !== null) return { name: 'the file given', bytes: await readKey(secretFile) }
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  return { name: 'an Ed25519 private key', bytes: new TextEncoder().encode(pem as string) }
}

/** Where a path leads, as far as it exists. */
const placeOf = async (path: string): Promise<string> =>
  realpath(path).catch(async () =>
    join(await realpath(dirname(resolve(path))).catch(() => dirname(resolve(path))), basename(path)),
  )

/** Refuses paths that would cost somebody a file, before anything is written. */
export const checkPaths = async ({ secretFile, out, record }: Options): Promise<void> => {
  const given = [secretFile, out, record].filter((path) => path !== null)
  const places = await Promise.all(given.map(placeOf))
  if (new Set(places).size < places.length)
    throw usage('--secret-file, --out and --record must be different files.')
  if (out === null) return
  const found = await lstat(out).catch(() => null)
  if (found !== null && !found.isFile()) throw usage('--out exists and is not a plain file.')
  await access(dirname(resolve(out)), constants.W_OK | constants.X_OK).catch(() => {
    throw usage('The folder of --out does not exist, or cannot be written to.')
  })
}

/** Writes the recovered key, mode 0600: whole, or not at all. */
export const writeKey = async (path: string, bytes: Uint8Array): Promise<void> => {
  const temporary = `${path}.${randomBytes(4).toString('hex')}`
  try {
    const file = await open(temporary, 'wx', 0o600)
    await file.writeFile(bytes).finally(() => file.close())
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
