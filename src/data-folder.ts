/**
 * The data folder of the embedded service: what lies where, and the secrets that development keeps in it.
 */
import { generateKeyPairSync } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret, fromBase64url, randomBytes, toBase64url } from '@holdfast/client/protocol'
import type { App } from './config-apps.ts'

export interface DataPaths {
  readonly records: string
  /** Keys of release factors. Backed up apart from the records, and kept for a shorter time. */
  readonly keys: string
  /** Disposable. */
  readonly queue: string
  readonly noticesLog: string
  /** Development only: see fail-points.ts. */
  readonly failPoints: string
}

export const dataPaths = (folder: string): DataPaths => ({
  records: join(folder, 'records'),
  keys: join(folder, 'keys'),
  queue: join(folder, 'queue'),
  noticesLog: join(folder, 'notices.jsonl'),
  failPoints: join(folder, 'fail-points'),
})

/** The file's text, made by `make` (mode 0600) where there is none. Of two that make it at once, the first one's counts. */
const readOrMake = async (file: string, make: () => string): Promise<string> => {
  const read = () => readFile(file, 'utf8')
  try {
    return await read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  await writeFile(file, make(), { mode: 0o600, flag: 'wx', flush: true })
  return read()
}

/** Development only: 32 bytes that lie in the data folder, beside what they protect. */
export const developmentKey = async (folder: string): Promise<Secret> => {
  const text = await readOrMake(join(folder, 'development-master-key'), () => toBase64url(randomBytes(32)))
  const bytes = fromBase64url(text.trim())
  if (bytes?.length !== 32) throw new Error('The file development-master-key in the data folder is damaged.')
  return Secret.of(bytes)
}

export const DEVELOPMENT_APP = 'development'

/** Development only: an app whose ticket key lies in the data folder, so that one can try things out. */
export const developmentApp = async (folder: string): Promise<App> => {
  const text = await readOrMake(join(folder, 'development-app.json'), () => {
    const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
    return `${JSON.stringify({ app: DEVELOPMENT_APP, privateKey: jwk }, null, 2)}\n`
  })
  const { privateKey } = JSON.parse(text) as { readonly privateKey: { readonly x: string } }
  return { app: DEVELOPMENT_APP, ticketKey: privateKey.x }
}
