/**
 * Many accounts like one that came about through the service, so that what is measured has the size that it has in earnest.
 */
import type { Account, Recovery } from '../../src/domain/account.ts'
import { KEPT_ENTRIES } from '../../src/domain/journal.ts'
import { newId } from './people.ts'

let copies = 0

/** So many entries that have not left the document. */
const logOf = (count: number): Pick<Account, 'log' | 'outbox'> => {
  const hash = (sequence: number): string => String(sequence).padStart(43, '0')
  const entries = Array.from({ length: count }, (_, at) => ({
    sequence: at + 1,
    at: 1_700_000_000_000 + at,
    type: 'recovery-answered',
    details: { recovery: '0'.repeat(22), slot: at, decision: 'approve', stolen: false },
    previous: at === 0 ? null : hash(at),
    hash: hash(at + 1),
  }))
  return {
    log: { sequence: count, hash: count === 0 ? null : hash(count) },
    outbox: { entries, notices: [], erasures: [] },
  }
}

/** Another owner with other contacts, whose request waits and may be released at `releasableAt`, Unix ms; reminders were sent. */
export const waitingCopy = (model: Account, releasableAt: number): Account => {
  const [recovery] = model.recoveries
  const { active } = model.circle
  if (recovery === undefined || active === null) throw new Error('The model has no open request.')
  const contacts = new Map(active.slots.map(({ contact }) => [contact, newId()]))
  const other = (contact: string): string => contacts.get(contact) ?? contact
  const quorumAt = releasableAt - recovery.policy.waitingSeconds * 1000
  const waiting: Recovery = {
    ...recovery,
    recovery: newId(),
    state: 'waiting',
    openedAt: quorumAt,
    quorumAt,
    answeredAt: quorumAt,
    answers: recovery.answers.map((answer) => ({ ...answer, contact: other(answer.contact) })),
    reminded: ['quorum', 'half', 'day', 'hour'],
  }
  const slots = active.slots.map((slot) => ({ ...slot, contact: other(slot.contact) }))
  return {
    ...model,
    id: newId(),
    circle: { ...model.circle, active: { ...active, slots } },
    recoveries: [waiting],
    // Spread evenly: as many as in earnest are about to let theirs go.
    ...logOf(copies++ % (KEPT_ENTRIES + 1)),
    revision: 0,
  }
}

/** Runs `act` on every item, `atOnce` at a time. */
export const each = async <T>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<unknown>,
): Promise<void> => {
  let next = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < items.length) await act(items[next++] as T)
    }),
  )
}
