/**
 * The owner's phone is lost, and a new one asks for the key.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, isHoldfastError, requester } from '@holdfast/client'
import { OWNER } from '../cast.ts'
import type { Device } from '../device.ts'
import type { Asked } from '../phone-call.ts'
import { type Scene, tellWhoWasTold } from '../scene.ts'
import type { Met } from './meeting.ts'

export interface Asking {
  /** The new phone. */
  readonly phone: Device
  readonly asked: Asked
}

/** The veto made everyone wait a little: once more when the service says. A refused ticket is still unused. */
const openOnceWelcome = async (client: Client, ticket: string, signal: AbortSignal) => {
  for (;;) {
    try {
      return { from: performance.now(), ...(await requester.open(client, { ticket })) }
    } catch (error) {
      if (!isHoldfastError(error) || error.code !== 'backing_off') throw error
      await sleep(error.retryAfterMs ?? 1000, undefined, { signal })
    }
  }
}

export const lose = async (scene: Scene, { noor, friends }: Met): Promise<Asking> => {
  const { narrator, stage, sightings, signal } = scene
  await noor.device.lose()
  await narrator.bad(
    `${OWNER}’s phone falls into a lake. Its storage is deleted here as well: no device holds the key now.`,
  )
  const phone = stage.device(`${OWNER}’s new phone`, 'noor-new')
  const request = await requester.prepare(phone.client, { account: noor.account, cause: 'lost' })
  const ticket = await stage.backend.ticket(request, `passport of ${OWNER}`)
  await narrator.say(
    `At the app’s counter ${OWNER} shows her passport and gets a ticket. It opens a request, and nothing else.`,
  )
  const { recovery, from } = await openOnceWelcome(phone.client, ticket, signal)
  await phone.connect('requester')
  await tellWhoWasTold(scene, friends, recovery, from)
  for (const { device } of friends.slice(-1)) await sightings.byContact(device)
  return { phone, asked: { owner: noor.account, recovery } }
}
