/**
 * As many contacts as are needed talk to the owner and approve. One of them lies, where others could stand in.
 */
import { contact } from '@holdfast/client'
import { type Friend, OWNER } from '../cast.ts'
import { approveWith } from '../liar.ts'
import { compareByVoice, spoken } from '../phone-call.ts'
import type { Scene } from '../scene.ts'
import type { Asking } from './loss.ts'
import type { Met } from './meeting.ts'

/** One bit is enough. */
const falsified = (share: Uint8Array): Uint8Array =>
  Uint8Array.from(share, (byte, index) => (index === 7 ? byte ^ 1 : byte))

/** Codes both ways, then the answer. */
export const callAndApprove = async (
  { narrator }: Scene,
  { phone, asked }: Asking,
  friend: Friend,
  answer: { readonly isFalse: boolean; readonly as: string },
): Promise<void> => {
  const { name } = friend
  const { first, second } = await compareByVoice(phone, friend, asked)
  const { client } = friend.device
  if (answer.isFalse) await approveWith(client, asked, falsified)
  else await contact.approve(client, asked)
  await narrator.row(name, [
    `${`${OWNER} reads out`.padEnd(18)}${spoken(first)}   ${name} types it`,
    `${`${name} reads back`.padEnd(18)}${spoken(second)}   ${OWNER} types it`,
    `${name} approves${answer.as}`,
  ])
}

/** Gives the liar, if there is one. */
export const approve = async (scene: Scene, asking: Asking, { friends }: Met): Promise<Friend | null> => {
  const { narrator, options, sightings } = scene
  const { threshold } = options
  await narrator.say(
    `${OWNER} calls them one by one, or they call her, and takes her time. Her phone and theirs make two codes; ` +
      'each is said by one and typed by the other. Nobody else will ever ask for them.',
  )
  const needed = friends.slice(0, threshold)
  const liar = friends.length > threshold ? (needed.at(-1) ?? null) : null
  for (const friend of needed)
    await callAndApprove(scene, asking, friend, {
      isFalse: friend === liar,
      as: `: ${friend.slot} of ${threshold}`,
    })
  for (const { device } of friends.slice(-1)) await sightings.byContact(device)
  await narrator.aside(
    liar === null
      ? `All ${threshold} are needed, so nobody could stand in for a liar, and nobody lies here. To see one ` +
          'named, let there be more contacts than are needed.'
      : 'One of these phones has been altered and sent a false share. Nobody can see that yet.',
  )
  return liar
}
