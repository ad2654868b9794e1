/**
 * Many accounts like one that came about through the service, so that what is measured has the size that it has in earnest.
 */
import type { Account, Recovery } from '../../src/domain/account.ts'
import { newId } from './people.ts'

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
    outbox: { ...model.outbox, entries: [], notices: [], erasures: [] },
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
