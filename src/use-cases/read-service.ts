/** Says which keys, clock and bounds this service has. */
import type { UseCase } from './use-cases.ts'

export const readService: UseCase<'readService'> = async ({ keys, records, settings }) => ({
  signing: keys.signing.publicKey,
  release: keys.release.publicKey,
  now: await records.now(),
  bounds: {
    waitingSeconds: settings.waitingSeconds,
    coolingSeconds: settings.coolingSeconds,
    collectingSeconds: settings.collectingSeconds,
  },
  development: settings.development,
})
