/**
 * README's story, run as it stands: its TypeScript blocks are one script, and a real service answers.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { examplesIn } from '../support/examples.ts'
import { TEST_APP, type TestService, signTicket, startService } from '../support/service.ts'

type TicketRequest = Parameters<typeof signTicket>[0]

let service: TestService
let folder: string

beforeAll(async () => {
  service = await startService()
  folder = await mkdtemp(join(tmpdir(), 'holdfast-readme-'))
})

afterAll(async () => {
  await service.close()
  await rm(folder, { recursive: true, force: true })
})

interface Story {
  readonly shown: readonly string[]
  readonly recovered: { readonly liars: readonly number[] }
}

it('the examples of README run, one after the other, and the payload comes back', async () => {
  const code = examplesIn('README.md')
  expect(code.length).toBeGreaterThanOrEqual(5)
  const script = code.join('\n')
  const imports = script.match(/^import .*$/gm) ?? []
  const body = script.replaceAll(/^import .*$/gm, '')
  const file = join(import.meta.dirname, `readme-story.${process.pid}.generated.ts`)
  const wrapped = `${imports.join('\n')}
export const play = async ({ url, app, backend, folder, leaving, waitingSeconds, show }) => {
${body}
return recovered
}`
  const { code: javascript } = await transform(wrapped, { loader: 'ts', format: 'esm' })
  await writeFile(file, javascript)
  try {
    const { play } = (await import(file)) as { play: (world: unknown) => Promise<Story['recovered']> }
    const shown: string[] = []
    const accounts: string[] = []
    const recovered = await play({
      url: service.url,
      app: TEST_APP,
      folder,
      leaving: new AbortController(),
      waitingSeconds: 2,
      backend: {
        ticket: (request: TicketRequest) => {
          if (request.purpose === 'register') accounts.push(request.account)
          return signTicket(request)
        },
        accountOf: () => accounts[0],
      },
      show: (text: string) => shown.push(text),
    })
    expect(shown).toContain('whatever else the app wants back')
    expect(shown.filter((line) => line.startsWith('device-registered: '))).toHaveLength(1)
    expect(recovered.liars).toEqual([])
  } finally {
    await rm(file, { force: true })
  }
}, 60_000)
