/** A request waits while a backup is taken, and the backup is put back: by the commands, as an operator does it. */
import { join } from 'node:path'
import { owner } from '@holdfast/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCommand } from '../support/command.ts'
import { buildService } from '../support/process.ts'
import { approveAll, ask, pullOnly } from '../support/story-call.ts'
import { DAY, HOUR, contactAt, openCircle } from '../support/story-circle.ts'
import { codeOf } from '../support/story-refusal.ts'
import { openStage, type Stage } from '../support/story-stage.ts'

let stage: Stage
beforeAll(async () => {
  buildService()
  stage = await openStage()
}, 180_000)
afterAll(() => stage.close())

it('it waits anew from the restore on, is vetoed as before, and the keys that were kept still know what ended', async () => {
  const [open, over] = [await openCircle(stage), await openCircle(stage)]
  const [phone, thief] = [await ask(stage, open.owner.account), await ask(stage, over.owner.account)]
  await approveAll(phone, [contactAt(open, 1), contactAt(open, 2)])
  await approveAll(thief, [contactAt(over, 1), contactAt(over, 2)])
  stage.advance(DAY - HOUR)

  const env = { HOLDFAST_MODE: 'development', HOLDFAST_DATA_DIR: stage.folder }
  const to = join(stage.folder, 'backup-of-records')
  const taken = await runCommand('backup', ['--records-to', to], env)
  expect(taken, taken.said).toMatchObject({ code: 0 })
  expect(await owner.veto(over.owner.client, thief)).toMatchObject({ outcome: 'vetoed' })
  const { keyStore } = stage.service().service.deps
  await expect.poll(() => keyStore.isEnded(over.owner.account, thief.recovery)).toBe(true)
  expect((await runCommand('restore', ['--records-from', to, '--replace'], env)).said).toContain(
    'uses the data folder',
  )
  await stage.restart(async () => {
    const restored = await runCommand('restore', ['--records-from', to, '--replace'], env)
    expect(restored, restored.said).toMatchObject({ code: 0 })
  })

  stage.advance(2 * HOUR)
  // Without the restore it would be free by now.
  expect(await codeOf(pullOnly(phone))).toBe('not_releasable')
  stage.advance(DAY)
  expect(await codeOf(pullOnly(thief))).toBe('recovery_ended')
  await pullOnly(phone)
}, 60_000)
