import { execFile } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const COUNT = 20_000
const platform = fileURLToPath(new URL('../../client-sdk/src/platform/node.ts', import.meta.url))
const program = `
const { platform } = await import(${JSON.stringify(pathToFileURL(platform).href)})
for (let i = 0; i < ${COUNT}; i += 1) await (await platform.newSealingKey()).agree(new Uint8Array(32).fill(9))
process.stdout.write('done')
`

// In a process of its own: what stood still here once (Node 20, keys of generateKeyPairSync) takes the whole process with it.
it(`makes ${COUNT} one-use keys under constant garbage collection without standing still`, async () => {
  const flags = ['--max-semi-space-size=1', '--import', 'tsx', '--conditions', 'holdfast-source']
  const child = promisify(execFile)(process.execPath, [...flags, '--input-type=module', '-e', program], {
    timeout: 25_000,
    killSignal: 'SIGKILL',
  })
  expect((await child).stdout).toBe('done')
})
