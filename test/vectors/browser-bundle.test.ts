import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { browserBundle } from '../support/code-paths.ts'

const files = await browserBundle()
const gzipped = (onDemand: boolean): number =>
  files
    .filter((file) => file.onDemand === onDemand)
    .reduce((sum, { text }) => sum + gzipSync(text, { level: 9 }).length, 0)
const sources = (onDemand: boolean): string[] =>
  files
    .filter((file) => file.onDemand === onDemand)
    .flatMap(({ inputs }) => inputs)
    .flatMap((path) => /client-sdk\/src\/platform\/(.+)$/.exec(path)?.[1] ?? [])
    .sort()

describe('what a browser loads of the protocol', () => {
  it('is the WebCrypto platform and nothing of Node', () => {
    expect(sources(false)).toEqual([
      'active.ts',
      'hkdf.ts',
      'hpke.ts',
      'noble-symmetric.ts',
      'subgroup.ts',
      'web-curves.ts',
      'web.ts',
    ])
    for (const { text } of files) expect(text).not.toMatch(/\brequire\(|from\s*"node:|\bBuffer\b/)
  })

  it("has noble's curves in a file of its own, for browsers that lack Ed25519 or X25519", () => {
    expect(sources(true)).toEqual(['noble-curves.ts'])
  })

  it(`leaves room for the rest of the SDK: ${gzipped(false)} bytes at once, ${gzipped(true)} on demand`, () => {
    expect(gzipped(false)).toBeLessThan(23 * 1024)
  })
})
