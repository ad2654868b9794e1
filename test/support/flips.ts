import { isHoldfastError } from '@holdfast/client/protocol'

/** A message as text parts, and who reads it. */
export interface Flippable {
  readonly parts: Readonly<Record<string, string>>
  /** Codes that a reader may give for a flip in this part; nothing else, and never a value. */
  readonly codes: Readonly<Record<string, readonly string[]>>
  read(parts: Readonly<Record<string, string>>): unknown
}

/** What came of all flips of one part. */
export interface Outcome {
  readonly flips: number
  /** Code → how often; `accepted` for a value, `uncaught …` for an error without a code. */
  readonly codes: Readonly<Record<string, number>>
}

const outcomeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run()
    return 'accepted'
  } catch (error) {
    return isHoldfastError(error) ? error.code : `uncaught ${String(error)}`
  }
}

/** Reads the message once for every bit of the part's characters, with that bit flipped. */
export const flipEveryBit = async (message: Flippable, part: string): Promise<Outcome> => {
  const text = message.parts[part] ?? ''
  const codes: Record<string, number> = {}
  for (let at = 0; at < text.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit))
      const changed = text.slice(0, at) + flipped + text.slice(at + 1)
      const code = await outcomeOf(() => message.read({ ...message.parts, [part]: changed }))
      codes[code] = (codes[code] ?? 0) + 1
    }
  }
  return { flips: text.length * 8, codes }
}
