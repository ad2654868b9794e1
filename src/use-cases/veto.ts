/** Stops a request, by the identity key from any device or by the veto key. PROTOCOL.md, "Recover", step 6. */
import { parseBody, vetoBody } from '@holdfast/client/protocol'
import { findRecovery } from '../domain/recovery.ts'
import { vetoRecovery } from '../domain/recovery-veto.ts'
import { requireSignature } from './signers.ts'
import { transact } from './transact.ts'
import type { UseCase } from './use-cases.ts'

export const veto: UseCase<'veto'> = async (deps, { body: { message } }) => {
  const body = parseBody(message.body, vetoBody)
  const { value } = await transact(deps, { account: body.account }, async (own, now) => {
    const vetoKey = findRecovery(own, body.recovery)?.vetoKey ?? null
    const key = body.by === 'identity' ? (own.identity?.keys.signing ?? null) : vetoKey
    await requireSignature('veto', message, [key], deps.keys)
    return vetoRecovery(own, { body }, now, deps.settings)
  })
  return value
}
