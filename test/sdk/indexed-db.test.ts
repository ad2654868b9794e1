import type * as Sdk from '@holdfast/client'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { changeRecord } from '../../client-sdk/src/device-state.ts'
import { type Browser, startBrowser, whyNoBrowser } from '../support/browser.ts'

declare const sdk: typeof Sdk & {
  readonly changeRecord: typeof changeRecord
}

const ENTRY = `
  export * from './client-sdk/src/index.ts'
  export { changeRecord } from './client-sdk/src/device-state.ts'
`

describe.skipIf(whyNoBrowser !== null)(`IndexedDB in Chromium ${whyNoBrowser ?? ''}`, () => {
  let browser: Browser
  let profile: string
  beforeAll(async () => {
    profile = await mkdtemp(join(tmpdir(), 'holdfast-profile-'))
    browser = await startBrowser(ENTRY, profile)
  })
  afterAll(async () => {
    await browser.close()
    await rm(profile, { recursive: true, force: true })
  })

  it('says storage_failed when there is no room, keeps what was there, and goes on once there is', async () => {
    const page = await browser.page()
    const cdp = await browser.context().newCDPSession(page)
    const { origin } = browser
    // Before anything is stored: Chromium remembers for a while how much room an origin has.
    await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 400_000 })
    await page.evaluate(() => sdk.indexedDbStorage().set('small', 'kept'))
    const code = await page.evaluate(async () => {
      const storage = sdk.indexedDbStorage()
      // Noise, since Chromium compresses.
      const noise = () => String.fromCharCode(...crypto.getRandomValues(new Uint16Array(30_000)))
      try {
        for (let i = 0; i < 200; i += 1) await storage.set(`large ${i}`, noise() + noise() + noise())
        return 'stored'
      } catch (error) {
        return (error as { code: string }).code
      }
    })
    expect(code).toBe('storage_failed')
    await cdp.send('Storage.overrideQuotaForOrigin', { origin })
    const after = await page.evaluate(async () => {
      const storage = sdk.indexedDbStorage()
      await storage.set('more', 'x'.repeat(1_000_000))
      return [await storage.get('small'), (await storage.get('more'))?.length]
    })
    expect(after).toEqual(['kept', 1_000_000])
  })

  it('gives back what was last set, to every page, and after a crash', async () => {
    const page = await browser.page()
    await page.evaluate(async () => {
      const storage = sdk.indexedDbStorage()
      await storage.set('a', '1')
      await storage.set('a', '2')
      await storage.set('__proto__', 'x')
      await storage.set('gone', 'x')
      await storage.delete('gone')
      await storage.delete('gone')
    })
    const read = async (from = browser.page()) =>
      (await from).evaluate(async () => {
        const storage = sdk.indexedDbStorage()
        return Promise.all(['a', '__proto__', 'gone', 'constructor'].map((key) => storage.get(key)))
      })
    expect(await read()).toEqual(['2', 'x', null, null])
    await browser.restart()
    expect(await read()).toEqual(['2', 'x', null, null])
    const other = await browser.page()
    expect(await other.evaluate(() => sdk.indexedDbStorage('other').get('a'))).toBeNull()
  })

  it('two tabs that change one record at one time lose nothing', async () => {
    const pages = await Promise.all([browser.page(), browser.page()])
    const counts = pages.map((page) =>
      page.evaluate(async () => {
        const storage = sdk.indexedDbStorage()
        const count = () =>
          sdk.changeRecord(storage, 'circle', (own) => ({
            activeEpoch: 0,
            highestEpoch: (own?.highestEpoch ?? 0) + 1,
          }))
        return Promise.all(Array.from({ length: 25 }, count))
      }),
    )
    const numbers = (await Promise.all(counts)).flat().map(({ highestEpoch }) => highestEpoch)
    expect(new Set(numbers).size).toBe(50)
    expect(Math.max(...numbers)).toBe(50)
  })

  it('opens anew when the browser took the database away', async () => {
    const page = await browser.page()
    const value = await page.evaluate(async () => {
      const storage = sdk.indexedDbStorage('taken')
      await storage.set('a', '1')
      await new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('taken')
        request.onsuccess = resolve
        request.onerror = reject
        request.onblocked = () => reject(new Error('blocked'))
      })
      const gone = await storage.get('a')
      await storage.set('a', '2')
      return [gone, await storage.get('a')]
    })
    expect(value).toEqual([null, '2'])
  })
})
