/**
 * The parts of a service, counting what they do: a part of compose.ts. Nothing that is counted can fail what is done.
 */
import type { Incident, Report } from './jobs/incident.ts'
import type { Metrics } from './observe/metrics.ts'
import type { Channels, Destination } from './use-cases/channels.ts'
import type { Notices, Records } from './use-cases/ports.ts'

/** The same records, whose commits are counted, with the log entries that they make. */
export const countedRecords = <R extends Records>(records: R, metrics: Metrics): R => {
  const commit: Records['commit'] = async (next, conditions) => {
    try {
      const outcome = await records.commit(next, conditions)
      metrics.count('commits_total', { outcome })
      if (outcome !== 'committed') return outcome
      for (const { type, details } of conditions.logged ?? []) {
        metrics.count('log_entries_total', { event: type })
        if (type === 'recovery-ended')
          metrics.count('recoveries_ended_total', { state: String(details['state']) })
      }
      return outcome
    } catch (error) {
      metrics.count('commits_total', { outcome: 'failed' })
      throw error
    }
  }
  return new Proxy(records, {
    get(target, name) {
      if (name === 'commit') return commit
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

export const countedNotices = (notices: Notices, metrics: Metrics): Notices => ({
  async deliver(notice, revision) {
    try {
      await notices.deliver(notice, revision)
      metrics.count('notices_total', { channel: 'live', state: 'sent' })
    } catch (error) {
      metrics.count('notices_total', { channel: 'live', state: 'again' })
      throw error
    }
  },
})

/** The same channels, whose tries are counted by what came of them. */
export const countedChannels = (channels: Channels, metrics: Metrics): Channels => ({
  pushKey: channels.pushKey,
  offered: (app) => channels.offered(app),
  async send(to, telling) {
    const outcome = await channels.send(to, telling)
    const state = outcome.state === 'failed' && outcome.again ? 'again' : outcome.state
    metrics.count('notices_total', { channel: to.channel, state })
    return outcome
  },
})

/** A try that led nowhere is one of its channel, and said: nobody else notices it. */
export const countedUnreadable =
  (report: Report, metrics: Metrics) =>
  (account: string, channel: Destination['channel']): void => {
    metrics.count('notices_total', { channel, state: 'again' })
    report({ event: 'destination_unreadable', account, code: 'misconfigured' })
  }

const queueOf = (incident: Incident): string => ('queue' in incident ? incident.queue : 'none')

export const countedReport =
  (report: Report, metrics: Metrics): Report =>
  (incident) => {
    metrics.count('incidents_total', { event: incident.event, queue: queueOf(incident) })
    report(incident)
  }
