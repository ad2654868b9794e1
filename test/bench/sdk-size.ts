/**
 * What a browser loads of the SDK, minified and gzipped: the entry without the socket client, and what comes only where the
 * browser lacks Ed25519 or X25519.
 */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { ROOT } from './built.ts'

export interface SizeFigures {
  /** Bytes gzipped, at once and on demand. */
  readonly entry: number
  readonly onDemand: number
}

export const measureSize = async (): Promise<SizeFigures> => {
  const { metafile, outputFiles } = await build({
    entryPoints: [join(ROOT, 'client-sdk', 'dist', 'index.js')],
    absWorkingDir: ROOT,
    outdir: 'out',
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  })
  const { outputs } = metafile
  const atOnce = new Set(
    Object.keys(outputs).filter((path) => outputs[path]?.entryPoint?.endsWith('/index.js')),
  )
  // A set that grows while it is walked: everything that the entry imports, and what that imports.
  for (const path of atOnce)
    for (const { kind, path: next } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement') atOnce.add(next)
  let [entry, onDemand] = [0, 0]
  for (const { path, contents } of outputFiles) {
    const bytes = gzipSync(contents, { level: 9 }).length
    if ([...atOnce].some((known) => path.replaceAll('\\', '/').endsWith(`/${known}`))) entry += bytes
    else onDemand += bytes
  }
  return { entry, onDemand }
}
