/** When time alone changes a claim, as the model has it. Ms, by the model's clock. */
import type { Claim, Rules } from './model.ts'

const alarmed = (claim: Claim): boolean => claim.facts.some(({ says }) => says === 'alarm')

/** Since when there have been enough approvals without a break. */
export const quorumSince = (claim: Claim, { threshold }: Rules): number | null => {
  const yes = new Set<number>()
  let since: number | null = null
  for (const { at, slot, says } of claim.facts) {
    if (says === 'approve') yes.add(slot)
    else yes.delete(slot)
    if (yes.size < threshold) since = null
    else since ??= at
  }
  return since
}

export const ripeAt = (claim: Claim, rules: Rules): number | null => {
  const since = quorumSince(claim, rules)
  if (since === null) return null
  const { beatenAt, restoredAt } = claim
  const ripe = Math.max(since, restoredAt ?? since) + (alarmed(claim) ? 2 : 1) * rules.waiting
  return beatenAt === null ? ripe : Math.max(ripe, beatenAt) + rules.waiting
}

/** From when on nobody may have it any more that could be had, or was. */
export const lapsesAt = (claim: Claim, rules: Rules): number =>
  claim.releasedAt === null
    ? (ripeAt(claim, rules) ?? Infinity) + Math.max(rules.collecting, rules.waiting)
    : claim.releasedAt + rules.collecting

export const expiresAt = ({ openedAt, epoch }: Claim, rules: Rules): number =>
  openedAt + (epoch === 0 ? rules.decoyCollecting : rules.collecting)
