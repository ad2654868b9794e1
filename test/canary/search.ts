/**
 * Searches many byte strings at once, in one pass over what may be tens of megabytes.
 */
import { ENCODINGS, ENCODING_NAMES, type EncodingName } from './encodings.ts'

export interface Hit {
  readonly secret: string
  readonly encoding: EncodingName
  readonly at: number
}

interface Needle {
  readonly secret: string
  readonly encoding: EncodingName
  readonly bytes: Buffer
}

/** Bits of the table that most positions are told apart by. */
const TABLE_BITS = 20

export interface Search {
  /** Every place at which a secret begins. */
  in(haystack: Buffer): readonly Hit[]
}

/** `secrets`: name → bytes, at least six of them. */
export const searchFor = (secrets: ReadonlyMap<string, Uint8Array>): Search => {
  const byStart = new Map<number, Needle[]>()
  const mayStart = new Uint8Array(1 << TABLE_BITS)
  for (const [secret, bytes] of secrets) {
    if (bytes.length < 6) throw new RangeError(`${secret} is too short to be told from chance.`)
    for (const encoding of ENCODING_NAMES)
      for (const needle of ENCODINGS[encoding](bytes)) {
        const start = needle.readUInt32BE(0)
        byStart.set(start, [...(byStart.get(start) ?? []), { secret, encoding, bytes: needle }])
        mayStart[placeOf(start)] = 1
      }
  }
  return {
    in(haystack) {
      const hits: Hit[] = []
      let window = 0
      for (let at = 0; at < haystack.length; at += 1) {
        window = ((window << 8) | (haystack[at] as number)) >>> 0
        if (at < 3 || mayStart[placeOf(window)] === 0) continue
        for (const { secret, encoding, bytes } of byStart.get(window) ?? [])
          if (
            bytes.equals(haystack.subarray(at - 3, at - 3 + bytes.length)) &&
            !isPartOfNumber(haystack, at - 3, bytes)
          )
            hits.push({ secret, encoding, at: at - 3 })
      }
      return hits
    },
  }
}

const placeOf = (start: number): number => Math.imul(start, 0x9e3779b1) >>> (32 - TABLE_BITS)

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39

/** Six digits within an instant of thirteen are no code. */
const isPartOfNumber = (haystack: Buffer, at: number, bytes: Buffer): boolean =>
  bytes.every(isDigit) && (isDigit(haystack[at - 1]) || isDigit(haystack[at + bytes.length]))
