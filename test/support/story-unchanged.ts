/**
 * What a refused call must leave behind: nothing.
 */
import type { ErrorCode } from '@holdfast/client'
import { expect } from 'vitest'
import { relayOutbox } from '../../src/use-cases/relay-outbox.ts'
import { ownersView } from './story-circle.ts'
import { codeOf } from './story-refusal.ts'
import type { Stage, StoryPerson } from './story-stage.ts'

/** The owner's view once nothing is on its way any more: relaying what went before would change the revision. */
export const quietView = async (stage: Stage, person: StoryPerson) => {
  await relayOutbox(stage.service().service.deps)(person.account)
  return ownersView(person)
}

/** The call is refused with this code, and this person's account is as it was. */
export const expectUnchanged = async (
  stage: Stage,
  person: StoryPerson,
  call: () => Promise<unknown>,
  code: ErrorCode,
): Promise<void> => {
  const before = await quietView(stage, person)
  expect(await codeOf(call())).toBe(code)
  expect(await ownersView(person)).toEqual(before)
}
