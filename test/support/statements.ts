/** Accounts that have stated where they are to be told, as the records hold it. */
import { randomBytes } from 'node:crypto'
import type { Account } from '../../src/domain/account.ts'
import { type Stated, withReach } from '../../src/domain/reach.ts'
import { type KeyRing, atRestOf } from '../../src/store/key-ring.ts'
import { sealStatement } from '../../src/use-cases/destinations-at-rest.ts'
import { accountOf, newId } from './store.ts'

const SIGNED = { body: '{"mail":"ada@example.org"}', signature: randomBytes(64).toString('base64url') }

/** `former`: how many statements before the last one are still kept. */
export const statedUnder = (ring: KeyRing, former = 0): Account => {
  const account = accountOf()
  const stated = (sequence: number): Stated => ({
    sequence,
    sealed: sealStatement(atRestOf(ring), account.id, SIGNED),
    digests: true,
    ways: [{ way: newId(), channel: 'mail', gone: false }],
  })
  return withReach(account, {
    stated: stated(former + 1),
    former: Array.from({ length: former }, (_, index) => stated(index + 1)),
  })
}
