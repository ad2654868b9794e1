/**
 * The waiting period, the release, and a liar who is named.
 */
import { isHoldfastError, requester } from '@holdfast/client'
import { socketTransport } from '@holdfast/client/live'
import { type Friend, OWNER } from '../cast.ts'
import type { Scene } from '../scene.ts'
import { callAndApprove } from './approvals.ts'
import type { Asking } from './loss.ts'
import type { Met } from './meeting.ts'

export interface Released {
  readonly found: requester.RecoveredKey
  readonly liars: readonly Friend[]
}

/** The key, or the slots that lied where too few shares were sound. */
const pull = async (
  { narrator, signal }: Scene,
  { phone }: Asking,
): Promise<requester.RecoveredKey | readonly number[]> => {
  let stop: (() => void) | undefined
  try {
    return await requester.recoverWhenReady(phone.client, {
      signal,
      transport: socketTransport,
      onProgress: ({ earliestAt, now }) => {
        if (earliestAt === null || earliestAt <= now) return
        stop ??= narrator.countdown('The waiting period', Date.now() + earliestAt - now)
      },
    })
  } catch (error) {
    if (isHoldfastError(error) && error.code === 'too_few_shares') return error.slots
    throw error
  } finally {
    stop?.()
  }
}

export const wait = async (scene: Scene, asking: Asking, { friends }: Met): Promise<Released> => {
  const { narrator, options } = scene
  await narrator.say(
    `Enough have approved, and everyone is told. Were this another thief, ${OWNER} would stop it now with a tap ` +
      'on her phone. Contacts, too, can still change their mind. There is nothing to do but wait.',
  )
  const pulled = await pull(scene, asking)
  await narrator.good('Released: the service’s factor and the shares, sealed to the new phone.')
  // Both in one moment, most often; and told a moment later.
  for (const { device } of friends.slice(-1))
    for (const event of ['recovery-releasable', 'recovery-released'] as const)
      await device.told(event, asking.asked.recovery)
  if ('seed' in pulled) return { found: pulled, liars: [] }

  const liars = friends.filter(({ slot }) => pulled.includes(slot))
  for (const { slot, name } of liars)
    await narrator.bad(`The share of contact ${slot} is false, and the new phone says so. That is ${name}.`)
  await narrator.say(
    `The other ${options.threshold - liars.length} are sound and none is lost. One more contact is needed.`,
  )
  const others = friends.slice(options.threshold)
  for (const [index, { name }] of liars.entries()) {
    const other = others[index]
    if (other === undefined) throw new Error('There is nobody left to stand in.')
    await callAndApprove(scene, asking, other, { isFalse: false, as: `, in place of ${name}` })
  }
  return { found: await requester.recover(asking.phone.client), liars }
}
