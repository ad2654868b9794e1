import { expect, test } from 'vitest'
import { openQueueBackend } from '../../src/jobs/queue-backend.ts'
import { delayUntil, LONGEST_DELAY_MS } from '../../src/jobs/queues.ts'
import { queueConformance } from './conformance.ts'
import { makeFolder } from './scene.ts'

test('a delay is a whole number of ms that a timer can hold, never 0', () => {
  expect(delayUntil(1_000, 2_000)).toBe(1)
  expect(delayUntil(1_000, 1_000)).toBe(1)
  expect(delayUntil(1_000.2, 1_000)).toBe(1)
  expect(delayUntil(3_000.5, 1_000)).toBe(2_001)
  expect(delayUntil(Number.MAX_SAFE_INTEGER, 0)).toBe(LONGEST_DELAY_MS)
})

const folder = makeFolder()
queueConformance({
  name: 'PGlite',
  open: (report) => openQueueBackend({ engine: 'pglite', folder: folder.queue }, report),
  remove: folder.remove,
})
