/**
 * `npm run bench` and, with `scaled-main` as the first argument, `npm run bench:service`: bundles the bench into `dist/bench`, packages and the built service left as they are, and runs it there as
 * plain JavaScript, so that no loader stands in what is measured.
 */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..')
const outdir = join(root, 'dist', 'bench')

await build({
  entryPoints: ['main.ts', 'scaled-main.ts', 'bare-server.ts', 'load.ts'].map((file) => join(here, file)),
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
})

// Paths on the command line are meant from where the command was given.
const [first, ...others] = process.argv.slice(2)
const [entry, rest] = first === 'scaled-main' ? [first, others] : ['main', process.argv.slice(2)]
const args = ['--expose-gc', join(outdir, `${entry}.js`), ...rest]
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
process.exitCode = status ?? 1
