/**
 * One process per data folder.
 *
 * Every process that wants the folder listens on a Unix socket of its own in it, and then looks whether another one there
 * is listened on. The kernel stops listening for a process that dies in any way, so nothing is ever left to clean up by
 * hand; and since names are never used twice, removing a dead socket cannot hit a living one. Of two that start together,
 * the one that announced itself later always sees the other, so at most one stays. It works across containers that share
 * the folder, where process ids mean nothing, but not across machines.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'
import { join, relative } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

export interface FolderLock {
  /** Lets others in. Calling it twice changes nothing. */
  release(): Promise<void>
}

/** Thrown at boot. The message names the folder, the holder where known, and what to do. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse'
  constructor(folder: string, holder = 'Another process') {
    super(`${holder} uses the data folder ${folder}. Stop it first, or give this one a folder of its own.`)
  }
}

/** Thrown at boot: sockets do not work in this folder, so that a second process could not be noticed. */
export class FolderNotLockable extends Error {
  override readonly name = 'FolderNotLockable'
  constructor(folder: string, cause: unknown) {
    super(
      `The data folder ${folder} cannot be locked. Choose one on a local disk, with a shorter path if it is long.`,
      { cause },
    )
  }
}

/** Two that start in the same instant see each other and both step back; a random pause decides. */
const ATTEMPTS = 5
const PAUSE_MS = 150

/** Creates the folder (mode 0700) if needed and locks it. Throws {@link FolderInUse} or {@link FolderNotLockable}. */
export const lockFolder = async (folder: string): Promise<FolderLock> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = await realpath(folder)
  if (process.platform === 'win32') return lockByPipe(path)
  for (let attempt = 1; ; attempt += 1) {
    const lock = await announce(path)
    if (lock === null) {
      if (attempt === ATTEMPTS) throw new FolderInUse(path)
      await pause(Math.random() * PAUSE_MS)
      continue
    }
    const others = await othersIn(path, lock.name).catch(async (error: unknown) => {
      await lock.release()
      throw error
    })
    if (others.length === 0) return lock
    await lock.release()
    if (attempt === ATTEMPTS) throw new FolderInUse(path, `Process ${others[0]?.split('-')[1]}`)
    await pause(Math.random() * PAUSE_MS)
  }
}

const PREFIX = 'lock-'

/**
 * Listens, and only then takes the name that others look for: a name without a listener would count as dead. Null if another
 * process, starting in the same instant, saw the socket before it was listened on and cleared it away.
 */
const announce = async (path: string): Promise<(FolderLock & { readonly name: string }) | null> => {
  const name = `${PREFIX}${process.pid}-${randomBytes(12).toString('hex')}`
  const near = await openNear(path)
  try {
    const server = await listen(near.reach(`new-${name}`))
    if (!(await renamed(join(path, `new-${name}`), join(path, name)))) {
      await stop(server)
      return null
    }
    return {
      name,
      async release() {
        await rm(join(path, name), { force: true })
        await stop(server)
      },
    }
  } catch (error) {
    await rm(join(path, `new-${name}`), { force: true })
    throw new FolderNotLockable(path, error)
  } finally {
    await near.close()
  }
}

/** False if there is nothing of that name any more. */
const renamed = async (from: string, to: string): Promise<boolean> => {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** Names of other processes' sockets that are alive. Removes dead ones. */
const othersIn = async (path: string, own: string): Promise<readonly string[]> => {
  const near = await openNear(path)
  try {
    const alive: string[] = []
    for (const name of await readdir(path)) {
      const isLock = name.startsWith(PREFIX) && name !== own
      // One that died between listening and taking its name. A living one that is removed here announces itself anew.
      const isAbandoned = name.startsWith(`new-${PREFIX}`)
      if (!isLock && !isAbandoned) continue
      const listens = await isListening(near.reach(name))
      if (!listens) await rm(join(path, name), { force: true })
      else if (isLock) alive.push(name)
    }
    return alive
  } finally {
    await near.close()
  }
}

/** False only if the kernel says that nobody listens there; any other failure counts as somebody. */
const isListening = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })

/**
 * Addresses of sockets in the folder. They may have about 100 bytes only, which a data folder's path easily exceeds: on
 * Linux an open folder has a short name, elsewhere the path from the working directory may be short enough.
 */
const openNear = async (
  path: string,
): Promise<{ readonly reach: (name: string) => string; readonly close: () => Promise<void> }> => {
  if (process.platform === 'linux') {
    const folder = await open(path, 'r')
    return { reach: (name) => `/proc/self/fd/${folder.fd}/${name}`, close: () => folder.close() }
  }
  const fromHere = relative(process.cwd(), path)
  const shorter = fromHere.length < path.length ? fromHere : path
  return { reach: (name) => join(shorter, name), close: async () => undefined }
}

/** Windows keeps a pipe for whoever made it first, until that process ends. */
const lockByPipe = async (path: string): Promise<FolderLock> => {
  const name = createHash('sha256').update(path.toLowerCase()).digest('hex')
  try {
    const server = await listen(`\\\\.\\pipe\\holdfast-${name}`)
    return { release: () => stop(server) }
  } catch (error) {
    throw error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      ? new FolderInUse(path)
      : new FolderNotLockable(path, error)
  }
}

const listen = (address: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen(address, () => {
      server.off('error', reject)
      // A later fault of one connection must not end the process, nor does the lock keep it running.
      server.on('error', () => undefined)
      server.unref()
      resolve(server)
    })
  })

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
  })
