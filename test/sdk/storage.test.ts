import { type Storage, memoryStorage } from '@holdfast/client'
import { fileStorage } from '@holdfast/client/node'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { changeRecord, readRecord } from '../../client-sdk/src/device-state.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-storage-'))
  path = join(folder, 'device', 'state.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const coded = (code: string) => expect.objectContaining({ code })
const modeOf = async (file: string): Promise<string> => ((await stat(file)).mode & 0o777).toString(8)

describe.each<[string, () => Storage]>([
  ['memory', memoryStorage],
  ['file', () => fileStorage(path)],
])('%s', (_, open) => {
  it('gives back what was last set, whatever the key', async () => {
    const storage = open()
    expect(await storage.get('a')).toBeNull()
    await storage.set('a', '1')
    await storage.set('a', '2')
    await storage.set('__proto__', 'x')
    await storage.set('', 'ü "\u0000\u2028')
    expect(await storage.get('a')).toBe('2')
    expect(await storage.get('__proto__')).toBe('x')
    expect(await storage.get('')).toBe('ü "\u0000\u2028')
    expect(await storage.get('constructor')).toBeNull()
    await storage.delete('a')
    await storage.delete('a')
    expect(await storage.get('a')).toBeNull()
    expect(await storage.get('__proto__')).toBe('x')
  })

  it('loses none of many sets at one time', async () => {
    const storage = open()
    const keys = Array.from({ length: 100 }, (__, i) => `key ${i}`)
    await Promise.all(keys.map((key) => storage.set(key, key)))
    expect(await Promise.all(keys.map((key) => storage.get(key)))).toEqual(keys)
  })

  it('counts every one of many changes of a record at one time', async () => {
    const storage = open()
    const count = () =>
      changeRecord(storage, 'circle', async (own) => {
        const highestEpoch = (own?.highestEpoch ?? 0) + 1
        await new Promise((resolve) => setTimeout(resolve, 1))
        return { activeEpoch: 0, highestEpoch }
      })
    const numbers = await Promise.all(Array.from({ length: 30 }, count))
    expect(new Set(numbers.map(({ highestEpoch }) => highestEpoch)).size).toBe(30)
    expect((await readRecord(storage, 'circle'))?.highestEpoch).toBe(30)
  })

  it('a change that fails changes nothing, and holds up nobody', async () => {
    const storage = open()
    const change = (highestEpoch: number) =>
      changeRecord(storage, 'circle', () => ({ activeEpoch: 0, highestEpoch }))
    const failing = changeRecord(storage, 'circle', () => Promise.reject(new TypeError('a bug')))
    await expect(Promise.all([failing, change(7)])).rejects.toThrow('a bug')
    expect((await change(8)).highestEpoch).toBe(8)
    expect(await changeRecord(storage, 'log', (own) => own)).toBeNull()
    expect(await storage.get('log')).toBeNull()
  })
})

describe('a file', () => {
  const script = fileURLToPath(new URL('../support/storage-child.ts', import.meta.url))
  const node = [process.execPath, '--import', 'tsx', '--conditions', 'holdfast-source', script]

  it('is for its owner alone, whatever lay there before', async () => {
    const before = process.umask(0)
    try {
      await fileStorage(path).set('a', '1')
      expect(await modeOf(path)).toBe('600')
      expect(await modeOf(join(folder, 'device'))).toBe('700')
      // An older file, and what a killed process left, that others may read; and a link to somewhere else.
      await chmod(path, 0o644)
      await writeFile(`${path}.new`, 'left', { mode: 0o644 })
      await fileStorage(path).set('a', '2')
      expect(await modeOf(path)).toBe('600')
      const elsewhere = join(folder, 'elsewhere')
      await writeFile(elsewhere, 'theirs')
      await symlink(elsewhere, `${path}.new`)
      await fileStorage(path).set('a', '3')
      expect(await readFile(elsewhere, 'utf8')).toBe('theirs')
      expect(await fileStorage(path).get('a')).toBe('3')
      expect(await readdir(join(folder, 'device'))).toEqual(['state.json'])
    } finally {
      process.umask(before)
    }
  })

  it('that cannot be read is an error, and is not replaced by an empty one', async () => {
    await mkdir(join(folder, 'device'))
    for (const text of ['', '{', 'null', '[]', '{"a":1}', '"text"']) {
      await writeFile(path, text)
      await expect(fileStorage(path).get('a')).rejects.toEqual(coded('storage_failed'))
      await expect(fileStorage(path).set('a', '1')).rejects.toEqual(coded('storage_failed'))
      expect(await readFile(path, 'utf8')).toBe(text)
    }
    // Once it is mended, the same storage goes on.
    const storage = fileStorage(path)
    await expect(storage.get('a')).rejects.toEqual(coded('storage_failed'))
    await writeFile(path, '{"a":"1"}')
    expect(await storage.get('a')).toBe('1')
  })

  it('that cannot be written is an error, and what was stored still counts', async () => {
    // Not by permissions: root is refused nothing.
    await writeFile(join(folder, 'device'), 'a file where the folder should be')
    const storage = fileStorage(path)
    await expect(storage.set('a', '1')).rejects.toEqual(coded('storage_failed'))
    expect(await storage.get('a').catch((error: unknown) => error)).toEqual(coded('storage_failed'))
    await rm(join(folder, 'device'))
    await storage.set('a', '1')
    await mkdir(`${path}.new`)
    await expect(storage.set('a', '2')).rejects.toEqual(coded('storage_failed'))
    expect(await storage.get('a')).toBe('1')
    await rm(`${path}.new`, { recursive: true })
    await storage.set('a', '3')
    expect(await fileStorage(path).get('a')).toBe('3')
  })

  it('without room is an error, and what was stored still counts', async () => {
    const child = spawn('bash', ['-c', 'ulimit -f 16; exec "$@"', '-', ...node, 'grow', path])
    let [said, errors] = ['', '']
    child.stdout.on('data', (part: Buffer) => (said += part.toString()))
    child.stderr.on('data', (part: Buffer) => (errors += part.toString()))
    await once(child, 'close')
    expect(errors).toBe('')
    expect(JSON.parse(said)).toEqual({ refused: 'storage_failed', small: 'kept', large: null })
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ small: 'kept', after: 'room again' })
  })

  it('is whole after kill -9 at any moment, with everything that was said to be stored', async () => {
    const [command = '', ...args] = node
    let last = 0
    for (let round = 0; round < 5; round += 1) {
      const child = spawn(command, [...args, 'count', path], { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', (part: Buffer) => (said += part.toString()))
      await once(child.stdout, 'data')
      await new Promise((resolve) => setTimeout(resolve, 20 + round * 37))
      child.kill('SIGKILL')
      await once(child, 'close')
      last = Number(said.trim().split('\n').at(-1))
      const storage = fileStorage(path)
      expect(Number(await storage.get('count'))).toBeGreaterThanOrEqual(last)
      expect(Math.abs(Number(await storage.get('twin')) - Number(await storage.get('count')))).toBeLessThan(2)
      expect(await modeOf(path)).toBe('600')
    }
    expect(last).toBeGreaterThan(1)
  })
})
