/** No way to reach anybody who is not connected: for a service that is configured with none. */
import type { Channels } from '../use-cases/channels.ts'

export const noChannels: Channels = {
  offered: () => new Set(),
  pushKey: null,
  send: async () => ({ state: 'failed', reason: 'misconfigured', again: false }),
}
