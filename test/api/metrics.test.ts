import { contact, requester } from '@holdfast/client'
import { EVENT_NAMES, OPERATION_NAMES } from '@holdfast/client/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { labelValue, openMetrics } from '../../src/observe/metrics.ts'
import { openSdkCircle } from '../support/sdk-circle.ts'
import { ask, at, talk } from '../support/sdk-recovery.ts'
import { startService, type TestService } from '../support/service.ts'

describe('metrics', () => {
  let service: TestService | undefined
  afterEach(async () => {
    await service?.close()
    service = undefined
  })

  const scrape = async (): Promise<string> => {
    const response = await fetch(`${service?.metricsUrl}/metrics`)
    expect(response.headers.get('content-type')).toContain('text/plain')
    return response.text()
  }

  it('are not there unless they are asked for, and then at an address of their own', async () => {
    service = await startService({ queue: 'none' })
    expect(service.metricsUrl).toBeNull()
    expect((await fetch(`${service.url}/metrics`)).status).toBe(404)
    await service.close()
    service = await startService({ queue: 'none', env: { HOLDFAST_METRICS_PORT: '0' } })
    expect(service.metricsUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await fetch(`${service.url}/metrics`)).status).toBe(404)
    expect(await scrape()).toContain('holdfast_')
    for (const path of ['/', '/metrics/', '/readyz'])
      expect((await fetch(`${service.metricsUrl}${path}`)).status).toBe(404)
    expect((await fetch(`${service.metricsUrl}/metrics`, { method: 'POST' })).status).toBe(404)
  })

  it('tell what a recovery did, and no label holds an id or anything that was sent', async () => {
    service = await startService({ env: { HOLDFAST_METRICS_PORT: '0' } })
    const circle = await openSdkCircle(service, { contacts: 2, input: { waitingSeconds: 1 } })
    const device = await ask(service, circle.owner.account)
    for (const slot of [1, 2])
      await contact.approve(at(circle, slot), await talk(device, at(circle, slot), circle.owner.account))
    await requester.recoverWhenReady(device, { signal: AbortSignal.timeout(20_000) })
    await fetch(`${service.url}/${circle.owner.account}`)

    await service.service.started()
    for (const told of [
      'event="recovery-released"',
      'event="factor-erased"',
      'holdfast_sweep_still_ms',
      'holdfast_queue_delayed',
    ])
      await expect.poll(scrape, { timeout: 10_000 }).toContain(told)
    const text = await scrape()
    const valueOf = (line: string): number =>
      Number(
        text
          .split('\n')
          .find((one) => one.startsWith(`${line} `))
          ?.slice(line.length + 1),
      )
    expect(valueOf('holdfast_http_requests_total{operation="pullRelease",status="200"}')).toBeGreaterThan(0)
    expect(valueOf('holdfast_http_requests_total{operation="none",status="404"}')).toBeGreaterThan(0)
    expect(valueOf('holdfast_http_request_seconds_count{operation="openRecovery"}')).toBe(1)
    expect(valueOf('holdfast_commits_total{outcome="committed"}')).toBeGreaterThan(10)
    expect(valueOf('holdfast_log_entries_total{event="recovery-opened"}')).toBe(1)
    expect(valueOf('holdfast_notices_total{channel="live",state="sent"}')).toBeGreaterThan(5)
    expect(valueOf('holdfast_part_state{part="records"}')).toBe(0)
    for (const figure of ['clock_difference_ms', 'backlog_due', 'backlog_late_ms', 'sweep_still_ms'])
      expect(valueOf(`holdfast_${figure}`), figure).not.toBeNaN()
    for (const figure of ['sockets_open', 'queue_delayed', 'notices_oldest_ms'])
      expect(valueOf(`holdfast_${figure}`), figure).toBeGreaterThanOrEqual(0)
    for (const own of ['nodejs_eventloop_lag_p99_seconds', 'process_resident_memory_bytes'])
      expect(valueOf(own), own).toBeGreaterThan(0)

    const labels = [...text.matchAll(/[{,](\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ])
    expect(labels.length).toBeGreaterThan(50)
    const ours = new Set<string>([...OPERATION_NAMES, ...EVENT_NAMES])
    for (const [name = '', value = ''] of labels)
      if (!ours.has(value))
        expect(`${name}=${value}`).toMatch(/^\w+=(v?[\d.]+|[a-z]+([-_][a-z]+)*|\+Inf|[A-Z]\w{1,20})$/)
    const people = [circle.owner.account, ...circle.contacts.map((one) => one.account)]
    for (const id of people) expect(text).not.toContain(id)
  })

  it('count what is on no list as other, and forget the figures of a part that failed', async () => {
    const id = 'q5J3yTLRT2mYDqZ1u0B7Kw'
    expect(labelValue('operation', id)).toBe('other')
    let failed = false
    const metrics = await openMetrics(async () => ({
      status: 'ready',
      parts: { clock: failed ? { state: 'failed', code: 'timeout' } : { state: 'ok', differenceMs: 7 } },
    }))
    metrics.count('log_entries_total', { event: id })
    metrics.count('http_requests_total', { operation: 'veto', status: '999' })
    metrics.took(id, 1)
    const { text } = await metrics.read()
    expect(text).not.toContain(id)
    expect(text).toContain('holdfast_log_entries_total{event="other"} 1')
    expect(text).toContain('holdfast_http_requests_total{operation="veto",status="other"} 1')
    expect(text).toContain('holdfast_clock_difference_ms 7')
    failed = true
    const later = await metrics.read()
    expect(later.text).not.toContain('holdfast_clock_difference_ms 7')
    expect(later.text).toContain('holdfast_part_state{part="clock"} 2')
  })
})
