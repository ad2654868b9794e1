import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { browserBundle } from '../support/code-paths.ts'

/** The whole SDK without the socket client, minified and compressed. */
const BUDGET = 45 * 1024

const compressed = (text: string): number => gzipSync(text, { level: 9 }).length
const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`

it('a browser loads at most 45 KB of the SDK, and noble’s curves only where it has none of its own', async () => {
  const files = await browserBundle(`export * from './client-sdk/src/index.ts'`)
  const atOnce = files.filter(({ onDemand }) => !onDemand)
  const later = files.filter(({ onDemand }) => onDemand)
  const sum = (some: typeof files) => some.reduce((bytes, { text }) => bytes + compressed(text), 0)
  console.log(
    `SDK in browsers: ${kilobytes(sum(atOnce))} at once, ${kilobytes(sum(later))} more only without WebCrypto’s curves, ` +
      `${kilobytes(sum(files))} in all`,
  )
  expect(sum(atOnce)).toBeLessThanOrEqual(BUDGET)
  expect(sum(files)).toBeLessThanOrEqual(BUDGET + 12 * 1024)

  const inputs = atOnce.flatMap((file) => file.inputs)
  for (const part of ['socket.io', 'zod', '@noble/curves', 'operations', 'storage/file', 'platform/node'])
    expect(inputs.filter((path) => path.includes(part))).toEqual([])
  expect(later.flatMap((file) => file.inputs).some((path) => path.includes('@noble/curves'))).toBe(true)
  const text = files.map((file) => file.text).join('\n')
  expect(text).not.toMatch(/\brequire\(|from\s*"node:|\bBuffer\b|\bprocess\.|\bnew Function\b|\beval\(/)
  // Summaries of operations are for the OpenAPI document.
  expect(text).not.toContain('Propose the first or a later epoch')
})
