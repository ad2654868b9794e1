/**
 * Reading signed messages: untrusted → verified → typed. PROTOCOL.md, "Bytes".
 */
import { parseCanonical } from './encoding.ts'
import { HoldfastError } from './errors.ts'
import type { SignedType } from './labels.ts'
import type { Signed } from './schema.ts'
import type { Shape } from './shape.ts'
import { verifyText } from './signing.ts'

/** Parses canonical text against a strict schema. Throws `malformed`. */
export const parseBody = <T>(text: string, schema: Shape<T>): T => schema.parse(parseCanonical(text))

/**
 * Verifies the received text under `publicKey` (base64url) and only then parses it. Throws `signature_rejected` or
 * `malformed`.
 */
export const readMessage = async <T>(
  type: SignedType,
  message: Signed,
  schema: Shape<T>,
  publicKey: string,
): Promise<T> => {
  if (!(await verifyText(type, message.body, message.signature, publicKey)))
    throw new HoldfastError('signature_rejected')
  return parseBody(message.body, schema)
}

/**
 * Reads a message that names its own signer: parses first, to learn the key, then verifies under it. What comes back is
 * self-signed, no more: the caller decides whether that key means anything.
 */
export const readSelfSigned = async <T>(
  type: SignedType,
  message: Signed,
  schema: Shape<T>,
  keyOf: (body: T) => string,
): Promise<T> => {
  const body = parseBody(message.body, schema)
  if (!(await verifyText(type, message.body, message.signature, keyOf(body))))
    throw new HoldfastError('signature_rejected')
  return body
}
