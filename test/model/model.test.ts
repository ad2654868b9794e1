/** A reduced part of `npm run test:model`: a small machine in every state, three planted defects, a few traces on the service. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MUTANTS, REDUCED } from './configurations.ts'
import { newContacts } from './people.ts'
import { replay } from './replay.ts'
import { missingProgram, type Model, openModel, verify } from './spin.ts'
import { openTown } from './town.ts'
import { tracesOf } from './traces.ts'

const TITLE = 'the recovery machine in Promela'
/** An off-by-one, a clock that nobody asks, an outbox that loses: the defects that cost most. */
const PLANTED = [1, 4, 12]
const TRACES = 20

const proofs = (): void => {
  let model: Model
  beforeAll(async () => {
    model = await openModel()
  })
  afterAll(() => model.close())

  it.each(REDUCED)(
    '$name: no property is broken in any state',
    { timeout: 120_000 },
    async ({ name, ...question }) => {
      const { states, depth, broken } = await verify(model, question)
      console.log(`${name}: ${states} states, depth ${depth}`)
      expect(broken).toBeNull()
      expect(states).toBeGreaterThan(5_000)
    },
  )

  it.each(MUTANTS.filter(({ number }) => PLANTED.includes(number)))(
    'notices that $defect',
    { timeout: 120_000 },
    async ({ number, sizes, killedBy }) => {
      const { broken } = await verify(model, { sizes: { ...sizes, MUTANT: number } })
      expect(killedBy).toContain(broken)
    },
  )

  it(`${TRACES} of its traces go the same way on the service`, { timeout: 300_000 }, async () => {
    const traces = await tracesOf(model, { from: 0, to: TRACES })
    const town = await openTown()
    const contacts = await newContacts(town)
    for (const [index, trace] of traces.entries())
      expect(await replay(town, contacts, trace), `npm run test:model -- --trace ${index}`).toBeNull()
    await town.close()
  })
}

const missing = missingProgram()
if (missing === null) describe(TITLE, proofs)
else if (process.env['HOLDFAST_TEST_ALL'] === '1')
  it(TITLE, () => {
    throw new Error(`${missing} is missing: install the Debian packages spin and gcc`)
  })
else describe.skip(`${TITLE} (skipped: no ${missing} on this machine)`, () => it('holds', () => undefined))
