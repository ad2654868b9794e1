/**
 * A backup in a folder: `data.jsonl` and, written last, `manifest.json` with its hash. Without the manifest it is none, so that one
 * that was broken off cannot be taken for whole.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { readText, replaceFile } from '../durable-file.ts'
import { parseLine, type BackupLine, type BackupPart } from './lines.ts'

export type BackupEngine = 'embedded' | 'mongodb'

export interface Manifest {
  readonly format: 'holdfast-backup'
  readonly version: number
  readonly part: BackupPart
  readonly engine: BackupEngine
  /** The same in both parts that were taken together. */
  readonly set: string
  /** When it was begun, Unix ms by the machine that took it: for people. */
  readonly takenAt: number
  /** How old the records are: restore-guard.ts. 0 in a backup of keys. */
  readonly generation: number
  readonly lines: number
  readonly bytes: number
  /** Of `data.jsonl`, hex. */
  readonly sha256: string
}

export type BackupFacts = Pick<Manifest, 'part' | 'engine' | 'set' | 'generation'>

/** Raised when an older version could not restore what a newer one writes. */
const VERSION = 1
const DATA = 'data.jsonl'
const MANIFEST = 'manifest.json'
/** Written at once. */
const CHUNK = 256 * 1024

/** The folder is no whole backup, or none that this version can restore. Nothing was changed. */
export class BackupUnusable extends Error {
  override readonly name = 'BackupUnusable'
  constructor(folder: string, why: string) {
    super(`${folder} cannot be restored: ${why}. Nothing was changed.`)
  }
}

/** There is something in the folder that a backup is to go to. */
export class BackupInTheWay extends Error {
  override readonly name = 'BackupInTheWay'
  constructor(folder: string) {
    super(`${folder} is not empty. Each backup needs a folder of its own.`)
  }
}

/** Makes the folder (mode 0700), or takes an empty one. Throws {@link BackupInTheWay}. */
export const prepareFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readdir(folder)).length > 0) throw new BackupInTheWay(folder)
}

/** Writes everything that `lines` gives, durably, mode 0600, with never more than a few lines in memory. */
export const writeBackup = async (
  folder: string,
  facts: BackupFacts,
  lines: AsyncIterable<BackupLine>,
): Promise<Manifest> => {
  const takenAt = Date.now()
  const hash = createHash('sha256')
  const file = await open(join(folder, DATA), 'wx', 0o600)
  let [count, bytes, waiting] = [0, 0, '']
  const flush = async (): Promise<void> => {
    const chunk = Buffer.from(waiting)
    waiting = ''
    hash.update(chunk)
    bytes += chunk.length
    await file.writeFile(chunk)
  }
  try {
    for await (const line of lines) {
      waiting += `${JSON.stringify(line)}\n`
      count += 1
      if (waiting.length >= CHUNK) await flush()
    }
    await flush()
    await file.sync()
  } finally {
    await file.close()
  }
  const format = 'holdfast-backup'
  const sha256 = hash.digest('hex')
  const manifest: Manifest = { format, version: VERSION, ...facts, takenAt, lines: count, bytes, sha256 }
  await replaceFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
}

const readManifest = async (folder: string, part: BackupPart): Promise<Manifest> => {
  const unusable = (why: string) => new BackupUnusable(folder, why)
  const text = await readText(join(folder, MANIFEST)).catch(() => null)
  if (text === null) throw unusable('it has no manifest, so it is no whole backup')
  let manifest: Manifest
  try {
    manifest = JSON.parse(text) as Manifest
  } catch {
    throw unusable('its manifest is damaged')
  }
  if (manifest.format !== 'holdfast-backup') throw unusable('its manifest is damaged')
  if (!(manifest.version <= VERSION)) throw unusable('a newer version has written it')
  if (manifest.part !== part) throw unusable(`it holds ${String(manifest.part)}, and not ${part}`)
  return manifest
}

/**
 * The backup's manifest, once every byte of it was read and found to be as it was written. Throws {@link BackupUnusable}.
 */
export const verifyBackup = async (
  folder: string,
  part: BackupPart,
  engine: BackupEngine,
): Promise<Manifest> => {
  const manifest = await readManifest(folder, part)
  if (manifest.engine !== engine)
    throw new BackupUnusable(folder, `it comes from another engine (${String(manifest.engine)})`)
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of createReadStream(join(folder, DATA)) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytes += chunk.length
    }
  } catch {
    throw new BackupUnusable(folder, 'its data cannot be read')
  }
  if (bytes !== manifest.bytes || hash.digest('hex') !== manifest.sha256)
    throw new BackupUnusable(folder, 'its data is not what was written')
  let count = 0
  for await (const _ of readLines(folder, part)) count += 1
  if (count !== manifest.lines) throw new BackupUnusable(folder, 'its manifest counts other lines')
  return manifest
}

/** Line by line. Throws {@link BackupUnusable} at one that is not of that part. */
export async function* readLines(folder: string, part: BackupPart): AsyncGenerator<BackupLine> {
  const input = createReadStream(join(folder, DATA), 'utf8')
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    const line = parseLine(part, text)
    if (line === null) throw new BackupUnusable(folder, 'a line of it is no line of a backup')
    yield line
  }
}
