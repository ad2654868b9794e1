/**
 * What stands around the service: a store that keeps its records on the disk, and a queue; both die and come back.
 */
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'
import { installSecantus, secantusCommand } from '../support/secantus.mjs'
import { keepProcess, listens, type KeptProcess } from './kept-process.ts'

/** What is missing for the cluster, in words; null if nothing is. */
export const missingParts = (): string | null => {
  if (spawnSync('redis-server', ['--version']).status !== 0) return 'no redis-server on this machine'
  try {
    installSecantus()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export interface Part {
  readonly kept: KeptProcess
  readonly port: number
}

/**
 * SecantusDB on the disk, under `folder`. Its log reaches the system with each commit, so that what it acknowledged outlives a
 * kill of the process; a cut of the power is not tried here.
 */
export const startStore = async (folder: string): Promise<Part> => {
  const port = await freePort()
  const { command, args, env } = secantusCommand({ port, storage: join(folder, 'store') })
  const kept = await keepProcess({
    name: 'store',
    spawn: () => spawn(command, args, { env, stdio: ['pipe', 'ignore', 'ignore'] }),
    answers: () => listens(port),
  })
  return { kept, port }
}

/** `durable`: with an append-only file. */
export const startQueue = async (
  folder: string,
  { durable }: { readonly durable: boolean },
): Promise<Part> => {
  const port = await freePort()
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  const kept = await keepProcess({
    name: 'queue',
    spawn: () =>
      spawn('redis-server', [...settings, '--appendonly', durable ? 'yes' : 'no'], {
        stdio: ['ignore', 'ignore', 'ignore'],
      }),
    answers: () => listens(port),
  })
  return { kept, port }
}
