/**
 * Plays a change of the circle on both sides.
 */
import { acceptShare } from '../../src/domain/circle-acceptance.ts'
import { cancelChange, requestDeletion } from '../../src/domain/circle-consent.ts'
import { proposeEpoch } from '../../src/domain/circle-proposal.ts'
import { acceptanceOf, proposalFor, signedText } from '../support/circles.ts'
import { RULES } from '../support/requests.ts'
import * as says from './model-changes.ts'
import { act, shapeOf, type World } from './model-world.ts'

export const changeCircle = (world: World, kind: 'propose' | 'accept' | 'delete' | 'withdraw'): void => {
  const { model, real } = world
  const { active, pending, deletion } = real.circle
  if (kind === 'propose') {
    const core = { owner: real.identity!.keys }
    const proposal = proposalFor(real, { ...shapeOf(model.rules), core })
    const decision = proposeEpoch(real, proposal, model.now, RULES)
    act(world, 'propose', null, says.propose(model), decision)
  } else if (kind === 'accept') {
    const open = pending?.slots.filter(({ state }) => state === 'offered') ?? []
    open.forEach(({ slot }, index) => {
      if (index === open.length - 1 && model.change !== null) model.change.accepted = true
      const acceptance = acceptanceOf(world.real, slot)
      act(world, 'accept', null, 'changed', acceptShare(world.real, acceptance, model.now, RULES))
    })
  } else if (kind === 'delete' && active !== null) {
    const { circle, epoch, coreHash } = active
    const body = { account: real.id, circle, epoch, coreHash }
    const request = { body, message: signedText(body) }
    act(world, 'delete', null, says.askDeletion(model), requestDeletion(real, request, model.now))
  } else if (kind === 'withdraw' && (pending !== null || deletion !== null)) {
    const coreHash = (deletion === null ? pending : active)!.coreHash
    model.change = null
    const decision = cancelChange(real, { account: real.id, coreHash }, model.now)
    act(world, 'withdraw', null, 'changed', decision)
  }
}
