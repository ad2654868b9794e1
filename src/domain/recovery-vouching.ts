/**
 * Which requests keep their place when a new one is opened. PROTOCOL.md, "Recover", step 1.
 */
import type { Recovery } from './account.ts'
import { liveApprovals } from './recovery.ts'

interface Vouched {
  readonly recovery: string
  readonly at: number
}

/** When this slot last spoke for the request, Unix ms: it found the codes alike, or approved. Null if neither stands. */
const spokenAt = (recovery: Recovery, slot: number): number | null => {
  const matched = recovery.sessions.filter((one) => one.slot === slot && one.step === 'matched')
  const approved = liveApprovals(recovery).filter((one) => one.slot === slot)
  const instants = [...matched.map(({ movedAt }) => movedAt), ...approved.map(({ at }) => at)]
  return instants.length === 0 ? null : Math.max(...instants)
}

/**
 * Ids of those of `open` (oldest first) that do not give way to a new request: released ones, and those that a contact vouches
 * for. A stranger can so occupy no place, and a contact one: it vouches only for the request that it spoke for last, or one
 * who is false, with three tickets, would keep the owner out.
 */
export const vouchedForIn = (open: readonly Recovery[]): ReadonlySet<string> => {
  const last = new Map<string, Vouched>()
  for (const one of open) {
    const slots = new Set([...one.sessions, ...one.answers].map(({ slot }) => slot))
    for (const slot of slots) {
      const at = spokenAt(one, slot)
      // A slot is one contact's within its circle.
      const contact = `${one.coreHash} ${slot}`
      if (at !== null && at >= (last.get(contact)?.at ?? 0)) last.set(contact, { recovery: one.recovery, at })
    }
  }
  const released = open.filter(({ state }) => state === 'released')
  return new Set([...released, ...last.values()].map(({ recovery }) => recovery))
}
