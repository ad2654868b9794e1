/** What comes with the stop page: nothing from elsewhere, in nobody's frame, and no other file. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestService, startService } from '../support/service.ts'

let folder: string
let service: TestService
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-pages-'))
  const script = fileURLToPath(new URL('../../src/operate/build-pages.mjs', import.meta.url))
  expect(spawnSync(process.execPath, [script, folder]).stderr.toString()).toBe('')
  service = await startService({ queue: 'none', stopPageFolder: join(folder, 'stop') })
})
afterAll(async () => {
  await service.close()
  await rm(folder, { recursive: true, force: true })
})

it('lets nothing in from elsewhere, and is in nobody’s frame or index', async () => {
  for (const path of ['/stop', '/stop/stop.js', '/stop/stop.css']) {
    const { headers, status } = await fetch(`${service.url}${path}`)
    expect(status).toBe(200)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(policy).toContain("frame-ancestors 'none'")
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  }
  const html = await (await fetch(`${service.url}/stop`)).text()
  expect(html).not.toMatch(/<script(?![^>]*src="\/stop\/)|style=|https?:\/\//)
  for (const path of ['/stop/', '/stop/../package.json', '/stop/index.html', '/Stop'])
    expect((await fetch(`${service.url}${path}`)).status).toBe(404)
})
