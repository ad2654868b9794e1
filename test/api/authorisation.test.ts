/**
 * Every role × operation × state, over HTTP, against the rules of matrix/rules.ts. `npm run test:proofs` plays the cells that
 * need a scene of their own as well.
 */
import { OPERATION_NAMES } from '@holdfast/client/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bystanders, newBystanders } from './matrix/people.ts'
import { openPlace, type Place } from './matrix/place.ts'
import { type Played, playState } from './matrix/play.ts'
import { ROLES } from './matrix/roles.ts'
import { RULES } from './matrix/rules.ts'
import { STATES } from './matrix/scenes.ts'

const full = process.env['HOLDFAST_FULL'] === '1'
/** Scenes played side by side: most of a scene is waiting, for the second that its waiting periods last. */
const SIDE_BY_SIDE = 6

let place: Place
let bystanders: Bystanders
beforeAll(async () => {
  place = await openPlace()
  bystanders = await newBystanders(place)
}, 180_000)
afterAll(() => place.close())

it('has a rule for every operation', () => {
  expect(Object.keys(RULES).toSorted()).toEqual([...OPERATION_NAMES].toSorted())
})

it(`answers every cell as the table says: ${STATES.length} states${full ? '' : ', one scene each'}`, async () => {
  const played: Played[] = []
  const waiting = [...STATES]
  const play = async (): Promise<void> => {
    for (let state = waiting.shift(); state !== undefined; state = waiting.shift())
      played.push(await playState(place, bystanders, state, { full }))
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, play))
  const sum = (of: (one: Played) => number) => played.reduce((total, one) => total + of(one), 0)
  const mismatches = played.flatMap((one) => one.mismatches)
  console.info(
    `${OPERATION_NAMES.length} operations × ${ROLES.length} roles × ${STATES.length} states: ` +
      `${sum(({ cells }) => cells)} cells, ${mismatches.length} mismatches, ${sum(({ left }) => left)} left to the full run`,
  )
  for (const { cell, expected, found } of mismatches)
    console.info(`${cell}: expected ${expected}, found ${found}`)
  expect(mismatches).toEqual([])

  // Whoever is refused, wherever and for whatever reason of theirs: status, headers and bytes are those of the code alone.
  const looks = new Map<string, Set<string>>()
  for (const one of played)
    for (const [code, seen] of one.looks) looks.set(code, new Set([...(looks.get(code) ?? []), ...seen]))
  // How much longer to wait is told to the requester, who knows it.
  looks.delete('not_releasable')
  expect([...looks].filter(([, seen]) => seen.size > 1)).toEqual([])
  expect(looks.size).toBeGreaterThan(15)
  expect(place.service.lines.filter((line) => line.includes('answer_undocumented'))).toEqual([])
}, 600_000)
