/**
 * A real Chromium with a page that runs what a browser gets of the SDK.
 */
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type BrowserContext, type Page, chromium } from 'playwright-core'

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Why there is no browser, or null. `HOLDFAST_TEST_ALL=1` makes its lack a failure: then there is never a reason to skip. */
export const whyNoBrowser: string | null =
  existsSync(CHROMIUM) || process.env['HOLDFAST_TEST_ALL'] === '1' ? null : `skipped: no ${CHROMIUM}`

export interface Browser {
  /** Where its pages come from. */
  readonly origin: string
  /** A page with the entry's exports as `sdk`. Pages of one profile share their storage. */
  page(): Promise<Page>
  context(): BrowserContext
  /** Ends the browser as a crash would, and starts it again over the same profile. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** `entry`: TypeScript that exports what the pages use. `profile`: a folder of its own. */
export const startBrowser = async (entry: string, profile: string): Promise<Browser> => {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    minify: true,
    splitting: true,
    write: false,
    outdir: '/app',
    format: 'esm',
    platform: 'browser',
    conditions: ['holdfast-source'],
  })
  const files = new Map(outputFiles.map(({ path, text }) => [path, text]))
  files.set('/app/main.js', 'import * as sdk from "./stdin.js"; globalThis.sdk = sdk')
  const server = createServer((request, response) => {
    const text = files.get(request.url ?? '')
    response.writeHead(200, {
      'content-type': text === undefined ? 'text/html' : 'text/javascript',
      // What a careful app sends: no code from strings, none from elsewhere.
      'content-security-policy': "default-src 'self'; connect-src *; require-trusted-types-for 'script'",
    })
    response.end(text ?? '<!doctype html><script type="module" src="/app/main.js"></script>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const launch = () =>
    chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      // Containers run it as root, where its sandbox does not start.
      args: ['--no-sandbox'],
    })
  let context = await launch()
  return {
    origin,
    context: () => context,
    async page() {
      const page = await context.newPage()
      await page.goto(origin)
      await page.waitForFunction('globalThis.sdk !== undefined')
      return page
    },
    async restart() {
      const cdp = await context.newCDPSession(await context.newPage())
      const closed = new Promise((resolve) => {
        context.once('close', resolve)
      })
      await Promise.all([closed, cdp.send('Browser.crash').catch(() => undefined)])
      context = await launch()
    },
    async close() {
      await context.close()
      server.closeAllConnections()
      server.close()
    },
  }
}
