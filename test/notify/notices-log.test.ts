import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('a disk that is full in the middle of a line leaves whole lines alone, and is said to be full', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-notices-'))
  const file = join(folder, 'notices.jsonl')
  const child = ['--conditions=holdfast-source', '--import', 'tsx', 'test/support/notices-child.ts', file]
  // The shell's unit is 512 bytes in POSIX mode: 8 KiB, which no number of whole lines fills.
  const limited = ['-c', 'ulimit -f 16; exec "$0" "$@"', process.execPath, ...child]
  const { stdout, stderr } = spawnSync('/bin/sh', limited, { encoding: 'utf8' })
  expect(stderr).toBe('')
  const { number, code } = JSON.parse(stdout) as { number: number; code: string }
  expect(code).toBe('storage_full')
  const text = readFileSync(file, 'utf8')
  const lines = text.split('\n')
  expect(lines.pop()).toBe('')
  expect(lines.map((line) => (JSON.parse(line) as { at: number }).at)).toEqual([...Array(number).keys()])
  expect(number).toBeGreaterThan(10)
  rmSync(folder, { recursive: true })
})
