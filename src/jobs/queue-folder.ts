/**
 * The folder of the queue's own database. It holds nothing that the records do not know better: whatever is wrong with it,
 * it is put aside and made anew.
 */
import { dataDir } from '@electric-sql/pglite-prepopulatedfs'
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { unpackTar } from './unpack-tar.ts'

/** Broken folders kept for a look: each is about 40 MB. */
const KEPT_ASIDE = 2

/**
 * Makes `folder` an empty, initialised Postgres if it does not exist or is empty. Unpacked beside it and renamed, so that a
 * process killed halfway leaves no half folder. Starting from the prepared one spares initdb: 3 s and 0.5 GB. Throws if the
 * folder holds something that is no Postgres: PGlite would run initdb in it.
 */
export const prepareFolder = async (folder: string): Promise<void> => {
  if (existsSync(join(folder, 'PG_VERSION'))) return
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new Error('not a database folder')
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  const packed = Buffer.from(await (await dataDir()).arrayBuffer())
  await unpackTar(Readable.from([packed]).pipe(createGunzip({ chunkSize: 2 ** 18 })), unfinished)
  renameSync(unfinished, folder)
}

/** Renames `folder` to `<folder>.broken-<now>` and removes all but the latest two such. Returns the new name. */
export const setAside = (folder: string, now: number): string => {
  const aside = `${folder}.broken-${now}`
  if (existsSync(folder)) renameSync(folder, aside)
  const prefix = `${basename(folder)}.broken-`
  const older = readdirSync(dirname(folder))
    .filter((name) => name.startsWith(prefix))
    .toSorted((a, b) => Number(b.slice(prefix.length)) - Number(a.slice(prefix.length)))
    .slice(KEPT_ASIDE)
  for (const name of older) rmSync(join(dirname(folder), name), { recursive: true, force: true })
  return aside
}
