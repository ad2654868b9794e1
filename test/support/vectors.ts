import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { describe, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The folder of the outside vectors: VECTORS_DIR, else ../shared/vectors beside the project, else null. */
export function vectorsFolder(): string | null {
  const named = process.env['VECTORS_DIR']
  const folder = named ?? join(ROOT, '../shared/vectors')
  return existsSync(folder) ? folder : null
}

/** Tests over one outside file. In a clone without it they are named as skipped, with the reason; with everything demanded, that fails. */
export function describeVectors<T>(file: string, title: string, tests: (vectors: T) => void): void {
  const folder = vectorsFolder()
  if (folder !== null) {
    describe(title, () => tests(JSON.parse(readFileSync(join(folder, file), 'utf8')) as T))
  } else if (process.env['HOLDFAST_TEST_ALL'] === '1') {
    it(`${title}: ${file}`, () => {
      throw new Error('the outside vectors are missing: set VECTORS_DIR')
    })
  } else {
    describe.skip(`${title} (skipped: no ${file}; set VECTORS_DIR)`, () =>
      it('runs over the vectors', () => undefined))
  }
}

/** Bytes of hexadecimal text. */
export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

/** Hexadecimal text of bytes. */
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
