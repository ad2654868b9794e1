/**
 * Two people on the phone, each with a device that asked or was asked: they compare codes, both ways.
 */
import { contact, requester } from '@holdfast/client'
import type { Friend } from './cast.ts'
import type { Device } from './device.ts'

/** Which request, and whose key it asks for. */
export interface Asked {
  readonly owner: string
  readonly recovery: string
}

/** What was said, as six digits each. */
export interface Said {
  /** By the caller, typed by the contact. */
  readonly first: string
  /** By the contact, typed by the caller. */
  readonly second: string
}

/**
 * Up to the moment when the contact's device waits for the code to be typed: the contact begins and says its number, the
 * caller taps "I’m talking to someone", and both devices open what they had committed to.
 */
export const connectCall = async (asking: Device, friend: Friend, asked: Asked): Promise<string> => {
  const { client } = friend.device
  const { slot } = await contact.compare(client, asked)
  await requester.answer(asking.client, { slot })
  if ((await contact.reveal(client, asked)) === null) throw new Error('The answer did not arrive.')
  const code = await requester.readOut(asking.client, { slot })
  if (code === null) throw new Error('The code did not arrive.')
  return code
}

/** The whole call. From then on this contact counts as confirmed, on both sides. Throws `codes_differ`. */
export const compareByVoice = async (asking: Device, friend: Friend, asked: Asked): Promise<Said> => {
  const first = await connectCall(asking, friend, asked)
  const { readBack: second } = await contact.typeCode(friend.device.client, { ...asked, code: first })
  await requester.typeCode(asking.client, { slot: friend.slot, code: second })
  return { first, second }
}

/** `482 913` */
export const spoken = (code: string): string => `${code.slice(0, 3)} ${code.slice(3)}`
