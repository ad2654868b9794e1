/**
 * Which engine a run of the tests is on: embedded, or scaled out with HOLDFAST_TEST_ENGINE=scaled, as `npm run test:engines` sets
 * it. The test files are the same.
 */
import { it } from 'vitest'

export const IS_SCALED = process.env['HOLDFAST_TEST_ENGINE'] === 'scaled'

type Define = (title: string, test: () => unknown, timeoutMs?: number) => void

/**
 * `it` for a test whose point is something that only the embedded engine has. Scaled out it is named as skipped, with the reason.
 */
export const onEmbedded =
  (reason: string): Define =>
  (title, test, timeoutMs) =>
    IS_SCALED
      ? it.skip(`${title} (skipped: ${reason})`, () => undefined)
      : it(title, async () => void (await test()), timeoutMs)
