/**
 * Builds the pages that the service serves itself, for browsers: scripts are bundled, everything else is copied.
 *
 *   node src/operate/build-pages.mjs [folder]      dist/web unless given
 */
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const folder = process.argv[2] ?? join(ROOT, 'dist', 'web')
const from = join(ROOT, 'src', 'web', 'stop')
const to = join(folder, 'stop')

mkdirSync(to, { recursive: true })
await build({
  entryPoints: { stop: join(from, 'main.ts') },
  outdir: to,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  conditions: ['holdfast-source'],
  chunkNames: '[name]-[hash]',
  logLevel: 'warning',
})
for (const name of ['index.html', 'stop.css']) copyFileSync(join(from, name), join(to, name))
