import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ERRORS, LABELS, SIGNED_TYPES } from '@holdfast/client/protocol'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const TEXT = readFileSync(join(ROOT, 'client-sdk/PROTOCOL.md'), 'utf8')

test('the label table of PROTOCOL.md is that of labels.ts, each label once', () => {
  const rows = [...TEXT.matchAll(/^\| `(holdfast\/v1\/[a-z0-9/-]+)` \|/gm)].map(([, label]) => label)
  const inCode = [...SIGNED_TYPES.map((type) => `holdfast/v1/${type}`), ...Object.values(LABELS)]
  expect(rows.toSorted()).toEqual(inCode.toSorted())
})

test('no label is another, or the beginning of another', () => {
  const all = [
    ...SIGNED_TYPES.map((type) => `holdfast/v1/${type}\0`),
    ...Object.values(LABELS).map((label) => `${label}\0`),
  ]
  for (const [i, one] of all.entries())
    for (const [j, other] of all.entries()) if (i !== j) expect(other.startsWith(one)).toBe(false)
})

test('every code that PROTOCOL.md names is in the table of errors', () => {
  const codes = [...TEXT.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, code]) => code ?? '')
  expect(codes.length).toBeGreaterThan(40)
  expect(codes.filter((code) => !(code in ERRORS))).toEqual([])
})

test('every state of a request stands in the diagram', () => {
  const diagram = TEXT.slice(TEXT.indexOf('stateDiagram'), TEXT.indexOf('## Codes'))
  for (const state of ['collecting', 'waiting', 'contested', 'releasable', 'released', 'completed', 'vetoed'])
    expect(diagram).toContain(state)
  for (const state of ['declined', 'cancelled', 'expired', 'superseded']) expect(diagram).toContain(state)
})

const sourcesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))

test('every section that a comment cites exists', () => {
  const titles = new Set([...TEXT.matchAll(/^##+ (.+)$/gm)].map(([, title]) => title ?? ''))
  const sources = ['client-sdk/src', 'src'].flatMap((folder) => sourcesIn(join(ROOT, folder)))
  const cited = sources.flatMap((source) =>
    [...source.matchAll(/PROTOCOL\.md(?:, "([^"]+)"| §([A-Z][a-z ]+))/g)].map(([, one, other]) =>
      (one ?? other ?? '').trim(),
    ),
  )
  expect(cited.length).toBeGreaterThan(30)
  expect(cited.filter((title) => !titles.has(title))).toEqual([])
})
