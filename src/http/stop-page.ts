/**
 * The page behind "Stop this recovery". Asking for it changes nothing, however often: which request it is about stands in the
 * address's fragment, which no server sees.
 */
import { readFile, readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { Router, type RequestHandler } from 'express'
import type { App } from '../config-apps.ts'

/** Nothing from elsewhere, no code and no style in the page itself, in nobody's frame; text never becomes markup. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

const quoted = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

/** Where the service is for one app, the page leads back to it. With several, it cannot know which one the person uses. */
const withApp = (html: string, apps: readonly App[]): string => {
  const [app, ...others] = apps
  if (app?.url === undefined || others.length > 0) return html
  const { url, name = app.app } = app
  return html
    .replace('name="app-name" content=""', () => `name="app-name" content="${quoted(name)}"`)
    .replace('name="app-url" content=""', () => `name="app-url" content="${quoted(url)}"`)
}

/** Thrown at boot: mails would lead to a page that is not there. */
export class StopPageMissing extends Error {
  override readonly name = 'StopPageMissing'
  constructor() {
    super('HOLDFAST_PUBLIC_URL is set, and the page at /stop was not built. Run npm run build.')
  }
}

export interface PageFile {
  readonly type: string
  readonly content: string
}

/** By path. Null where the page was not built. */
export const readStopPage = async (
  folder: string,
  apps: readonly App[],
): Promise<ReadonlyMap<string, PageFile> | null> => {
  const names = await readdir(folder).catch((): string[] => [])
  if (!names.includes('index.html')) return null
  const files = new Map<string, PageFile>()
  for (const name of names) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const content = await readFile(join(folder, name), 'utf8')
    if (name === 'index.html') files.set('/stop', { type, content: withApp(content, apps) })
    else files.set(`/stop/${name}`, { type, content })
  }
  return files
}

export const stopPage = (files: ReadonlyMap<string, PageFile> | null): Router => {
  const router = Router({ caseSensitive: true, strict: true })
  const serve =
    ({ type, content }: PageFile): RequestHandler =>
    (_request, response) => {
      response.setHeader('content-security-policy', POLICY)
      response.setHeader('referrer-policy', 'no-referrer')
      response.setHeader('permissions-policy', 'camera=(), geolocation=(), microphone=()')
      response.setHeader('x-robots-tag', 'noindex')
      response.type(type).send(content)
    }
  for (const [path, file] of files ?? []) router.get(path, serve(file))
  return router
}
