/**
 * Everyone gets a phone and an account, and the owner meets her contacts by link.
 */
import { randomBytes } from 'node:crypto'
import { contact, owner } from '@holdfast/client'
import { type Friend, OWNER, type Person, friendNames, listed, register } from '../cast.ts'
import type { Scene } from '../scene.ts'

export interface Met {
  readonly noor: Person
  /** In slot order. */
  readonly friends: readonly Friend[]
  /** The identity seed that the story is about, as it was before. */
  readonly seed: Uint8Array
}

export const meet = async ({ options, stage, narrator }: Scene): Promise<Met> => {
  const seed = randomBytes(32)
  const names = friendNames(options.contacts)
  const noor = await register(stage, OWNER, seed)
  const people = await Promise.all(names.map((name) => register(stage, name)))
  await narrator.say(
    `${OWNER} sends each of them a link, by a channel they already trust. It carries a secret that never ` +
      'reaches the service.',
  )
  const { client } = noor.device
  const links: string[] = []
  for (const _ of names) links.push((await owner.invite(client, { base: 'https://app.example/meet' })).link)
  await Promise.all(
    people.map(({ device }, index) => contact.acceptInvitation(device.client, links[index] ?? '')),
  )
  const met = await owner.contacts(client)
  if (met.length !== people.length) throw new Error('Somebody’s answer did not arrive.')
  await narrator.good(
    `${listed(names)} answered. Both sides of each pair now hold the other’s keys, verified as far as the ` +
      'link was private.',
  )
  return { noor, seed, friends: people.map((person, index) => ({ ...person, slot: index + 1 })) }
}
