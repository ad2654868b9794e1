import { HoldfastError } from './errors.ts'

/** What a message may hold. Numbers are safe integers. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Nesting of a message, at most. */
export const MAX_DEPTH = 16
/** UTF-16 units of a message, at most; 256 KiB of ASCII. */
export const MAX_TEXT_LENGTH = 256 * 1024

// One half of a surrogate pair alone: it has no UTF-8 form, so that two such texts could share one signature.
const LONE_SURROGATE = /\p{Surrogate}/u

const malformed = (): never => {
  throw new HoldfastError('malformed')
}

// Printable ASCII but " and \: nearly every text in a message, and its own JSON form.
const PLAIN = /^[ !#-[\]-~]*$/

const quoted = (text: string): string => {
  if (PLAIN.test(text)) return `"${text}"`
  return LONE_SURROGATE.test(text) ? malformed() : JSON.stringify(text)
}

const isPlainObject = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const write = (value: unknown, depth: number): string => {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : malformed()
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (value === null) return 'null'
  if (typeof value !== 'object' || depth >= MAX_DEPTH) return malformed()
  // Every message is written twice on its way, when it is made and when it is read: appending takes a third of joining.
  let out = ''
  if (Array.isArray(value)) {
    for (const item of value) out += `${out === '' ? '' : ','}${write(item, depth + 1)}`
    return `[${out}]`
  }
  // A Date, a Map or a Secret would silently become something else.
  if (!isPlainObject(value)) return malformed()
  const members = value as Record<string, unknown>
  // RFC 8785 §3.2.3: sorted by UTF-16 units, which is how JavaScript sorts strings.
  for (const key of Object.keys(members).sort())
    out += `${out === '' ? '' : ','}${memberName(key)}:${write(members[key], depth + 1)}`
  return `{${out}}`
}

// "__proto__" means something else to an assignment than to JSON.parse: no message needs it.
const memberName = (key: string): string => (key === '__proto__' ? malformed() : quoted(key))

/**
 * The one text of a value by the JSON Canonicalization Scheme (RFC 8785), narrowed to safe integers. Throws `malformed` for
 * anything that has none: other numbers, undefined, lone surrogates, objects of a class, nesting over {@link MAX_DEPTH}.
 */
export const canonicalize = (value: Json): string => write(value, 0)

/**
 * The value of a canonical text. Throws `malformed` for every other text: one that is not JSON, longer than
 * {@link MAX_TEXT_LENGTH}, or not the exact text that {@link canonicalize} gives (white space, order, duplicates, escapes).
 */
export function parseCanonical(text: string): Json {
  if (typeof text !== 'string' || text.length > MAX_TEXT_LENGTH) return malformed()
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return malformed()
  }
  return canonicalize(value) === text ? value : malformed()
}
