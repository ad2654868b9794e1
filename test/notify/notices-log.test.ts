import { spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Notice } from '../../src/domain/account.ts'
import { openNoticesLog } from '../../src/notify/notices-log.ts'

const noticeOf = (at: number): Notice => ({
  notice: `AAAAAAAAAAAAAAAAAAAAAA.${at}.0`,
  at,
  event: 'recovery-opened',
  audience: { role: 'owner', account: 'AAAAAAAAAAAAAAAAAAAAAA' },
  recovery: null,
})
const instantsIn = (name: string): readonly number[] =>
  readFileSync(name, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { at: number }).at)
/** What a descriptor of this process leads to; an empty text where it is gone. */
const linkOf = (fd: string): string => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}

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

const isLinux = process.platform === 'linux'
it.skipIf(!isLinux)(
  `a handle that went bad is let go: the next line opens the file again${isLinux ? '' : ' (skipped: not on Linux, no list of open files)'}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-notices-'))
    const file = join(folder, 'notices.jsonl')
    const log = openNoticesLog(file)
    await log.append(noticeOf(1), 1)
    const open = readdirSync('/proc/self/fd').filter((fd) => linkOf(fd) === file)
    expect(open).toHaveLength(1)
    closeSync(Number(open[0]))
    await expect(log.append(noticeOf(2), 1)).rejects.toMatchObject({ code: 'unavailable' })
    await log.append(noticeOf(3), 1)
    expect(instantsIn(file)).toEqual([1, 3])
    await log.close()
    rmSync(folder, { recursive: true })
  },
)

it('moved away or removed, it is begun anew with the next line; closed, it opens again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-notices-'))
  const file = join(folder, 'notices.jsonl')
  const log = openNoticesLog(file)
  await log.append(noticeOf(1), 1)
  await log.append(noticeOf(2), 1)
  renameSync(file, `${file}.1`)
  await log.append(noticeOf(3), 1)
  expect([instantsIn(`${file}.1`), instantsIn(file)]).toEqual([[1, 2], [3]])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  rmSync(file)
  await Promise.all([log.append(noticeOf(4), 1), log.append(noticeOf(5), 1)])
  await log.close()
  await log.append(noticeOf(6), 1)
  expect(instantsIn(file)).toEqual([4, 5, 6])
  await log.close()
  rmSync(folder, { recursive: true })
})
