/** Changes of the circle as the model has them, and a restore of the records. */
import { type Model, openOf, type Outcome, stateOf } from './model.ts'

export const propose = (model: Model): Outcome => {
  if (model.change?.epoch === null) return 'change_pending'
  const cools = model.active !== null || model.mustCool
  model.highestEpoch += 1
  const coolsAt = cools ? model.now + model.rules.cooling : -Infinity
  model.change = {
    epoch: model.highestEpoch,
    proposedAt: model.now,
    coolsAt,
    accepted: false,
    delayed: false,
  }
  return 'changed'
}

export const askDeletion = (model: Model): Outcome => {
  if (model.active === null) return 'no_circle'
  if (model.change !== null) return model.change.epoch === null ? 'unchanged' : 'change_pending'
  const coolsAt = model.now + model.rules.cooling
  model.change = { epoch: null, proposedAt: model.now, coolsAt, accepted: true, delayed: false }
  return 'changed'
}

/** The records turn out to come from a backup: whatever was under way before starts anew, whatever was given out is held back. */
export const restore = (model: Model): void => {
  const { now, rules, change } = model
  const concerned = openOf(model).filter((claim) => claim.openedAt < now)
  for (const claim of concerned.filter((one) => stateOf(one, model) !== 'collecting')) {
    claim.restoredAt = now
    claim.releasedAt = null
  }
  if (change !== null && change.proposedAt < now && change.coolsAt !== -Infinity)
    change.coolsAt = Math.max(change.coolsAt, now + rules.cooling)
}
