/**
 * The stop page in a real Chromium, served by a real service: it stops what its owner wants stopped, and nothing by being
 * opened. `SCREENSHOTS` names a folder in which it leaves what it saw.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { owner, requester } from '@holdfast/client'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { CHROMIUM, whyNoBrowser } from '../support/browser.ts'
import { type SdkCircle, openSdkCircle } from '../support/sdk-circle.ts'
import { ask } from '../support/sdk-recovery.ts'
import { type TestService, startService } from '../support/service.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SCREENSHOTS = process.env['SCREENSHOTS']

/** What axe finds wrong, by rule. */
const violationsOn = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(await readFile(join(ROOT, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8'))
  const found = await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))')
  return found as readonly string[]
}

describe.skipIf(whyNoBrowser !== null)(`the stop page in Chromium ${whyNoBrowser ?? ''}`, () => {
  let folder: string
  let service: TestService
  let browser: Browser
  let circle: SdkCircle
  let vetoKey: string
  let context: BrowserContext | undefined
  /** What the page sent, addresses and bodies. */
  let sent: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-pages-'))
    const built = spawnSync(process.execPath, [join(ROOT, 'src/operate/build-pages.mjs'), folder])
    expect(built.stderr.toString()).toBe('')
    service = await startService({
      queue: 'none',
      stopPageFolder: join(folder, 'stop'),
      env: { HOLDFAST_BACK_OFF_SECONDS: '0' },
    })
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
    const { publicKey, secret } = await owner.makeVetoKey()
    vetoKey = secret
    circle = await openSdkCircle(service, { input: { vetoKey: publicKey } })
  })
  afterEach(() => context?.close())
  afterAll(async () => {
    await browser.close()
    await service.close()
    await rm(folder, { recursive: true, force: true })
  })

  const stateOf = async (recovery: string): Promise<string | undefined> =>
    (await owner.status(circle.owner.client)).recoveries.find((one) => one.recovery === recovery)?.state

  /** A request about the owner's account, and the link in the mail about it. */
  const opened = async () => {
    const { account, client } = circle.owner
    const before = new Set((await owner.status(client)).recoveries.map(({ recovery }) => recovery))
    const device = await ask(service, account)
    const { recoveries } = await owner.status(client)
    const recovery = recoveries.find((one) => !before.has(one.recovery))?.recovery ?? ''
    return { recovery, requester: device, link: `${service.url}/stop#${account}.${recovery}` }
  }

  const visit = async (
    link: string,
    options: BrowserContextOptions = {},
    isDevice = false,
  ): Promise<Page> => {
    context = await browser.newContext({ viewport: { width: 320, height: 720 }, locale: 'en-GB', ...options })
    const page = await context.newPage()
    const problems: string[] = []
    sent = []
    page.on('request', (request) =>
      sent.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`),
    )
    page.on('pageerror', (error) => problems.push(error.message))
    if (isDevice) {
      const record = await circle.owner.client.storage.get('device')
      await page.goto(`${service.url}/healthz`)
      await page.evaluate(async (value) => {
        const opening = indexedDB.open('holdfast', 1)
        opening.onupgradeneeded = () => opening.result.createObjectStore('values')
        await new Promise((resolve) => {
          opening.onsuccess = resolve
        })
        const writing = opening.result.transaction('values', 'readwrite')
        writing.objectStore('values').put(value, 'device')
        await new Promise((resolve) => {
          writing.oncomplete = resolve
        })
        opening.result.close()
      }, record)
    }
    await page.goto(link)
    await page.waitForSelector('#place:not([data-state="loading"])')
    expect(problems).toEqual([])
    return page
  }
  const at = async (page: Page, state: string): Promise<void> => {
    await page.waitForSelector(`#place[data-state="${state}"]`)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
    expect(await violationsOn(page)).toEqual([])
  }
  const shoot = async (page: Page, name: string): Promise<void> => {
    if (SCREENSHOTS !== undefined)
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true })
  }

  it('stops a request by the printed key, typed with the keyboard alone, and the key stays on the page', async () => {
    const { link, recovery } = await opened()
    const page = await visit(link)
    await at(page, 'ask')
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
    await shoot(page, 'ask-key')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.id')).toBe('key')
    // As printed: in groups.
    await page.keyboard.insertText(vetoKey.replaceAll(/(.{6})/g, '$1 '))
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await at(page, 'stopped')
    expect(await page.textContent('h1')).toBe('The recovery is stopped')
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
    await shoot(page, 'stopped')
    expect(await stateOf(recovery)).toBe('vetoed')
    const all = sent.join('\n')
    expect(all.match(/POST \S+\/v1\/vetoes/g)).toHaveLength(1)
    expect(all).not.toContain(vetoKey)
    expect(all.replaceAll(/\s/g, '')).not.toContain(vetoKey.slice(0, 12))
    expect(sent.every((one) => one.split(' ')[1]?.startsWith(service.url))).toBe(true)
    expect(await page.evaluate('document.body.innerText')).not.toContain(vetoKey.slice(0, 6))
  })

  it('stops a request by the key of this device', async () => {
    const { link, recovery } = await opened()
    const page = await visit(link, {}, true)
    await at(page, 'ask')
    expect(await page.textContent('#place')).toContain('This device holds your key')
    expect(await page.locator('textarea').count()).toBe(0)
    await shoot(page, 'ask-device')
    await page.click('button.primary')
    await at(page, 'stopped')
    expect(await stateOf(recovery)).toBe('vetoed')
    // Opened once more, it says what is true now.
    await page.reload()
    await at(page, 'stopped')
  })

  it('changes nothing by being opened, fetched ahead, or left', async () => {
    const { link, recovery } = await opened()
    for (const method of ['GET', 'HEAD']) {
      const answer = await fetch(link, { method, headers: { 'sec-purpose': 'prefetch' } })
      expect(answer.status).toBe(200)
    }
    const page = await visit(link, {}, true)
    await at(page, 'ask')
    await page.waitForTimeout(500)
    expect(sent.some((one) => one.includes('/v1/vetoes'))).toBe(false)
    await page.click('button.secondary')
    await at(page, 'left')
    await shoot(page, 'left')
    expect(sent.some((one) => one.includes('/v1/vetoes'))).toBe(false)
    expect(await stateOf(recovery)).toBe('collecting')
    await owner.veto(circle.owner.client, { recovery })
  })

  it('tells a slip of the finger at the field, and another key as what it is', async () => {
    const { link, recovery } = await opened()
    const page = await visit(link, { colorScheme: 'dark' })
    await page.fill('textarea', vetoKey.slice(0, 30))
    await page.click('button.primary')
    await page.waitForSelector('textarea[aria-invalid]')
    expect(await page.evaluate('document.activeElement.id')).toBe('key')
    expect(await page.inputValue('textarea')).toBe(vetoKey.slice(0, 30))
    await at(page, 'ask')
    await shoot(page, 'ask-wrong-dark')
    expect(sent.some((one) => one.includes('/v1/vetoes'))).toBe(false)
    await page.fill('textarea', (await owner.makeVetoKey()).secret)
    await page.click('button.primary')
    await at(page, 'notYours')
    await shoot(page, 'not-yours-dark')
    expect(await stateOf(recovery)).toBe('collecting')
    await page.click('button.primary')
    await at(page, 'ask')
    await page.fill('textarea', vetoKey)
    await page.click('button.primary')
    await at(page, 'stopped')
    await shoot(page, 'stopped-dark')
  })

  it('says that a request has ended, and that a link is broken', async () => {
    const { link, requester: device } = await opened()
    await requester.cancel(device)
    const page = await visit(link)
    await page.fill('textarea', vetoKey)
    await page.click('button.primary')
    await at(page, 'ended')
    await shoot(page, 'ended')
    await context?.close()
    const other = await visit(`${service.url}/stop#planted`)
    await at(other, 'broken')
    await shoot(other, 'broken')
  })

  it('offers another try where the service could not be reached, and claims nothing', async () => {
    const { link, recovery } = await opened()
    const page = await visit(link, {}, true)
    let isHeld = true
    let release = (): void => undefined
    await page.route('**/v1/vetoes', async (route) => {
      if (!isHeld) return route.continue()
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return route.abort()
    })
    await page.click('button.primary')
    await at(page, 'sending')
    expect(await page.textContent('[role="status"]')).toContain('sending the objection')
    await shoot(page, 'sending')
    const freeing = setInterval(() => release(), 50)
    await at(page, 'failed')
    clearInterval(freeing)
    await shoot(page, 'failed')
    expect(await stateOf(recovery)).toBe('collecting')
    isHeld = false
    await page.click('button.primary')
    await at(page, 'ask')
    await page.click('button.primary')
    await at(page, 'stopped')
  })

  it('speaks the browser’s language, in its direction, and another one when asked', async () => {
    const { link, recovery } = await opened()
    const page = await visit(link, { locale: 'ar-EG' })
    await at(page, 'ask')
    expect(await page.evaluate('[document.documentElement.lang, document.documentElement.dir]')).toEqual([
      'ar',
      'rtl',
    ])
    await shoot(page, 'ask-arabic')
    await page.fill('textarea', vetoKey)
    await page.selectOption('#language', 'de')
    expect(await page.textContent('h1')).toBe('Diese Wiederherstellung stoppen?')
    expect(await page.evaluate('document.documentElement.dir')).toBe('ltr')
    expect(await page.inputValue('textarea')).toBe(vetoKey)
    await at(page, 'ask')
    await shoot(page, 'ask-german')
    await page.selectOption('#language', 'ar')
    await page.click('button.primary')
    await at(page, 'stopped')
    await shoot(page, 'stopped-arabic')
    expect(await stateOf(recovery)).toBe('vetoed')
  })

  it('tells of a contest until when it lasts', async () => {
    const theirs = await openSdkCircle(service, {
      contacts: 3,
      input: {
        waitingSeconds: 6,
        coolingSeconds: 1,
        stolenQuorum: 3,
        vetoKey: (await owner.makeVetoKey()).publicKey,
      },
    })
    const before = circle
    circle = theirs
    const contested = await opened()
    const page = await visit(contested.link, {}, true)
    await page.click('button.primary')
    await at(page, 'contested')
    expect(await page.textContent('.when')).toContain('They can say so until')
    await shoot(page, 'contested')
    expect(await stateOf(contested.recovery)).toBe('contested')
    await context?.close()
    circle = before
  })

  it('is told from what a screen reader cannot use: axe finds a planted defect', async () => {
    const { link, recovery } = await opened()
    const page = await visit(link)
    expect(await violationsOn(page)).toEqual([])
    await page.evaluate('document.querySelector("label").remove()')
    expect(await violationsOn(page)).toContain('label')
    await owner.veto(circle.owner.client, { recovery })
  })
})
