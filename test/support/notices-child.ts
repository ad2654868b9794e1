/**
 * Appends to the log of notices in argv[2] until it is refused, under whatever limit its parent has set, and says with what.
 */
import { isHoldfastError } from '@holdfast/client/protocol'
import type { Notice } from '../../src/domain/account.ts'
import { openNoticesLog } from '../../src/notify/notices-log.ts'

const log = openNoticesLog(process.argv[2] ?? '')
const noticeOf = (number: number): Notice => ({
  notice: `AAAAAAAAAAAAAAAAAAAAAA.${number}.0`,
  at: number,
  event: 'recovery-opened',
  audience: { role: 'owner', account: 'AAAAAAAAAAAAAAAAAAAAAA' },
  recovery: null,
})

for (let number = 0; ; number += 1)
  try {
    await log.append(noticeOf(number), 1)
  } catch (error) {
    process.stdout.write(
      JSON.stringify({ number, code: isHoldfastError(error) ? error.code : String(error) }),
    )
    break
  }
