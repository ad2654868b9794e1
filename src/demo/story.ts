/**
 * The story from beginning to end, and what comes out of it.
 */
import { approve } from './chapters/approvals.ts'
import { end } from './chapters/ending.ts'
import { lose } from './chapters/loss.ts'
import { meet } from './chapters/meeting.ts'
import { protect } from './chapters/protection.ts'
import { thief } from './chapters/thief.ts'
import { wait } from './chapters/waiting.ts'
import { OWNER } from './cast.ts'
import { period } from './wording.ts'
import type { Result, Step } from './result.ts'
import type { Scene } from './scene.ts'
import { sha256 } from './secret-file.ts'

/** What is known so far: `--json` prints it also when the story breaks off. */
export type Draft = { -readonly [Field in keyof Result]: Result[Field] }

export const newDraft = ({ options, key }: Pick<Scene, 'options' | 'key'>): Draft => ({
  recovered: false,
  contacts: options.contacts,
  threshold: options.threshold,
  waitingSeconds: options.waitingSeconds,
  key: { bytes: key.bytes.length, sha256: sha256(key.bytes), recoveredSha256: null },
  steps: [],
  totalMs: 0,
  states: { thief: [], owner: [] },
  veto: null,
  liars: [],
})

/** Plays all chapters, and fills in the draft as it goes. */
export const play = async (scene: Scene, draft: Draft): Promise<void> => {
  const { narrator, options, stage, signal, sightings } = scene
  const steps: Step[] = []
  draft.steps = steps
  const chapter = async <T>(name: string, title: string, run: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted()
    narrator.chapter(title)
    const from = performance.now()
    const outcome = await run()
    const ms = Math.round(performance.now() - from)
    steps.push({ name, ms })
    narrator.took(ms)
    return outcome
  }

  narrator.title(
    'Holdfast',
    `A lost key comes back through people one trusts: any ${options.threshold} of ${options.contacts}, ` +
      `after a waiting period of ${period(options.waitingSeconds)}.`,
  )
  await chapter('start', 'A service starts', async () => {
    await narrator.say(`It listens on ${await stage.open()}, for this machine only.`)
    await narrator.say('It will see ciphertexts, signatures, and who is whose contact. Never a key.')
    await stage.ready()
  })
  const met = await chapter('meet', `${OWNER} meets her contacts`, () => meet(scene))
  await chapter('protect', `${OWNER} protects her key`, () => protect(scene, met))
  const thwarted = await chapter('thief', 'A thief asks for it', () => thief(scene, met))
  draft.veto = thwarted.veto
  const asking = await chapter('loss', 'The phone is lost', () => lose(scene, met))
  await chapter('codes', 'Two codes for each call', () => approve(scene, asking, met))
  const released = await chapter('wait', 'Time for a veto', () => wait(scene, asking, met))
  draft.liars = released.liars.map(({ slot, name }) => ({ slot, name }))
  const outcome = await chapter('compare', 'The key is back', () => end(scene, met, asking, released))
  draft.states = {
    thief: sightings.of(thwarted.recovery),
    owner: sightings.of(asking.asked.recovery),
  }
  draft.key = { ...draft.key, recoveredSha256: outcome.recoveredSha256 }
  draft.recovered = outcome.recovered
}
