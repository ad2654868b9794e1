/**
 * Schemathesis reads the OpenAPI document and asks for whatever it allows, and for what it does not: no answer is outside the
 * document, none is a 5xx, and nothing that asks for a session is answered without one.
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { installPython } from '../support/pip.mjs'
import { openSdkCircle } from '../support/sdk-circle.ts'
import { ask } from '../support/sdk-recovery.ts'
import { startService, type TestService } from '../support/service.ts'

const VERSION = '4.32.5'
const full = process.env['HOLDFAST_FULL'] === '1'
/** Cases per operation, beside those that cover the bounds of every value. */
const EXAMPLES = 100
// FUZZ_SEED=<n> npm run test:proofs test/api/schemathesis.test.ts
const SEED = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'allow_header_conformance',
  'ignored_auth',
]

interface Report {
  readonly operations: { readonly total: number; readonly tested: number }
  readonly test_cases: {
    readonly generated: number
    readonly with_failures: number
    readonly errored: number
  }
  readonly failures: readonly { readonly title: string; readonly operations: readonly string[] }[]
  readonly errors: readonly unknown[]
  /** What it printed. */
  readonly lines: readonly string[]
}

let service: TestService
let folder: string
beforeAll(async () => {
  if (!full) return
  folder = await mkdtemp(join(tmpdir(), 'holdfast-schemathesis-'))
  service = await startService({ queue: 'none' })
})
afterAll(async () => {
  if (!full) return
  await service.close()
  await rm(folder, { recursive: true, force: true })
})

/** Tokens of somebody with a circle and of a requester, which last for the run. */
const settings = async (): Promise<string> => {
  const circle = await openSdkCircle(service)
  const asking = await ask(service, circle.owner.account)
  const { tokens } = service.service.deps
  const lasting = async (token: string): Promise<string> => {
    const caller = await tokens.read(token, Date.now())
    if (caller === null) throw new Error('no caller')
    return (await tokens.issue(caller, Date.now() + 3_600_000)).token
  }
  return [
    '[auth.openapi.device]',
    `bearer = "${await lasting(await circle.owner.client.sessions.token('device'))}"`,
    '[auth.openapi.requester]',
    `bearer = "${await lasting(await asking.sessions.token('requester'))}"`,
    // Too long for the schema is mostly too long to be read at all.
    '[checks.negative_data_rejection]',
    'expected-statuses = [400, 401, 403, 404, 405, 413, 415, 422]',
  ].join('\n')
}

const run = async (): Promise<Report> => {
  const at = installPython('schemathesis', VERSION)
  const [config, report] = [join(folder, 'schemathesis.toml'), join(folder, 'report.json')]
  await writeFile(config, await settings())
  const options = ['--max-examples', String(EXAMPLES), '--seed', String(SEED), '--checks', CHECKS.join(',')]
  const child = spawn(
    'python3',
    [
      ...[join(at, 'bin', 'schemathesis'), '--config-file', config, 'run', `${service.url}/openapi.json`],
      ...[...options, '--phases', 'coverage,fuzzing', '--workers', '1', '--no-shrink', '--no-color'],
      // With more of them, Python 3.11 at times loses count of its own syntax trees.
      // A machine that others use as well is slow, which says nothing about the service.
      ...['--suppress-health-check', 'all'],
      ...['--report', 'json', '--report-json-path', report],
    ],
    { cwd: folder, env: { ...process.env, PYTHONPATH: at }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject))
  // Its own errors stand there in full; bodies of 64 KiB need not.
  const lines = said.split('\n').map((line) => line.slice(0, 300))
  return { ...(JSON.parse(await readFile(report, 'utf8')) as Report), lines }
}

it.skipIf(!full)(
  'schemathesis finds no answer outside the OpenAPI document, and no 5xx (skipped but in npm run test:proofs: it takes minutes)',
  async () => {
    console.info(`schemathesis ${VERSION}, seed ${SEED}`)
    const { operations, test_cases: cases, failures, errors, lines } = await run()
    const found = failures.map(({ title, operations: where }) => `${title}: ${where.join(', ')}`)
    console.info(
      `${operations.tested} operations, ${cases.generated} cases, ${cases.with_failures} with failures`,
      found,
    )
    expect(operations.tested).toBe(operations.total)
    expect(cases.generated).toBeGreaterThan(EXAMPLES * 10)
    expect(cases.errored).toBe(0)
    expect(errors, lines.join('\n')).toEqual([])
    expect(found).toEqual([])
    expect(service.lines.filter((line) => line.includes('answer_undocumented'))).toEqual([])
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
  },
  900_000,
)
