/**
 * Tells sockets of a change in the moment in which it is durable.
 *
 * [Note: Told twice, heard once] The outbox tells them as well, a little later and whatever happens; under load its turn may take
 * seconds, for which nobody who is watching should wait. A gateway passes on only the first of the two.
 */
import type { Account, Notice } from '../domain/account.ts'
import type { Records } from '../use-cases/ports.ts'

/** The same records, whose commits tell of the notices that they add. Nobody waits for that, and its failure fails nothing. */
export const tellingAtOnce = <R extends Pick<Records, 'commit'>>(
  records: R,
  tell: (notice: Notice, revision: number) => Promise<void>,
): R => {
  const commit: Records['commit'] = async (next, conditions) => {
    const outcome = await records.commit(next, conditions)
    const revision = conditions.ifRevision + 1
    if (outcome === 'committed')
      for (const notice of noticesOf(next, revision)) tell(notice, revision).catch(() => undefined)
    return outcome
  }
  return new Proxy(records, {
    get(target, name) {
      if (name === 'commit') return commit
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** Those that this revision added: their ids say so. Others in the outbox were told of with theirs. */
const noticesOf = ({ id, outbox }: Account, revision: number): readonly Notice[] =>
  outbox.notices.filter(({ notice }) => notice.startsWith(`${id}.${revision}.`))
