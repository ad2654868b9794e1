/** A clock that is behind, a disk that is full, a folder in use, a configuration that is none: said clearly, nothing changed. */
import { spawnSync } from 'node:child_process'
import { owner, requester } from '@holdfast/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeService } from '../../src/compose.ts'
import { ConfigError } from '../../src/config-reader.ts'
import { readConfig } from '../../src/config.ts'
import { openLog } from '../../src/observe/log.ts'
import { IS_SCALED, onEmbedded } from '../support/engine.ts'
import { approveAll, ask, pullOnly } from '../support/story-call.ts'
import { build, superviseService, type Supervised } from '../support/story-child.ts'
import { DAY, contactAt, openCircle, ownersView, protect } from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { quietView } from '../support/story-unchanged.ts'
import { openStage, type Stage, type StoryPerson } from '../support/story-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

describe('a clock', () => {
  onEmbedded('MongoDB’s clock is the server’s')(
    'behind: nothing is done, and it goes on once the clock has caught up',
    async () => {
      const circle = await openCircle(stage)
      const before = await quietView(stage, circle.owner)
      stage.advance(-DAY)
      expect(await codeOf(owner.status(circle.owner.client))).toBe('clock_behind')
      expect(await codeOf(protect(circle))).toBe('clock_behind')
      expect(await codeOf(ask(stage, circle.owner.account))).toBe('clock_behind')
      expect((await fetch(`${stage.url}/healthz`)).status).toBe(503)
      stage.advance(DAY)
      expect(await ownersView(circle.owner)).toEqual(before)
    },
  )

  onEmbedded('MongoDB’s clock is the server’s')(
    'that jumps while the service runs releases nothing early',
    async () => {
      const circle = await openCircle(stage, { waitingSeconds: 3600 })
      const phone = await ask(stage, circle.owner.account)
      await approveAll(phone, [contactAt(circle, 1), contactAt(circle, 2)])
      // The wall clock alone: no time has passed by the monotonic one.
      const wall = Date.now
      Date.now = () => wall() + 2 * 3_600_000
      try {
        expect(await codeOf(pullOnly(phone))).toBe('not_releasable')
      } finally {
        Date.now = wall
      }
    },
  )
})

describe('a disk', () => {
  let service: Supervised
  beforeAll(async () => {
    if (IS_SCALED) return
    build()
    // Room for the records' first pages, and a little more.
    service = await superviseService({ limitKiB: 1024 })
  }, 120_000)
  afterAll(() => service?.close())

  onEmbedded('fills the disk under the data folder')(
    'that is full: storage_full, and what was there stands; with room again it goes on',
    async () => {
      const holder = await service.person()
      const before = await lasting(holder)
      const made: [StoryPerson, Awaited<ReturnType<typeof lasting>>][] = []
      const make = async (): Promise<void> => {
        const one = await service.person()
        made.push([one, await lasting(one)])
      }
      expect(await fill(make)).toBe('storage_full')
      expect(await lasting(holder)).toEqual(before)
      expect(await refusedOf(made)).toEqual(['storage_full'])
      expect(await lasting(holder)).toEqual(before)

      await service.killAndArm()
      expect(await lasting(holder)).toEqual(before)
      const phone = await ask(service, holder.account)
      expect((await requester.status(phone.client)).state).toBe('collecting')
    },
    60_000,
  )

  /** Asks about one after the other until it is refused: what is relayed meanwhile may leave room for a request or two. */
  const refusedOf = async (made: readonly (readonly [StoryPerson, unknown])[]): Promise<string[]> => {
    for (const [one, before] of made) {
      const code = await ask(service, one.account).then(
        () => null,
        (error: unknown) => (error as { code: string }).code,
      )
      if (code === null) continue
      expect(await lasting(one)).toEqual(before)
      return [code]
    }
    return []
  }
})

/** All but the revision, which what is relayed late still moves. */
const lasting = async (person: StoryPerson) => {
  const { revision: _, ...view } = await ownersView(person)
  return view
}

/** Does it until it is refused; the code. */
const fill = async (act: () => Promise<unknown>): Promise<string> => {
  for (let count = 0; count < 2000; count += 1) {
    const refusal = await act().then(
      () => null,
      (error: unknown) => (error as { code: string }).code,
    )
    if (refusal !== null) return refusal
  }
  return 'never full'
}

describe('a start', () => {
  onEmbedded('records in a data folder')(
    'on a data folder that is in use is refused, and the one that runs does not notice',
    async () => {
      const config = readConfig({
        HOLDFAST_MODE: 'development',
        HOLDFAST_DATA_DIR: stage.folder,
        PORT: '0',
      })
      const log = openLog('silent')
      await expect(composeService(config, { log, queue: 'none' })).rejects.toThrow(/uses the data folder/)
      expect((await fetch(`${stage.url}/healthz`)).status).toBe(200)
    },
  )

  it('without a configuration, or with a wrong one, names every mistake at once and ends', () => {
    expect(() => readConfig({})).toThrow(ConfigError)
    const env = {
      PATH: process.env['PATH'] ?? '',
      PORT: 'x',
      HOLDFAST_SWEEP_SECONDS: '0',
      HOLDFAST_TYPO: '1',
    }
    const { status, stderr, stdout } = spawnSync(process.execPath, ['dist/src/main.js'], {
      env,
      encoding: 'utf8',
    })
    expect([status, stdout]).toEqual([78, ''])
    for (const name of [
      'HOLDFAST_MASTER_KEY_FILE',
      'HOLDFAST_APPS',
      'PORT',
      'HOLDFAST_SWEEP_SECONDS',
      'HOLDFAST_TYPO',
    ])
      expect(stderr).toContain(name)
  })
})
