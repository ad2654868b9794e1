/**
 * What is measured is the built JavaScript, as it runs in earnest. Its parts that no package exports are imported by path.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The repository: two levels above this file, in `test/bench` as in `dist/bench`. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** A module of the build by its path below the root. `T`: the type of the source it was built from. */
export const builtModule = async <T>(path: string): Promise<T> =>
  (await import(pathToFileURL(join(ROOT, path)).href)) as T
