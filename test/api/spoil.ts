/**
 * Spoils what would be right: at one place, with one value, and leaves the rest as it was.
 */
import fc from 'fast-check'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** What a signed text says; null for whatever is none. */
const signedText = (text: string): Json => {
  try {
    return text.startsWith('{') ? (JSON.parse(text) as Json) : null
  } catch {
    return null
  }
}

/** Puts `value` somewhere into `json`: at the leaf that `path` leads to, in signed texts as well. */
export const spoil = (json: Json, path: readonly number[], value: Json): Json => {
  const [step, ...rest] = path
  if (step === undefined) return value
  const inside = typeof json === 'string' ? signedText(json) : null
  if (inside !== null) return JSON.stringify(spoil(inside, path, value))
  if (typeof json !== 'object' || json === null) return value
  const keys = Object.keys(json)
  const key = keys[step % (keys.length + 1)]
  if (Array.isArray(json))
    return key === undefined
      ? [...json, value]
      : json.map((item, at) => (String(at) === key ? spoil(item, rest, value) : item))
  return key === undefined
    ? { ...json, unexpected: value }
    : { ...json, [key]: spoil(json[key] ?? null, rest, value) }
}

/** Of the right form here and there, at its bounds, or of no form at all. */
export const oddValue: fc.Arbitrary<Json> = fc.oneof(
  { weight: 2, arbitrary: fc.jsonValue({ noUnicodeString: false } as object) as fc.Arbitrary<Json> },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Json>(
      ...[
        '',
        '\uD800',
        '\u0000',
        'A'.repeat(22),
        'A'.repeat(43),
        'A'.repeat(86),
        'A'.repeat(3000),
        '__proto__',
      ],
      ...[-1, 0, 1, 2, 3, 33, 255, 256, 0.5, 1e308, 2 ** 31, 2 ** 53, 2 ** 53 - 1],
      ...[null, true, false, {}, [], [[[[]]]], Array<Json>(65).fill(0)],
    ),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^[A-Za-z0-9_-]{21}[AQgw]$/) },
  { weight: 1, arbitrary: fc.stringMatching(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/) },
)

/** Words that stand for something in messages. */
const WORDS = [
  'approve',
  'decline',
  'alarm',
  'codes',
  'digits',
  'identity',
  'veto-key',
  'lost',
  'stolen',
  'none',
]

const bent = (value: Json, pick: number, known: readonly string[]): Json => {
  if (typeof value === 'number') return [value + 1, Math.max(0, value - 1), value + 2, 1][pick % 4] ?? 0
  if (typeof value === 'boolean') return !value
  if (value === null) return known[pick % known.length] ?? null
  if (typeof value !== 'string') return value
  const alike = known.filter((other) => other.length === value.length && other !== value)
  if (alike.length > 0) return alike[pick % alike.length] ?? value
  if (WORDS.includes(value)) return WORDS[pick % WORDS.length] ?? value
  return value.startsWith('A') ? `B${value.slice(1)}` : `A${value.slice(1)}`
}

/** Changes one leaf into another of its form: one of `known` of the same length, the next number, another word. */
export const bend = (json: Json, path: readonly number[], pick: number, known: readonly string[]): Json => {
  if (typeof json !== 'object' || json === null) return bent(json, pick, known)
  const keys = Object.keys(json)
  const key = keys[(path[0] ?? 0) % Math.max(1, keys.length)]
  if (key === undefined) return json
  const next = bend((json as Record<string, Json>)[key] ?? null, path.slice(1), pick, known)
  return Array.isArray(json)
    ? json.map((item, at) => (String(at) === key ? next : item))
    : { ...json, [key]: next }
}
