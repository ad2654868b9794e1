/**
 * A real service over real HTTP whose clock only the test moves, and which no worker disturbs: jobs come when the trace says so.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AnswerOf,
  HoldfastError,
  OPERATIONS,
  type Operation,
  type OperationName,
} from '@holdfast/client/protocol'
import type { EmbeddedRecords } from '../../src/store/embedded/records.ts'
import { startService } from '../support/service.ts'
import { appsSetting } from '../support/story-stage.ts'
import { newApp } from '../support/test-app.ts'
import { type Given, HOUR, type World } from '../support/world.ts'

/** One tick of the model. */
export const TICK = HOUR
export const PERIODS = { waiting: 2, collecting: 5, cooling: 2, contest: 3, delay: 2 }

const seconds = (ticks: number): string => String((ticks * TICK) / 1000)

const START = Date.UTC(2026, 0, 5, 12)

type Shared = 'deps' | 'app' | 'otherApp' | 'now' | 'advance' | 'call' | 'close'

export interface Town extends Pick<World, Shared> {
  readonly records: EmbeddedRecords
}

/** For the actors of the tests, who need its clock, its apps and its calls. */
export const asWorld = (town: Town): World => town as unknown as World

const pathOf = ({ path }: Operation, params: unknown): string =>
  Object.entries((params ?? {}) as Record<string, string>).reduce(
    (text, [name, value]) => text.replace(`:${name}`, encodeURIComponent(value)),
    path,
  )

export const openTown = async (): Promise<Town> => {
  let at = START
  const now = (): number => at
  const [app, otherApp] = [newApp('letters', now), newApp('parcels', now)]
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-town-'))
  const running = await startService({
    folder,
    queue: 'none',
    role: 'api',
    clock: { wall: now, monotonic: () => at - START },
    env: {
      HOLDFAST_APPS: appsSetting([app, otherApp]),
      HOLDFAST_BACK_OFF_SECONDS: '0',
      HOLDFAST_CONTEST_SECONDS: seconds(PERIODS.contest),
      HOLDFAST_DELAY_SECONDS: seconds(PERIODS.delay),
      // What stands in where there is no circle collects as long as a circle does.
      HOLDFAST_COLLECTING_MAX_SECONDS: seconds(PERIODS.collecting),
    },
  })
  const { deps } = running.service
  const call = async <N extends OperationName>(name: N, given: Given<N> = {}): Promise<AnswerOf<N>> => {
    const operation: Operation = OPERATIONS[name]
    const headers: Record<string, string> = {}
    if (given.caller !== undefined)
      headers['authorization'] = `Bearer ${(await deps.tokens.issue(given.caller, at)).token}`
    if (operation.method === 'POST') headers['content-type'] = 'application/json'
    const response = await fetch(`${running.url}${pathOf(operation, given.params)}`, {
      method: operation.method,
      headers,
      ...(operation.method === 'POST' && { body: JSON.stringify(given.body ?? {}) }),
    })
    const answer: unknown = await response.json()
    if (response.ok) return answer as AnswerOf<N>
    throw new HoldfastError((answer as { code: HoldfastError['code'] }).code)
  }
  return {
    deps,
    app,
    otherApp,
    records: deps.records as EmbeddedRecords,
    now,
    advance(ms) {
      at += ms
    },
    call,
    async close() {
      await running.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
