/**
 * That a search finds what there is, and that tokens and tickets are where they belong.
 */
import { randomBytes } from 'node:crypto'
import { ENCODINGS, ENCODING_NAMES } from './encodings.ts'
import { type Hit, searchFor } from './search.ts'
import type { Secrets } from './secrets.ts'
import type { Wire } from './wire.ts'

/** Names of the encodings in which a secret that is planted among `bytes` is found, sorted. */
export const controlIn = (bytes: Buffer): readonly string[] => {
  const secret = randomBytes(32)
  const search = searchFor(new Map([['planted', Uint8Array.from(secret)]]))
  const forms = ENCODING_NAMES.map((encoding) => ENCODINGS[encoding](secret)[0] ?? Buffer.alloc(0))
  // One after the other at places of their own, so that none tears another apart.
  const step = Math.floor(bytes.length / forms.length)
  const copy = Buffer.concat(forms.flatMap((form, at) => [bytes.subarray(at * step, (at + 1) * step), form]))
  return [...new Set(search.in(copy).map(({ encoding }) => encoding))].toSorted()
}

/** Every token that was ever issued, or shown over a socket. */
export const noteTokens = (secrets: Secrets, wire: Wire): void => {
  const issued = wire
    .read()
    .toString('latin1')
    .matchAll(/"token":"([^"]+)"/g)
  for (const [at, token] of [...new Set([...issued].map(([, text = '']) => text))].entries())
    secrets.notePass(`token ${at + 1}`, token)
}

const PLACE = /(Bearer |"token":"|"ticket":")$/

/** On the wire: what is anywhere but in the one place that is its own, and which tokens and tickets there were. */
export const passesIn = (
  { all, passes }: Secrets,
  wire: Buffer,
): { readonly misplaced: readonly Hit[]; readonly found: ReadonlySet<string> } => {
  const before = (at: number) => wire.subarray(Math.max(0, at - 10), at).toString('latin1')
  const isInPlace = ({ secret, encoding, at }: Hit) =>
    passes.has(secret) && encoding === 'raw' && PLACE.test(before(at))
  const hits = searchFor(all).in(wire)
  return {
    misplaced: hits.filter((hit) => !isInPlace(hit)),
    found: new Set(hits.map(({ secret }) => secret)),
  }
}
