import { execFile, spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { examplesIn } from '../support/examples.ts'
import { readDocument, rowsOf } from '../support/named-tests.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

let tree: string
const tsc = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...args], { encoding: 'utf8' })

/** What a strict app's compiler says of one of its files. */
const errorsIn = (file: string): string => {
  const target = ['--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023,dom', '--types', 'node']
  return tsc('--ignoreConfig', '--noEmit', '--strict', ...target, join(tree, 'app', file)).stdout
}

// The package as npm would install it into an app: built, without its sources.
beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'holdfast-package-'))
  await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
  await cp(join(ROOT, 'tsconfig.json'), join(tree, 'tsconfig.json'))
  const pack = join(tree, 'client-sdk')
  for (const part of ['package.json', 'tsconfig.json', 'src'])
    await cp(join(ROOT, 'client-sdk', part), join(pack, part), { recursive: true })
  const built = tsc('-p', pack)
  expect(built.stdout + built.stderr).toBe('')
  await rm(join(pack, 'src'), { recursive: true })
  await mkdir(join(tree, 'app/node_modules/@holdfast'), { recursive: true })
  await symlink(pack, join(tree, 'app/node_modules/@holdfast/client'))
  await writeFile(join(tree, 'app/package.json'), '{"type":"module"}')
})
afterAll(() => rm(tree, { recursive: true, force: true }))

describe('the built package', () => {
  it('has every file that its exports and imports name', async () => {
    const { exports, imports } = JSON.parse(
      await readFile(join(tree, 'client-sdk/package.json'), 'utf8'),
    ) as {
      exports: object
      imports: object
    }
    const named = JSON.stringify([exports, imports]).match(/\.\/dist\/[^"]+/g) ?? []
    expect(named.length).toBeGreaterThan(8)
    for (const file of named) await readFile(join(tree, 'client-sdk', file))
  })

  it('comes with the licence it is under, and says what it is', async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], { cwd: join(ROOT, 'client-sdk') })
    const [packed] = JSON.parse(stdout) as readonly { readonly files: readonly { readonly path: string }[] }[]
    const paths = packed?.files.map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'PROTOCOL.md']))
    const licence = (folder: string) => readFile(join(ROOT, folder, 'LICENSE'), 'utf8')
    expect(await licence('client-sdk')).toBe(await licence('.'))
  })

  it('works in plain Node, on Node’s own cryptography', async () => {
    const app = join(tree, 'app/main.mjs')
    await writeFile(
      app,
      `import { createClient, memoryStorage, account, owner, contact, requester, until, isHoldfastError } from '@holdfast/client'
       import { Secret, identityFromSeed, signMessage, verifyText } from '@holdfast/client/protocol'
       import { fileStorage } from '@holdfast/client/node'
       import { socketTransport } from '@holdfast/client/live'
       const { signing } = await identityFromSeed(Secret.random(32))
       const { body, signature } = await signMessage('cancel', { a: 1 }, signing.seed)
       const client = createClient({ url: 'http://127.0.0.1:1', app: 'a', storage: memoryStorage(), retries: 0 })
       const { keys } = await account.prepare(client)
       const failure = await account.register(client, { ticket: 't' }).catch((error) => error)
       console.log(JSON.stringify({
         verified: await verifyText('cancel', body, signature, signing.publicKey),
         keys: keys.length,
         failure: isHoldfastError(failure) && failure.code,
         parts: [owner.protect, contact.approve, requester.recover, until, fileStorage, socketTransport].map((part) => typeof part),
       }))`,
    )
    const { stdout, stderr } = await run(process.execPath, [app])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      verified: true,
      keys: 43,
      failure: 'unavailable',
      parts: Array.from({ length: 6 }, () => 'function'),
    })
  })

  it('is as small in a browser as its sources, and takes the browser’s platform', async () => {
    const { outputFiles, metafile } = await build({
      stdin: { contents: `export * from '@holdfast/client'`, resolveDir: join(tree, 'app') },
      bundle: true,
      minify: true,
      splitting: true,
      metafile: true,
      write: false,
      outdir: 'out',
      format: 'esm',
      platform: 'browser',
    })
    const inputs = Object.keys(metafile.inputs)
    expect(inputs.some((path) => path.endsWith('dist/platform/web.js'))).toBe(true)
    expect(inputs.some((path) => path.endsWith('dist/platform/node.js'))).toBe(false)
    const bytes = outputFiles
      .filter(({ path }) => !path.includes('noble-curves'))
      .reduce((sum, { text }) => sum + gzipSync(text, { level: 9 }).length, 0)
    expect(bytes).toBeLessThanOrEqual(45 * 1024)
  })

  it('tells an app’s TypeScript what everything is', async () => {
    const app = (name: string, text: string) => writeFile(join(tree, 'app', name), text)
    await app(
      'good.ts',
      `import { createClient, memoryStorage, owner, type Client } from '@holdfast/client'
       import { fileStorage } from '@holdfast/client/node'
       import { socketTransport } from '@holdfast/client/live'
       import { type BodyOf, OPERATIONS } from '@holdfast/client/protocol'
       const client: Client = createClient({ url: '', app: '', storage: fileStorage('x') })
       export const done: Promise<{ readonly epoch: number }> = owner.protect(client, { threshold: 2 })
       export const body: BodyOf<'createChallenge'> = { account: '' }
       export const path: string = OPERATIONS.veto.path
       export const all = [memoryStorage, socketTransport]`,
    )
    await app(
      'bad.ts',
      `import { createClient, memoryStorage, owner } from '@holdfast/client'
       const client = createClient({ url: '', app: '', storage: memoryStorage() })
       void owner.protect(client, { threshold: '2' })
       void client.call('createChallenge', { body: { acount: '' } })`,
    )
    await app(
      'readme.ts',
      `${examplesIn('client-sdk/README.md').join('\n')}
       declare const backend: { ticket(request: account.TicketRequest): Promise<string> }
       export const shown: readonly string[] = [link, ...circle.warnings.map(({ text }) => text)]`,
    )
    expect(errorsIn('good.ts')).toBe('')
    expect(errorsIn('readme.ts')).toBe('')
    expect(errorsIn('bad.ts').match(/error TS\d+/g)).toHaveLength(2)
  })

  it('takes the story of the service’s README from an app that is strict about types', async () => {
    await writeFile(
      join(tree, 'app/story.ts'),
      `${examplesIn('README.md').join('\n')}
       declare const backend: {
         ticket(request: account.TicketRequest): Promise<string>
         accountOf(person: string): Promise<string>
       }
       declare const [url, app, folder]: readonly [string, string, string]
       declare const waitingSeconds: number
       declare const leaving: AbortController
       declare const show: (text: string) => void
       export const seed: Uint8Array = recovered.seed.expose()`,
    )
    expect(errorsIn('story.ts')).toBe('')
  })

  it('has every entry in its README’s table, and nothing else', () => {
    const { exports } = JSON.parse(readDocument('client-sdk/package.json')) as { readonly exports: object }
    const entries = Object.keys(exports).map((path) => `\`@holdfast/client${path.slice(1)}\``)
    expect(rowsOf(readDocument('client-sdk/README.md')).map(([entry]) => entry)).toEqual(
      expect.arrayContaining(entries),
    )
    expect(rowsOf(readDocument('client-sdk/README.md'))).toHaveLength(entries.length)
  })
})
