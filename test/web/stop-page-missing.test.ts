/** No process answers at an address that mails lead to without the page that they lead to. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { composeService } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { StopPageMissing } from '../../src/http/stop-page.ts'
import { newFolder } from '../support/store.ts'

const { x: ticketKey } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const removes: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const remove of removes.splice(0)) await remove()
})

const open = async (env: Readonly<Record<string, string>>) => {
  const folder = await newFolder()
  removes.push(folder.remove)
  const config = readConfig({
    HOLDFAST_MASTER_KEY: randomBytes(32).toString('base64url'),
    HOLDFAST_APPS: JSON.stringify([{ app: 'my-app', ticketKey }]),
    HOLDFAST_DATA_DIR: folder.path,
    HOLDFAST_PUBLIC_URL: 'https://holdfast.example',
    ...env,
  })
  const logged: string[] = []
  const opening = composeService(config, {
    log: (level, event) => void logged.push(`${level} ${event}`),
    queue: 'none',
    stopPageFolder: folder.path,
  })
  return { opening, logged }
}

it('in earnest it does not start', async () => {
  const { opening } = await open({})
  await expect(opening).rejects.toThrow(StopPageMissing)
})

it('in development it warns, and where nothing leads to it nobody misses it', async () => {
  for (const [env, warnings] of [
    [{ HOLDFAST_MODE: 'development' }, 1],
    [{ HOLDFAST_PUBLIC_URL: '' }, 0],
  ] as const) {
    const { opening, logged } = await open(env)
    await (await opening).close()
    expect(logged.filter((line) => line === 'warn stop_page_missing')).toHaveLength(warnings)
  }
})
