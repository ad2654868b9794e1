/**
 * Ten ways in which a secret may lie in a file or pass over a wire. Each gives the byte strings of which one must occur where
 * the secret does: several where the form depends on what stands before it.
 */
const ALPHABET32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const text = (value: string): Buffer => Buffer.from(value, 'latin1')
const joined = (bytes: Uint8Array, each: (byte: number) => string, between = ''): string =>
  Array.from(bytes, each).join(between)

/** Groups of bits, most significant first. The characters at the ends, which mix with what surrounds the secret, are cut off. */
const inGroups = (bytes: Uint8Array, size: number, alphabet: string, before: number): string => {
  const bits = '0'.repeat(before * 8) + joined(bytes, (byte) => byte.toString(2).padStart(8, '0'))
  const first = Math.ceil((before * 8) / size)
  const last = Math.floor(bits.length / size)
  return Array.from(
    { length: last - first },
    (_, at) => alphabet[parseInt(bits.slice((first + at) * size, (first + at + 1) * size), 2)],
  ).join('')
}

const ALPHABET64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

const base64 = (bytes: Uint8Array, alphabet: string): readonly Buffer[] =>
  [0, 1, 2].map((before) => text(inGroups(bytes, 6, alphabet, before)))

const hex2 = (byte: number): string => byte.toString(16).padStart(2, '0')
const everyCase = (value: string): readonly Buffer[] => [text(value.toLowerCase()), text(value.toUpperCase())]

export const ENCODINGS = {
  raw: (bytes) => [Buffer.from(bytes)],
  hex: (bytes) => everyCase(joined(bytes, hex2)),
  base64: (bytes) => base64(bytes, ALPHABET64),
  base64url: (bytes) => base64(bytes, `${ALPHABET64.slice(0, 62)}-_`),
  base32: (bytes) => [0, 1, 2, 3, 4].flatMap((before) => everyCase(inGroups(bytes, 5, ALPHABET32, before))),
  'decimal array': (bytes) => [text(joined(bytes, String, ',')), text(joined(bytes, String, ', '))],
  percent: (bytes) => [
    text(joined(bytes, (byte) => `%${hex2(byte)}`)),
    text(joined(bytes, (byte) => `%${hex2(byte).toUpperCase()}`)),
  ],
  'UTF-16': (bytes) => [
    Buffer.from(
      joined(bytes, (byte) => String.fromCharCode(byte)),
      'utf16le',
    ),
    Buffer.from(Buffer.from(bytes).toString('base64url').slice(0, -1), 'utf16le'),
  ],
  reversed: (bytes) => [
    Buffer.from(bytes).reverse(),
    text(Buffer.from(bytes).toString('base64url').slice(0, -1)).reverse(),
  ],
  'JSON escapes': (bytes) => [
    text(joined(bytes, (byte) => `\\u00${hex2(byte)}`)),
    text(joined(bytes, (byte) => `\\u00${hex2(byte).toUpperCase()}`)),
  ],
} as const satisfies Record<string, (bytes: Uint8Array) => readonly Buffer[]>

export type EncodingName = keyof typeof ENCODINGS
export const ENCODING_NAMES = Object.keys(ENCODINGS) as readonly EncodingName[]
