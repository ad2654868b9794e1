/**
 * Where the story is played: a real service in this process, reached over the loopback network only, and the devices' folder.
 */
import { appendFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { composeService, type Service } from '../compose.ts'
import { readConfig } from '../config.ts'
import { openLog } from '../observe/log.ts'
import { type AppBackend, openAppBackend } from './app-backend.ts'
import { Device } from './device.ts'
import type { Options } from './options.ts'
import type { Recording } from './recording.ts'
import { usage } from './refusal.ts'

/** The folder, empty. Throws a Refusal for one that holds something: a story is told from its beginning. */
const openFolder = async (dataDir: string | null): Promise<string> => {
  if (dataDir === null) return mkdtemp(join(tmpdir(), 'holdfast-demo-'))
  const folder = resolve(dataDir)
  const found = await mkdir(folder, { recursive: true, mode: 0o700 })
    .then(() => readdir(folder))
    .catch(() => {
      throw usage('--data-dir is not a folder that can be used.')
    })
  if (found.length > 0) throw usage('--data-dir must be an empty folder, or not exist yet.')
  return folder
}

/** The first back-off is a second, and one address may speak for thirty-five devices; all else is as it comes. */
const environment = (folder: string, { app, ticketKey }: AppBackend) => ({
  HOLDFAST_MODE: 'development',
  HOLDFAST_DATA_DIR: folder,
  HOLDFAST_APPS: JSON.stringify([{ app, ticketKey }]),
  HOLDFAST_BACK_OFF_SECONDS: '1',
  HOLDFAST_LIMIT_ADDRESS: '100000',
  HOST: '127.0.0.1',
  PORT: '0',
})

/** Owns the folder, the service and every device; ends them in the right order, once. */
export class Stage {
  readonly backend = openAppBackend('demo-app')
  readonly #folder: string
  readonly #isKept: boolean
  readonly #recording: Recording | null
  readonly #devices: Device[] = []
  #opening: Promise<Service> | undefined
  #closing: Promise<void> | undefined
  #url = ''

  private constructor(folder: string, isKept: boolean, recording: Recording | null) {
    this.#folder = folder
    this.#isKept = isKept
    this.#recording = recording
  }

  /** Makes the folder and, last, the recording. Throws a Refusal. */
  static async prepare({ dataDir }: Options, openRecording: () => Recording | null): Promise<Stage> {
    const folder = await openFolder(dataDir)
    try {
      return new Stage(folder, dataDir !== null, openRecording())
    } catch (error) {
      if (dataDir === null) await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** Starts the service. Resolves to its address once it listens. */
  async open(): Promise<string> {
    await mkdir(join(this.#folder, 'devices'), { mode: 0o700 })
    const logFile = join(this.#folder, 'service.log')
    const log = openLog('info', { write: (line) => appendFileSync(logFile, line, { mode: 0o600 }) })
    const config = readConfig(environment(join(this.#folder, 'service'), this.backend))
    this.#opening = composeService(config, { log })
    const { url } = await (await this.#opening).start()
    this.#url = url
    return url
  }

  /** Resolves once jobs run: from then on everyone is told at once. */
  async ready(): Promise<void> {
    await (await this.#opening)?.started()
  }

  /** A device of its own. `file`: its name in the devices' folder. */
  device(name: string, file: string): Device {
    const device = new Device({
      name,
      file: join(this.#folder, 'devices', `${file}.json`),
      url: this.#url,
      app: this.backend.app,
      fetch: this.#recording?.fetchFor(name) ?? fetch,
    })
    this.#devices.push(device)
    return device
  }

  /** Ends everything, and removes the folder unless it is to be kept. Safe to call twice, and at any moment. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (const device of this.#devices) device.turnOff()
    const service = await this.#opening?.catch(() => undefined)
    await service?.close().catch(() => undefined)
    this.#recording?.close()
    if (!this.#isKept) await rm(this.#folder, { recursive: true, force: true })
  }
}
