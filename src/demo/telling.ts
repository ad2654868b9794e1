/**
 * One telling of the story: sets the stage, plays, clears up.
 */
import { once } from 'node:events'
import { Narrator } from './narrator.ts'
import type { Options } from './options.ts'
import { openRecording } from './recording.ts'
import type { Result } from './result.ts'
import { checkPaths, takeKey } from './secret-file.ts'
import { Sightings } from './sightings.ts'
import { Stage } from './stage.ts'
import { newDraft, play } from './story.ts'

/** Rejects as soon as the signal aborts, whatever is under way. */
const interruption = async (signal: AbortSignal): Promise<never> => {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}

const spelled = ({ code, message }: NonNullable<Result['error']>): string =>
  code === 'interrupted' ? message : `${code}: ${message}`

/**
 * Plays the story and resolves to its result, also where it broke off. Rejects with a Refusal if it could not begin; nothing
 * was written then.
 */
export const tell = async (
  options: Options,
  signal: AbortSignal,
  errorOf: (error: unknown) => NonNullable<Result['error']>,
): Promise<Result> => {
  await checkPaths(options)
  const key = await takeKey(options)
  const { record, json } = options
  const stage = await Stage.prepare(options, () => (record === null ? null : openRecording(record)))
  const narrator = new Narrator(json ? process.stderr : process.stdout, !json)
  const draft = newDraft({ options, key })
  const from = performance.now()
  try {
    const scene = { options, key, stage, narrator, sightings: new Sightings(), signal }
    await Promise.race([play(scene, draft), interruption(signal)])
  } catch (error) {
    draft.error = signal.aborted
      ? { code: 'interrupted', message: 'Interrupted. Nothing is left running.' }
      : errorOf(error)
  } finally {
    await stage.close()
  }
  draft.totalMs = Math.round(performance.now() - from)
  if (draft.error !== undefined) narrator.line(`\n  ${spelled(draft.error)}`)
  if (options.dataDir !== null) narrator.line(`\n  Kept in ${options.dataDir}`)
  narrator.line(`\nrecovered: ${draft.recovered ? 'yes' : 'no'}`)
  narrator.mute()
  return draft
}
