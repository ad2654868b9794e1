/**
 * Once per run of vitest: a file in which every asserted (operation, outcome) is written down, for test/meta/outcomes.test.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const setup = (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-outcomes-'))
  const file = join(folder, 'outcomes')
  writeFileSync(file, '')
  process.env['HOLDFAST_OUTCOMES_FILE'] = file
  return () => rmSync(folder, { recursive: true, force: true })
}
