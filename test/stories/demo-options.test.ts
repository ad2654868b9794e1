import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { HELP, type Options, readOptions } from '../../src/demo/options.ts'
import { checkPaths } from '../../src/demo/secret-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-demo-options-'))
const at = (name: string): string => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read = (line: string): Options => {
  const options = readOptions(line.split(' ').filter((word) => word !== ''))
  if (options === 'help') throw new Error('help')
  return options
}

describe('flags of the demo', () => {
  it('has the story of five as its default', () => {
    expect(read('')).toEqual({
      ...{ contacts: 5, threshold: 3, waitingSeconds: 3, json: false },
      ...{ secretFile: null, out: null, dataDir: null, record: null },
    })
  })

  it.each([
    ['--contacts 32 --threshold 32', { contacts: 32, threshold: 32 }],
    ['--contacts=2', { contacts: 2, threshold: 2 }],
    ['--waiting-period 90m', { waitingSeconds: 5400 }],
    ['--waiting-period 1440h', { waitingSeconds: 60 * 86_400 }],
    ['--secret-file a --out=--b --json', { secretFile: 'a', out: '--b', json: true }],
  ])('takes %s', (line, wanted) => {
    expect(read(line)).toMatchObject(wanted)
  })

  it.each([
    ['--contacts 33', 'too_many_contacts'],
    ['--contacts 1', 'threshold_out_of_range'],
    ['--contacts 0', 'threshold_out_of_range'],
    ['--threshold 1', 'threshold_out_of_range'],
    ['--threshold 6', 'threshold_out_of_range'],
    ['--contacts 3 --threshold 4', 'threshold_out_of_range'],
    ['--contacts three', 'usage'],
    ['--contacts 2.5', 'usage'],
    ['--contacts -5', 'usage'],
    ['--contacts', 'usage'],
    ['--contacts --json', 'usage'],
    ['--contacts 5 --contacts 5', 'usage'],
    ['--waiting-period 3', 'usage'],
    ['--waiting-period 0s', 'usage'],
    ['--waiting-period 3d', 'usage'],
    ['--waiting-period 1441h', 'usage'],
    ['--secret-file=', 'usage'],
    ['--json=yes', 'usage'],
    ['--nope', 'usage'],
    ['-j', 'usage'],
    ['five', 'usage'],
    ['--', 'usage'],
  ])('refuses %s: %s', (line, code) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ name: 'Refusal', code }))
  })

  it('never repeats a value in a refusal', () => {
    for (const line of ['--contacts hunter2', '--waiting-period hunter2', '--nope=hunter2', 'hunter2'])
      expect(() => read(line)).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
      )
  })

  it('explains every flag', () => {
    for (const flag of 'contacts threshold waiting-period secret-file out data-dir record json help'.split(
      ' ',
    ))
      expect(HELP).toContain(`  --${flag} `)
    expect(Math.max(...HELP.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })
})

describe('files of the demo', () => {
  const check = (files: Partial<Options>) => checkPaths({ ...read(''), ...files })

  it('will not write onto the key, the recording onto the result, or anything but a plain file', async () => {
    writeFileSync(at('key'), 'key')
    symlinkSync(at('key'), at('link'))
    const refused = expect.objectContaining({ name: 'Refusal', code: 'usage' })
    await expect(check({ secretFile: at('key'), out: at('key') })).rejects.toEqual(refused)
    await expect(check({ secretFile: at('key'), out: at('link') })).rejects.toEqual(refused)
    await expect(check({ secretFile: at('key'), record: at('link') })).rejects.toEqual(refused)
    await expect(check({ out: at('new'), record: at('new') })).rejects.toEqual(refused)
    await expect(check({ out: folder })).rejects.toEqual(refused)
    await expect(check({ out: at('nowhere/out') })).rejects.toEqual(refused)
    await expect(check({ secretFile: at('key'), out: at('new') })).resolves.toBeUndefined()
    expect(readFileSync(at('key'), 'utf8')).toBe('key')
  })
})
