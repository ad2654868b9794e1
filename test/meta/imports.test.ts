/**
 * No file imports what its folder may not, pure code stays pure, and nothing imports in a circle. A failure prints the edge.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync, copyFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { findForbidden, importsIn } from '../support/import-rules.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const trees: string[] = []
afterAll(() => {
  for (const tree of trees) rmSync(tree, { recursive: true, force: true })
})

/** A tree of its own, with these files. */
const planted = (files: Readonly<Record<string, string>>): string => {
  const tree = mkdtempSync(join(tmpdir(), 'holdfast-imports-'))
  trees.push(tree)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), text)
  }
  return tree
}
const foundIn = (files: Readonly<Record<string, string>>): readonly string[] =>
  findForbidden(planted(files)).found

it('finds nothing forbidden in this project', () => {
  const { files, found } = findForbidden(ROOT)
  expect(found).toEqual([])
  expect(files).toBeGreaterThan(100)
})

describe('finds what is planted', () => {
  const EMPTY = 'export {}\n'
  it.each([
    ['src/domain/a.ts', `import { readFile } from 'node:fs'`, 'src/domain/a.ts → node:fs'],
    ['src/domain/a.ts', `import type { B } from '../use-cases/b.ts'`, 'src/domain/a.ts → src/use-cases/b.ts'],
    ['src/domain/a.ts', `import * as z from 'zod/mini'`, 'src/domain/a.ts → zod/mini'],
    ['src/domain/a.ts', `import { owner } from '@holdfast/client'`, 'src/domain/a.ts → @holdfast/client'],
    ['src/domain/a.ts', `export * from '../store/s.ts'`, 'src/domain/a.ts → src/store/s.ts'],
    ['src/domain/a.ts', `const s = await import('../store/s.ts')`, 'src/domain/a.ts → src/store/s.ts'],
    ['src/domain/a.ts', `import '../store/s.ts'`, 'src/domain/a.ts → src/store/s.ts'],
    ['src/domain/a.ts', `import {\n  a,\n  b,\n} from '../store/s.ts'`, 'src/domain/a.ts → src/store/s.ts'],
    ['src/use-cases/a.ts', `import { r } from '../http/h.ts'`, 'src/use-cases/a.ts → src/http/h.ts'],
    ['src/use-cases/a.ts', `import { hash } from 'node:crypto'`, 'src/use-cases/a.ts → node:crypto'],
    ['src/http/a.ts', `import { s } from '../store/s.ts'`, 'src/http/a.ts → src/store/s.ts'],
    ['src/http/a.ts', `import { c } from '../config.ts'`, 'src/http/a.ts → src/config.ts'],
    ['src/http/a.ts', `import { c } from '../compose.ts'`, 'src/http/a.ts → src/compose.ts'],
    ['src/realtime/a.ts', `import { q } from '../jobs/j.ts'`, 'src/realtime/a.ts → src/jobs/j.ts'],
    ['workers/a.ts', `import { s } from '../src/store/s.ts'`, 'workers/a.ts → src/store/s.ts'],
    ['src/store/a.ts', `import { u } from '../use-cases/b.ts'`, 'src/store/a.ts → src/use-cases/b.ts'],
    [
      'src/http/a.ts',
      `import { p } from '../../client-sdk/src/protocol/p.ts'`,
      'src/http/a.ts → client-sdk/src/protocol/p.ts',
    ],
    [
      'client-sdk/src/protocol/a.ts',
      `import { c } from '../client.ts'`,
      'client-sdk/src/protocol/a.ts → client-sdk/src/client.ts',
    ],
    ['client-sdk/src/protocol/a.ts', `import 'node:crypto'`, 'client-sdk/src/protocol/a.ts → node:crypto'],
    ['client-sdk/src/a.ts', `import { z } from 'zod'`, 'client-sdk/src/a.ts → zod'],
    [
      'client-sdk/src/a.ts',
      `import { io } from 'socket.io-client'`,
      'client-sdk/src/a.ts → socket.io-client',
    ],
    [
      'client-sdk/src/a.ts',
      `import { d } from '../../src/domain/d.ts'`,
      'client-sdk/src/a.ts → src/domain/d.ts',
    ],
    ['src/web/a.tsx', `import { d } from '../domain/d.ts'`, 'src/web/a.tsx → src/domain/d.ts'],
    ['src/web/a.tsx', `import fs from 'node:fs'`, 'src/web/a.tsx → node:fs'],
    ['src/elsewhere/a.ts', EMPTY, 'src/elsewhere/a.ts stands in no layer'],
    ['src/domain/a.ts', `const at = Date.now()`, 'src/domain/a.ts names Date'],
    ['src/domain/a.ts', `const x = Math.random()`, 'src/domain/a.ts names Math.random'],
    [
      'client-sdk/src/protocol/a.ts',
      `setTimeout(() => {}, 1)`,
      'client-sdk/src/protocol/a.ts names setTimeout',
    ],
    [
      'client-sdk/src/protocol/a.ts',
      `crypto.getRandomValues(x)`,
      'client-sdk/src/protocol/a.ts names crypto.g',
    ],
    ['src/http/a.ts', `const port = process.env['PORT']`, 'src/http/a.ts reads process.env'],
  ])('%s: %s', (path, code, edge) => {
    const found = foundIn({ [path]: `${code}\n`, 'src/use-cases/b.ts': EMPTY })
    expect(found).toEqual([edge])
  })

  it('a circle, and who is in it', () => {
    const found = foundIn({
      'src/domain/c.ts': `import { a } from './a.ts'`,
      'src/domain/b.ts': `import { c } from './c.ts'`,
      'src/domain/a.ts': `import { b } from './b.ts'`,
    })
    expect(found).toEqual(['circle: src/domain/a.ts → src/domain/b.ts → src/domain/c.ts → src/domain/a.ts'])
  })
})

describe('leaves alone what is allowed', () => {
  it('inward edges, types where only types are allowed, and words in comments and strings', () => {
    const found = foundIn({
      'src/domain/a.ts': [
        `import type { B } from './b.ts'`,
        `import { x } from '@holdfast/client/protocol'`,
        `// never Date.now() nor import('node:fs')`,
        `/** import { a } from '../http/a.ts' */`,
        `export const why = 'process.env and Date and setTimeout'`,
      ].join('\n'),
      // Types make no circle at run time.
      'src/domain/b.ts': `import type { A } from './a.ts'`,
      'src/use-cases/u.ts': `import { a } from '../domain/a.ts'`,
      'src/http/h.ts': `import type { App } from '../config.ts'\nimport { u } from '../use-cases/u.ts'`,
      'src/config.ts': `export const port = process.env['PORT']`,
      'src/compose.ts': `import { h } from './http/h.ts'\nimport { w } from '../workers/w.ts'`,
      'workers/w.ts': `import { u } from '../src/use-cases/u.ts'`,
    })
    expect(found).toEqual([])
  })

  it('reads every form of import', () => {
    const code = `import a from 'one'
import { b, type C } from "two"
import type { D } from 'three'
import { type E, type F } from 'four'
export { g } from 'five'
export * as h from 'six'
import 'seven'
const i = await import('eight')
const bytes = Buffer.from('not this one')`
    expect(importsIn(code)).toEqual([
      { specifier: 'one', typeOnly: false },
      { specifier: 'two', typeOnly: false },
      { specifier: 'three', typeOnly: true },
      { specifier: 'four', typeOnly: true },
      { specifier: 'five', typeOnly: false },
      { specifier: 'six', typeOnly: false },
      { specifier: 'seven', typeOnly: false },
      { specifier: 'eight', typeOnly: false },
    ])
  })
})

it('the linter, too, finds what is planted', () => {
  const tree = planted({
    'src/domain/a.ts': `import { readFileSync } from 'node:fs'\nexport const a = readFileSync\n`,
    'src/domain/b.ts': `export const b = () => Date.now()\n`,
    'src/use-cases/c.ts': `import { r } from '../http/h.ts'\nexport const c = r\n`,
    'src/http/h.ts': `export const r = process.env['PORT']\n`,
    'src/config.ts': `export const port = process.env['PORT']\n`,
    'client-sdk/src/protocol/d.ts': `import { z } from 'zod'\nexport const d = z\n`,
    'client-sdk/src/protocol/e.ts': `import { f } from './f.ts'\nexport const e = () => f\n`,
    'client-sdk/src/protocol/f.ts': `import { e } from './e.ts'\nexport const f = () => e\n`,
    'client-sdk/src/protocol/good.ts': `import * as z from 'zod/mini'\nexport const good = z\n`,
    'tsconfig.json': '{}',
  })
  copyFileSync(join(ROOT, '.oxlintrc.json'), join(tree, '.oxlintrc.json'))
  const oxlint = join(ROOT, 'node_modules/oxlint/bin/oxlint')
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format=unix'], { cwd: tree, encoding: 'utf8' })
  const lines = stdout.split('\n').filter((line) => line.includes('[Error'))
  const short = lines.map((line) => line.replace(/^(.*?):\d.*\((.*)\)\]$/, '$1 $2'))
  expect([...new Set(short)].toSorted()).toEqual([
    'client-sdk/src/protocol/d.ts no-restricted-imports',
    'client-sdk/src/protocol/e.ts no-cycle',
    'client-sdk/src/protocol/f.ts no-cycle',
    'src/domain/a.ts no-restricted-imports',
    'src/domain/b.ts no-restricted-globals',
    'src/http/h.ts no-process-env',
    'src/use-cases/c.ts no-restricted-imports',
  ])
})
