/**
 * The key is split and sealed, every contact checks and accepts a share, and the circle is active.
 */
import { contact, owner } from '@holdfast/client'
import { OWNER, listed } from '../cast.ts'
import { period } from '../wording.ts'
import type { Scene } from '../scene.ts'
import type { Met } from './meeting.ts'

export const protect = async (scene: Scene, { noor, friends }: Met): Promise<void> => {
  const { options, key, narrator } = scene
  const { threshold, waitingSeconds } = options
  await narrator.say(
    `Protected are ${OWNER}’s 32-byte identity seed and ${key.name}, ${key.bytes.length} bytes.`,
  )
  const { warnings } = await owner.protect(noor.device.client, {
    contacts: friends.map(({ account }) => account),
    threshold,
    waitingSeconds,
    payload: key.bytes,
  })
  await narrator.say(
    `Any ${threshold} of ${friends.length} contacts will be enough, and fewer are worth nothing. The service ` +
      `adds a factor of its own, which it holds back for a waiting period: ${period(waitingSeconds)} ` +
      'here, days in earnest.',
  )
  for (const { text } of warnings) await narrator.bad(text)
  await Promise.all(
    friends.map(async ({ device }) => {
      const { offers } = await contact.shares(device.client)
      for (const offer of offers) await contact.accept(device.client, offer)
    }),
  )
  await narrator.good(`${listed(friends.map(({ name }) => name))} each opened, checked and accepted a share.`)
  // Their devices pin the circle as active.
  await Promise.all(friends.map(({ device }) => contact.shares(device.client)))
  const { circle } = await owner.status(noor.device.client)
  if (circle.active === null) throw new Error('The circle did not become active.')
  await narrator.good('The circle is active.')
}
