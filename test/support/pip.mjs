/**
 * Python programs that tests use, each of one version in a folder of its own under the user's cache, installed with pip when first
 * asked for.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'holdfast')

/**
 * Returns the folder, to be named in PYTHONPATH. Whole or not at all: two at once, or one that is interrupted, leave nothing half
 * installed. Throws with the reason.
 */
export const installPython = (name, version) => {
  const folder = join(CACHE, `${name.toLowerCase()}-${version}`)
  if (existsSync(folder)) return folder
  mkdirSync(CACHE, { recursive: true })
  const next = `${folder}.${process.pid}`
  const place = ['--only-binary', ':all:', '--target', next]
  // Where no registry can be reached, that is known soon.
  const options = ['--quiet', '--disable-pip-version-check', '--retries', '1', '--timeout', '15', ...place]
  const pip = spawnSync('python3', ['-m', 'pip', 'install', ...options, `${name}==${version}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (pip.status !== 0) {
    rmSync(next, { recursive: true, force: true })
    throw new Error(`${name} could not be installed: ${pip.error?.message ?? pip.stderr.trim()}`)
  }
  try {
    renameSync(next, folder)
  } catch (error) {
    rmSync(next, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}
