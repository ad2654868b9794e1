import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { build, type BuildOptions } from 'esbuild'
import { usePrimitives } from '../../client-sdk/src/platform/active.ts'
import { noble } from '../../client-sdk/src/platform/noble.ts'
import { platform as node } from '../../client-sdk/src/platform/node.ts'
import type { Primitives } from '../../client-sdk/src/platform/primitives.ts'
import { platform as web } from '../../client-sdk/src/platform/web.ts'
import * as payload from '../../client-sdk/src/protocol/payload.ts'
import * as sealing from '../../client-sdk/src/protocol/sealing.ts'
import { Secret } from '../../client-sdk/src/protocol/secret.ts'
import * as signing from '../../client-sdk/src/protocol/signing.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The protocol code as one path of those that ship runs it. */
export interface Protocol {
  readonly signing: typeof signing
  readonly sealing: typeof sealing
  readonly payload: typeof payload
  readonly Secret: typeof Secret
}

/** One of the code paths that ship. */
export interface CodePath {
  readonly name: string
  readonly primitives: Primitives
  /** Runs with this path's primitives in use. */
  run<T>(body: (protocol: Protocol) => Promise<T>): Promise<T>
}

const ENTRY = `
  export * as signing from './client-sdk/src/protocol/signing.ts'
  export * as sealing from './client-sdk/src/protocol/sealing.ts'
  export * as payload from './client-sdk/src/protocol/payload.ts'
  export { Secret } from './client-sdk/src/protocol/secret.ts'
  export { primitives } from './client-sdk/src/platform/active.ts'
`

/** One built file: its text, the files that went into it, and whether it is loaded only on demand. */
export interface BuiltFile {
  readonly text: string
  readonly inputs: readonly string[]
  readonly onDemand: boolean
}

/** Builds what a browser gets of the protocol, minified: what it loads at once first, then what it loads only if it must. */
export async function browserBundle(
  entry = ENTRY,
  options: Pick<BuildOptions, 'splitting' | 'define'> = { splitting: true },
): Promise<readonly BuiltFile[]> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: entry, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    ...options,
    outdir: 'browser',
    format: 'esm',
    platform: 'browser',
    conditions: ['holdfast-source'],
  })
  const outputs = metafile.outputs
  const start = Object.keys(outputs).find((name) => outputs[name]?.entryPoint === '<stdin>') ?? ''
  const atOnce = new Set([start])
  for (const name of atOnce) {
    for (const { path, kind } of outputs[name]?.imports ?? [])
      if (kind === 'import-statement') atOnce.add(path)
  }
  return Object.keys(outputs)
    .map((name) => ({
      text: outputFiles.find((file) => file.path.endsWith(name))?.text ?? '',
      inputs: Object.keys(outputs[name]?.inputs ?? {}),
      onDemand: !atOnce.has(name),
    }))
    .sort((a, b) => Number(a.onDemand) - Number(b.onDemand))
}

const loadBundle = async (name: string, define: Record<string, string>): Promise<CodePath> => {
  const [built] = await browserBundle(ENTRY, { splitting: false, define })
  const file = join(ROOT, 'node_modules', `.holdfast-bundle-${randomUUID()}.mjs`)
  await writeFile(file, built?.text ?? '')
  try {
    const loaded = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Protocol & {
      primitives(): Primitives
    }
    return { name, primitives: loaded.primitives(), run: (body) => body(loaded) }
  } finally {
    await rm(file)
  }
}

const inSource = (primitives: Primitives): CodePath => ({
  name: primitives.name,
  primitives,
  async run(body) {
    const before = usePrimitives(primitives)
    try {
      return await body({ signing, sealing, payload, Secret })
    } finally {
      usePrimitives(before)
    }
  },
})

/** noble, node:crypto, WebCrypto, and the browser bundle as esbuild makes it, here on Node's WebCrypto and without it. */
export const codePaths = async (): Promise<readonly CodePath[]> => [
  inSource(noble),
  inSource(node),
  inSource(web),
  await loadBundle('browser bundle', {}),
  // What a browser without WebCrypto's curves runs: there, `globalThis.crypto` has no `subtle`.
  await loadBundle('browser bundle on its fallback', { 'globalThis.crypto.subtle': 'undefined' }),
]
