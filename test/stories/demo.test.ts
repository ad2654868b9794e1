/**
 * The demo as a person runs it: a process of its own, built, with flags and files.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Result } from '../../src/demo/result.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'holdfast-demo-test-'))
/** Where the demo puts what it does not keep. */
const temporary = join(folder, 'temporary')
const at = (name: string): string => join(folder, name)

const hasSshKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined

interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `whenTold`: called once, as soon as the story has got to the first live events. */
const run = (
  entry: readonly string[],
  args: readonly string[],
  whenTold?: (child: ChildProcess) => void,
): Promise<Run> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [...entry, ...args], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR: temporary, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = { stdout: '', stderr: '' }
    let told = false
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].on('data', (chunk: Buffer) => {
        said[stream] += chunk.toString()
        if (told || !said.stdout.includes('Told at once')) return
        told = true
        whenTold?.(child)
      })
    child.on('close', (code) => resolve({ code, ...said }))
  })

/** Built once, before: nothing is built while a story is told. */
const demo = (args: readonly string[], whenTold?: (child: ChildProcess) => void): Promise<Run> =>
  run(['dist/src/demo/main.js'], args, whenTold)
const SETUP = 'src/operate/with-setup.mjs'

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''

const makeKey = (path: string): void => {
  if (!hasSshKeygen) writeFileSync(path, randomBytes(400), { mode: 0o600 })
  else spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'demo', '-f', path])
}

/** How a secret could stand in a text: hex, and base64 or base64url at each of the three offsets. */
const formsOf = (secret: Uint8Array): readonly string[] =>
  [0, 1, 2]
    .flatMap((skip) => {
      const whole = secret.subarray(skip, skip + Math.floor((secret.length - skip) / 3) * 3)
      return [Buffer.from(whole).toString('base64'), Buffer.from(whole).toString('base64url')]
    })
    .concat(Buffer.from(secret).toString('hex'))

/** Every value of these names in the devices' files: what must never have left a device. */
const deviceSecrets = (devices: string): readonly Uint8Array[] =>
  readdirSync(devices).flatMap((name) => {
    const text = readFileSync(join(devices, name), 'utf8').replaceAll('\\"', '"')
    const found = [...text.matchAll(/"(?:seed|deviceSeed|requesterSeed|payload)":"([A-Za-z0-9_-]+)"/g)]
    return found.map(([, value = '']) => Buffer.from(value, 'base64url'))
  })

const leaks = (text: string, secrets: readonly Uint8Array[]): number =>
  secrets.flatMap(formsOf).filter((form) => text.includes(form)).length

beforeAll(async () => {
  mkdirSync(temporary)
  expect(await run([SETUP, 'build'], [])).toMatchObject({ code: 0 })
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('npm run demo', () => {
  it('tells the story line by line where there is no terminal, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await demo([])
    expect(stderr).toBe('')
    expect(lastLine(stdout)).toBe('recovered: yes')
    expect(code).toBe(0)
    const told = stdout.replaceAll(/\s+/g, ' ')
    const beats = [
      'The circle is active.',
      'Told at once: Noor after',
      'This may be an impostor',
      'Noor vetoes: vetoed.',
      'no device holds the key now',
      'Anna approves: 1 of 3',
      'Chloe approves: 3 of 3',
      'The waiting period ends in',
      'The share of contact 3 is false, and the new phone says so. That is Chloe.',
      'Dan approves, in place of Chloe',
      'It is the same byte for byte, and so is the identity seed.',
      'a new circle, perhaps without Chloe',
    ]
    expect(beats.filter((beat) => !told.includes(beat))).toEqual([])
    expect(beats.map((beat) => told.indexOf(beat))).toEqual(
      beats.map((beat) => told.indexOf(beat)).toSorted((a, b) => a - b),
    )
    // oxlint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\r\u001B]/)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(readdirSync(temporary)).toEqual([])
  }, 120_000)

  describe(`with ${hasSshKeygen ? 'a key by ssh-keygen' : 'random bytes (there is no ssh-keygen here)'}`, () => {
    let ran: Run
    let result: Result
    beforeAll(async () => {
      makeKey(at('key'))
      ran = await demo([
        ...['--secret-file', at('key'), '--out', at('out'), '--record', at('record')],
        ...['--data-dir', at('kept'), '--waiting-period=1s', '--json'],
      ])
      result = JSON.parse(ran.stdout) as Result
    }, 120_000)

    it('gives it back byte for byte, for nobody but its owner to read', () => {
      expect(ran.code).toBe(0)
      expect(readFileSync(at('out')).equals(readFileSync(at('key')))).toBe(true)
      expect(statSync(at('out')).mode & 0o777).toBe(0o600)
    })

    it('prints one machine-readable result, and the story to stderr', () => {
      expect(ran.stdout.trimEnd().split('\n')).toHaveLength(1)
      expect(lastLine(ran.stderr)).toBe('recovered: yes')
      expect(result).toMatchObject({
        recovered: true,
        contacts: 5,
        threshold: 3,
        waitingSeconds: 1,
        veto: 'vetoed',
        liars: [{ slot: 3, name: 'Chloe' }],
      })
      expect(result.states.thief).toEqual(['collecting', 'vetoed'])
      // Two that come in one moment are told in either order.
      expect(result.states.owner.toSorted()).toEqual([
        'collecting',
        'completed',
        'releasable',
        'released',
        'waiting',
      ])
      expect(result.key.recoveredSha256).toBe(result.key.sha256)
      expect(result.steps.map(({ name }) => name)).toEqual(
        'start meet protect thief loss codes wait compare'.split(' '),
      )
      const wait = result.steps.find(({ name }) => name === 'wait')?.ms ?? 0
      expect(wait).toBeGreaterThanOrEqual(900)
      expect(result.totalMs).toBeGreaterThan(result.steps.reduce((sum, { ms }) => sum + ms, 0) - 10)
    })

    it('keeps its data where it was told to, and nothing elsewhere', () => {
      expect(readdirSync(at('kept')).toSorted()).toEqual(['devices', 'service', 'service.log'])
      const devices = readdirSync(at('kept/devices'))
      expect(devices).toContain('noor-new.json')
      // The phone in the lake.
      expect(devices).not.toContain('noor.json')
      expect(readdirSync(temporary)).toEqual([])
    })

    it('records bodies and frames, and no secret in them', () => {
      const text = readFileSync(at('record'), 'utf8')
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      const count = (fields: Record<string, unknown>): number =>
        lines.filter((line) => Object.entries(fields).every(([name, value]) => line[name] === value)).length
      expect(count({ kind: 'request', method: 'POST' })).toBeGreaterThan(40)
      expect(count({ kind: 'response' })).toBe(count({ kind: 'request' }))
      expect(count({ kind: 'frame', direction: 'sent' })).toBeGreaterThan(6)
      expect(text).toContain('42[\\"changed\\",{\\"event\\":\\"recovery-opened\\"')

      const secrets = [readFileSync(at('key')), ...deviceSecrets(at('kept/devices'))]
      expect(secrets.length).toBeGreaterThan(14)
      expect(leaks(text, secrets)).toBe(0)
      // The same search finds each of them where it does stand.
      for (const secret of secrets)
        for (const form of formsOf(secret)) expect(leaks(`…${form}…`, [secret])).toBeGreaterThan(0)
      const codes = [...ran.stderr.matchAll(/reads (?:out|back) +(\d{3}) (\d{3})/g)].map(
        ([, a, b]) => `${a}${b}`,
      )
      expect(codes).toHaveLength(8)
      expect(codes.filter((code) => new RegExp(`(?<![\\w-])${code}(?![\\w-])`).test(text))).toEqual([])
    })

    it('does not begin where something is already', async () => {
      const before = readFileSync(at('kept/service.log'), 'utf8')
      const again = await demo(['--data-dir', at('kept')])
      expect(again).toMatchObject({ code: 2, stdout: '' })
      expect(again.stderr).toContain('--data-dir must be an empty folder')
      expect(readFileSync(at('kept/service.log'), 'utf8')).toBe(before)
    })
  })

  it('gives back 64 KiB through two of two, and says why nobody lies then', async () => {
    writeFileSync(at('large'), randomBytes(65_536))
    const flags = ['--contacts', '2', '--threshold', '2', '--waiting-period', '1s']
    const { code, stdout } = await demo([...flags, '--secret-file', at('large'), '--out', at('large-out')])
    expect(code).toBe(0)
    expect(lastLine(stdout)).toBe('recovered: yes')
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('All 2 are needed, so nobody could stand in for a liar')
    expect(readFileSync(at('large-out')).equals(readFileSync(at('large')))).toBe(true)
  }, 120_000)

  it('ends at Ctrl-C, which npm sends twice, and leaves nothing behind', async () => {
    const { code, stdout } = await demo([], (child) => {
      child.kill('SIGINT')
      setTimeout(() => child.kill('SIGINT'), 20)
    })
    expect(code).toBe(130)
    expect(stdout).toContain('Interrupted. Nothing is left running.')
    expect(lastLine(stdout)).toBe('recovered: no')
    expect(readdirSync(temporary)).toEqual([])
  }, 120_000)

  it('ends when nobody listens any more, and leaves nothing behind', async () => {
    const { code } = await demo([], (child) => child.stdout?.destroy())
    expect(code).toBe(130)
    expect(readdirSync(temporary)).toEqual([])
  }, 120_000)

  it('refuses a larger file before anything is written', async () => {
    writeFileSync(at('too-large'), randomBytes(65_537))
    const paths = { '--out': at('o'), '--record': at('r'), '--data-dir': at('d') }
    const flags = ['--secret-file', at('too-large'), ...Object.entries(paths).flat(), '--json']
    const { code, stdout, stderr } = await demo(flags)
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ recovered: false, error: { code: 'payload_too_large' } })
    expect(stderr).toContain('payload_too_large: The backup holds at most 64 KiB beside the key.')
    expect(Object.values(paths).filter((path) => existsSync(path))).toEqual([])
  })

  it('says what is wrong with a flag, and how to go on', async () => {
    const { code, stdout, stderr } = await demo(['--nope'])
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('usage: There is no flag --nope.\nSee: npm run demo -- --help\n')
    // As npm calls it.
    const help = await run([SETUP, 'demo'], ['--help'])
    expect(help.code).toBe(0)
    expect(help.stdout).toContain('--secret-file F')
  })
})
