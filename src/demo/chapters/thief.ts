/**
 * A thief with a valid ticket asks for the key first: everyone sees it, a contact is not taken in, the owner vetoes.
 */
import { type Client, contact, isHoldfastError, owner, requester } from '@holdfast/client'
import { OWNER, type Friend } from '../cast.ts'
import { connectCall, spoken } from '../phone-call.ts'
import { type Scene, tellWhoWasTold } from '../scene.ts'
import type { Met } from './meeting.ts'

export interface Thwarted {
  /** The thief's request. */
  readonly recovery: string
  /** Outcome of the veto. */
  readonly veto: string
}

/** The message of the error that `run` must end with. */
const refusalFrom = async (code: string, run: () => Promise<unknown>): Promise<string> => {
  try {
    await run()
  } catch (error) {
    if (isHoldfastError(error) && error.code === code) return error.message
    throw error
  }
  throw new Error(`This was meant to fail with ${code}.`)
}

const ask = async ({ stage }: Scene, client: Client, account: string) => {
  const request = await requester.prepare(client, { account, cause: 'lost' })
  const ticket = await stage.backend.ticket(request, `phone number of ${OWNER}`)
  return { from: performance.now(), ...(await requester.open(client, { ticket })) }
}

export const thief = async (scene: Scene, { noor, friends }: Met): Promise<Thwarted> => {
  const { narrator, stage, sightings } = scene
  const ben = friends[1] as Friend
  const phone = stage.device('The thief’s phone', 'thief')
  for (const { device } of friends.slice(-1)) sightings.follow(device)
  await narrator.say(
    'Somebody has talked the phone company into a new SIM card. The app’s text messages now reach the thief, ' +
      'and the ticket for a request is a valid one.',
  )
  const { recovery, from } = await ask(scene, phone.client, noor.account)
  await tellWhoWasTold(scene, [noor, ...friends], recovery, from)
  await sightings.byOwner(noor.device)

  const asked = { owner: noor.account, recovery }
  const code = await connectCall(phone, ben, asked)
  // One time in a million the thief would guess right.
  const guess = code === '424242' ? '242424' : '424242'
  await narrator.say(
    `The thief dares not call, for they know ${OWNER}’s voice. So everyone gets the same message: “New number, ` +
      `can’t talk. Code ${spoken(guess)}.” ${ben.name} types it in.`,
  )
  const type = () => contact.typeCode(ben.device.client, { ...asked, code: guess })
  await narrator.bad(`${ben.name}’s phone: “${await refusalFrom('codes_differ', type)}”`)
  await narrator.aside(
    'A code is made anew between two phones, for one call. Nobody will ever ask for it in a message: not ' +
      `${OWNER}, not the app, not the phone company.`,
  )
  await contact.alarm(ben.device.client, asked)
  await noor.device.told('recovery-alarmed', recovery)
  const { answers } = await requester.status(phone.client)
  await narrator.good(
    `${ben.name} raises the alarm, and everyone is told. The thief’s phone shows “answers: ${answers}”, which ` +
      'could as well be a yes.',
  )
  const veto = await owner.veto(noor.device.client, { recovery })
  await ben.device.told('recovery-ended', recovery)
  await sightings.byOwner(noor.device)
  const { state } = await requester.status(phone.client)
  await narrator.good(`${OWNER} vetoes: ${veto.outcome}. The thief’s phone shows “${state}”.`)

  const another = stage.device('The thief’s other phone', 'thief-again')
  const again = await refusalFrom('backing_off', () => ask(scene, another.client, noor.account))
  await narrator.bad(`The thief asks again: “${again}”`)
  return { recovery, veto: veto.outcome }
}
