/**
 * The people of the story.
 */
import { account } from '@holdfast/client'
import type { Device } from './device.ts'
import type { Stage } from './stage.ts'

/** Somebody with a phone and an account on it. */
export interface Person {
  readonly name: string
  readonly device: Device
  readonly account: string
}

/** A contact, who knows the number of the own share. */
export interface Friend extends Person {
  /** 1…n */
  readonly slot: number
}

export const OWNER = 'Noor'

// As many as a circle may have.
const FRIENDS =
  'Anna Ben Chloe Dan Eve Farid Grace Hugo Ines Jonas Kofi Lena Mila Nico Olga Pablo Quinn Rosa Sami Tara ' +
  'Umar Vera Wim Xenia Yusuf Zoe Amir Bea Carl Dora Emil Fay'

export const friendNames = (count: number): readonly string[] => FRIENDS.split(' ').slice(0, count)

/** `Anna, Ben and Chloe`; beyond six, the first four and how many more. */
export const listed = (names: readonly string[]): string => {
  const shown = names.length > 6 ? [...names.slice(0, 4), `${names.length - 4} more`] : names
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`
}

/** Somebody registers: keys are made on the phone, and the app vouches for the phone number. */
export const register = async (stage: Stage, name: string, seed?: Uint8Array): Promise<Person> => {
  const device = stage.device(`${name}’s phone`, name.toLowerCase())
  const request = await account.prepare(device.client, seed === undefined ? {} : { seed })
  const ticket = await stage.backend.ticket(request, `phone number of ${name}`)
  const id = await account.register(device.client, { ticket })
  await device.connect('device')
  return { name, device, account: id }
}
