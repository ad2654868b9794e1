/**
 * Delivers notices: to the log, which keeps them, and to sockets, which are told if they are there.
 */
import type { Notices } from '../use-cases/ports.ts'
import type { Gateway } from '../realtime/gateway.ts'
import type { NoticesLog } from './notices-log.ts'

/** `gateway` is asked for at each notice, since the outbox may be at work before the service listens. */
export const openNotices = (log: NoticesLog, gateway: () => Pick<Gateway, 'tell'> | null): Notices => ({
  async deliver(notice, revision) {
    // Sockets first: nobody who is watching should wait for a disk. Delivering twice is allowed, losing is not.
    await gateway()?.tell(notice, revision)
    await log.append(notice, revision)
  },
})
